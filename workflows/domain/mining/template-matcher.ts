/**
 * Finds the pattern of a prompt among many, on the path of every request. Pure.
 *
 * Every template is filed under its rarest 3-gram of fixed text. A prompt's 3-grams are looked up once; the few
 * templates found that way are tried, the ones that fix most first. So the cost follows the prompt, not the number of
 * templates.
 */
import { fitParts, type Fitting } from './parts.ts'
import { clipText, finish, hashStructure, marks } from './sequence.ts'
import { tokenKind } from './signs.ts'
import { createTokens, tokenize } from './tokens.ts'
import { defaultLimits, type MinedPattern, type MinedPrompt, type MinedTemplate, type TemplatePart } from './types.ts'

export interface ExplainedPiece {
  in: 'system' | 'user'
  /** `null` = fixed text. */
  slot: string | null
  text: string
  start: number
  end: number
}

export interface Match {
  pattern: string
  template: MinedTemplate
  /** What each slot holds: filling the template with them gives the texts back exactly. */
  slots: Record<string, string>
  /** Every piece of both texts in order: which fixed parts matched where, which slots held what. */
  explanation: ExplainedPiece[]
}

export interface Matcher {
  /** `null` = no known pattern. O(length of the prompt) plus the templates tried, at most `maxTried`. */
  match(prompt: MinedPrompt): Match | null
}

/** So many templates are tried for one prompt, the ones that fix most first. */
const maxTried = 256

interface Filed {
  pattern: string
  template: MinedTemplate
  order: number
}

/** Builds the whole index at once. O(fixed text of all templates). */
export function createMatcher(patterns: Pick<MinedPattern, 'id' | 'templates'>[]): Matcher {
  const steps = buildMatcher(patterns)
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

/** The same in steps of some templates each, for whoever must not stop for the whole of it. */
export function* buildMatcher(patterns: Pick<MinedPattern, 'id' | 'templates'>[]): Generator<undefined, Matcher> {
  const all: Filed[] = patterns.flatMap(({ id, templates }) =>
    templates.map((template) => ({ pattern: id, template, order: 0 })),
  )
  all.sort((a, b) => b.template.weight - a.template.weight)
  all.forEach((filed, index) => (filed.order = index))
  const { byGram, byToken } = yield* file(all)
  const seen = new Uint32Array(all.length)
  let round = 0
  // One text at a time: its tokens need no memory of their own.
  let room = createTokens(defaultLimits.maxPromptCharacters)

  function collect(text: string | null, start: number, end: number, salt: number, found: Filed[]): void {
    if (text === null) return
    const tokens = (room = tokenize(clipText(text, defaultLimits.maxPromptCharacters) as string, room))
    let before = 0
    let last = start
    for (let place = 0; place <= tokens.count; place++) {
      const hash = place === tokens.count ? end : (tokens.hashes[place] as number)
      if (place > 0) add(byGram.get(shortGram(before, last, hash, salt)), found)
      if (byToken.size > 0) add(byToken.get(finish(hash ^ salt)), found)
      before = last
      last = hash
    }
  }

  function add(filed: Filed[] | undefined, found: Filed[]): void {
    if (filed === undefined) return
    for (const one of filed) {
      if (seen[one.order] === round) continue
      seen[one.order] = round
      found.push(one)
    }
  }

  return {
    match(prompt) {
      round = round === 0xffffffff ? 1 : round + 1
      if (round === 1) seen.fill(0)
      const salt = hashStructure(prompt.structure)
      const found: Filed[] = []
      collect(prompt.system, marks.systemStart, marks.systemEnd, salt, found)
      collect(prompt.user, marks.userStart, marks.userEnd, salt, found)
      if (found.length > 1) found.sort((a, b) => a.order - b.order)
      for (let index = 0; index < found.length && index < maxTried; index++) {
        const { pattern, template } = found[index] as Filed
        const fit = fitTemplate(template, prompt)
        if (fit !== null) return { pattern, template, ...fit }
      }
      return null
    },
  }
}

/** Fits one template to a prompt, both texts. */
export function fitTemplate(template: MinedTemplate, prompt: MinedPrompt): Pick<Match, 'slots' | 'explanation'> | null {
  if (template.structure !== prompt.structure) return null
  if ((template.system === null) !== (prompt.system === null) || (template.user === null) !== (prompt.user === null))
    return null
  const system = template.system === null ? null : fitParts(template.system, prompt.system as string)
  if (system === null && template.system !== null) return null
  const user = template.user === null ? null : fitParts(template.user, prompt.user as string)
  if (user === null && template.user !== null) return null
  const holds = (text: string): boolean => (prompt.user ?? '').includes(text) || (prompt.system ?? '').includes(text)
  if (!template.requires.every(holds) || template.excludes.some(holds)) return null
  const explanation = [...explain('system', system), ...explain('user', user)]
  const slots: Record<string, string> = {}
  for (const piece of explanation) if (piece.slot !== null) slots[piece.slot] = piece.text
  return { slots, explanation }
}

function explain(side: 'system' | 'user', fitting: Fitting | null): ExplainedPiece[] {
  return (fitting?.pieces ?? []).map((piece) => ({ in: side, ...piece }))
}

/** So many templates a step. */
const stepTemplates = 10

/**
 * Files every template under the 3-gram of its fixed text that fewest templates have, or under a token when it has
 * none. O(fixed text).
 */
function* file(all: Filed[]): Generator<undefined, { byGram: Map<number, Filed[]>; byToken: Map<number, Filed[]> }> {
  const gramCounts = new Map<number, number>()
  const tokenCounts = new Map<number, number>()
  const own: { grams: number[]; tokens: number[] }[] = []
  for (const [place, { template }] of all.entries()) {
    if (place % stepTemplates === stepTemplates - 1) yield
    const salt = hashStructure(template.structure)
    const system = keysOf(template.system, marks.systemStart, marks.systemEnd, salt)
    const user = keysOf(template.user, marks.userStart, marks.userEnd, salt)
    const keys = { grams: [...system.grams, ...user.grams], tokens: [...system.tokens, ...user.tokens] }
    count(keys.grams, gramCounts)
    count(keys.tokens, tokenCounts)
    own.push(keys)
  }
  const byGram = new Map<number, Filed[]>()
  const byToken = new Map<number, Filed[]>()
  for (const [place, filed] of all.entries()) {
    if (place % stepTemplates === stepTemplates - 1) yield
    const { grams, tokens } = own[place] as { grams: number[]; tokens: number[] }
    if (grams.length > 0) push(byGram, rarest(grams, gramCounts), filed)
    else if (tokens.length > 0) push(byToken, rarest(tokens, tokenCounts), filed)
  }
  return { byGram, byToken }
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

/** 3-grams and tokens of the fixed texts. Line breaks beside a slot are left out: they melt into those of the slot. */
function keysOf(
  parts: TemplatePart[] | null,
  start: number,
  end: number,
  salt: number,
): { grams: number[]; tokens: number[] } {
  const grams: number[] = []
  const words: number[] = []
  parts?.forEach((part, index) => {
    if (!('fixed' in part)) return
    const tokens = tokenize(part.fixed)
    const atStart = index === 0
    const atEnd = index === parts.length - 1
    const from = !atStart && tokens.kinds[0] === tokenKind.line ? 1 : 0
    const to = !atEnd && tokens.kinds[tokens.count - 1] === tokenKind.line ? tokens.count - 1 : tokens.count
    const row = [...(atStart ? [start] : []), ...tokens.hashes.slice(from, to), ...(atEnd ? [end] : [])]
    for (let place = 0; place + 2 < row.length; place++)
      grams.push(shortGram(row[place] as number, row[place + 1] as number, row[place + 2] as number, salt))
    for (const hash of tokens.hashes.slice(from, Math.max(from, to))) words.push(finish(hash ^ salt))
  })
  return { grams, tokens: words }
}

/** 31 bits, so that the index works on small integers; whoever collides is sorted out by the fitting. */
function shortGram(first: number, second: number, third: number, salt: number): number {
  return (
    finish(Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77) ^ Math.imul(third, 0xc2b2ae3d) ^ salt) &
    0x3fffffff
  )
}
