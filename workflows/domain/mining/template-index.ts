/**
 * Files templates by their fixed text, so that a prompt leads to the few that may fit it. Pure.
 *
 * Of a long prompt only the beginning and the end are looked at. So every template is filed under the rarest 3-gram of
 * those that stand there in all of its prompts; where many others have it too, also under its rarest one anywhere,
 * which short prompts lead to.
 */
import { finish, hashStructure, marks } from './sequence.ts'
import { tokenKind } from './signs.ts'
import { tokenize, type Tokens } from './tokens.ts'
import { countNeeded, listTools, toSort } from './tools.ts'
import type { MinedPattern, MinedTemplate, TemplatePart } from './types.ts'

export interface Filed {
  pattern: string
  template: MinedTemplate
  tools: { names: string[]; needed: number }
  order: number
}

export interface TemplateIndex {
  size: number
  byGram: Map<number, Filed[]>
  /** A bit for each 3-gram: hardly any of a prompt's are filed, and the map is slow to say so. */
  gramBits: Uint32Array
  /** Templates without any 3-gram. */
  byToken: Map<number, Filed[]>
}

/** What is looked at of a text: so many tokens at its beginning and its end, within so many characters. */
export const windows = { head: 1024, headCharacters: 6144, tail: 512, tailCharacters: 2048 } as const

/** So many templates a step. */
const stepTemplates = 10
/** A 3-gram that so few templates have is good enough. */
const maxShared = 4

interface Keys {
  /** Of 3-grams that stand in the windows of every prompt. */
  anchored: number[]
  grams: number[]
  tokens: number[]
}

/** In steps, for whoever must not stop for the whole of it. O(fixed text of all templates). */
export function* buildIndex(patterns: Pick<MinedPattern, 'id' | 'templates'>[]): Generator<undefined, TemplateIndex> {
  const all = patterns.flatMap(({ id, templates }) => templates.map((template) => toFiled(id, template)))
  all.sort((a, b) => b.template.weight - a.template.weight)
  all.forEach((filed, index) => (filed.order = index))
  const gramCounts = new Map<number, number>()
  const tokenCounts = new Map<number, number>()
  const keys: Keys[] = []
  for (const [place, { template }] of all.entries()) {
    if (place % stepTemplates === stepTemplates - 1) yield
    const own = keysOf(template)
    count(own.grams, gramCounts)
    count(own.tokens, tokenCounts)
    keys.push(own)
  }
  const index: TemplateIndex = {
    size: all.length,
    byGram: new Map(),
    gramBits: new Uint32Array(gramWords),
    byToken: new Map(),
  }
  for (const [place, filed] of all.entries()) {
    if (place % stepTemplates === stepTemplates - 1) yield
    file(index, filed, keys[place] as Keys, gramCounts, tokenCounts)
  }
  for (const gram of index.byGram.keys()) {
    const word = (gram >>> 5) % gramWords
    index.gramBits[word] = (index.gramBits[word] as number) | (1 << (gram & 31))
  }
  return index
}

function toFiled(pattern: string, template: MinedTemplate): Filed {
  const names = listTools(template.structure)
  return { pattern, template, tools: { names, needed: countNeeded(names, template.leastTools) }, order: 0 }
}

function file(
  { byGram, byToken }: TemplateIndex,
  filed: Filed,
  { anchored, grams, tokens }: Keys,
  gramCounts: Map<number, number>,
  tokenCounts: Map<number, number>,
): void {
  if (grams.length === 0) {
    if (tokens.length > 0) push(byToken, rarest(tokens, tokenCounts), filed)
    return
  }
  const anywhere = rarest(grams, gramCounts)
  if (anchored.length === 0) return push(byGram, anywhere, filed)
  const atEnds = rarest(anchored, gramCounts)
  push(byGram, atEnds, filed)
  if ((gramCounts.get(atEnds) as number) > Math.max(maxShared, gramCounts.get(anywhere) as number))
    push(byGram, anywhere, filed)
}

function count(keys: number[], counts: Map<number, number>): void {
  for (const key of new Set(keys)) counts.set(key, (counts.get(key) ?? 0) + 1)
}

function rarest(keys: number[], counts: Map<number, number>): number {
  return keys.reduce((best, key) => ((counts.get(key) as number) < (counts.get(best) as number) ? key : best))
}

function push(index: Map<number, Filed[]>, key: number, filed: Filed): void {
  const list = index.get(key)
  if (list) list.push(filed)
  else index.set(key, [filed])
}

function keysOf(template: MinedTemplate): Keys {
  const keys: Keys = { anchored: [], grams: [], tokens: [] }
  const salt = toSalt(template.structure)
  addKeys(keys, template.system, marks.systemStart, marks.systemEnd, salt)
  addKeys(keys, template.user, marks.userStart, marks.userEnd, salt)
  return keys
}

/** 3-grams and tokens of the fixed texts. Line breaks beside a slot are left out: they melt into those of the slot. */
function addKeys(keys: Keys, parts: TemplatePart[] | null, start: number, end: number, salt: number): void {
  parts?.forEach((part, index) => {
    if (!('fixed' in part)) return
    const tokens = tokenize(part.fixed)
    const { kinds, count } = tokens
    const atStart = index === 0
    const atEnd = index === parts.length - 1
    const from = !atStart && kinds[0] === tokenKind.line ? 1 : 0
    const to = Math.max(from, !atEnd && kinds[count - 1] === tokenKind.line ? count - 1 : count)
    const row = [...(atStart ? [start] : []), ...tokens.hashes.slice(from, to), ...(atEnd ? [end] : [])]
    for (let place = 0; place + 2 < row.length; place++) {
      const gram = shortGram(row[place] as number, row[place + 1] as number, row[place + 2] as number, salt)
      keys.grams.push(gram)
      const first = Math.max(0, from + place - (atStart ? 1 : 0))
      if ((atStart && isInHead(tokens, first)) || (atEnd && isInTail(tokens, first, part.fixed.length)))
        keys.anchored.push(gram)
    }
    for (const hash of tokens.hashes.slice(from, to)) keys.tokens.push(toTokenKey(hash, salt))
  })
}

/** Whether a 3-gram from this token on stands in the window at the beginning. */
function isInHead({ ends, count }: Tokens, first: number): boolean {
  const last = Math.min(count - 1, first + 2)
  return last + 1 < windows.head && (ends[last] ?? 0) < windows.headCharacters
}

function isInTail({ starts, count }: Tokens, first: number, length: number): boolean {
  return count - first < windows.tail && length - (starts[first] ?? 0) < windows.tailCharacters
}

/** 32 kB: it stays in the processor's cache. */
const gramWords = 8192

/** Whether a 3-gram may be filed; few that are not pass. */
export function mayHold({ gramBits }: TemplateIndex, gram: number): boolean {
  return (((gramBits[(gram >>> 5) % gramWords] as number) >>> (gram & 31)) & 1) === 1
}

export function toSalt(structure: string): number {
  return hashStructure(toSort(structure))
}

export function toTokenKey(hash: number, salt: number): number {
  return finish(hash ^ salt)
}

/** 30 bits, so that the index works on small integers; whoever collides is sorted out by the fitting. */
export function shortGram(first: number, second: number, third: number, salt: number): number {
  return (
    finish(Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77) ^ Math.imul(third, 0xc2b2ae3d) ^ salt) &
    0x3fffffff
  )
}
