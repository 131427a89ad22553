/** Writes the template of a group of prompts: what all of them share, to the very space, and slots between. Pure. */
import type { Concept } from './concepts.ts'
import { fitParts, shape } from './parts.ts'
import type { Sequence } from './sequence.ts'
import { isBoundary, tokenize, type Tokens } from './tokens.ts'
import type { MinedPrompt, MinedTemplate, TemplatePart } from './types.ts'

/** More runs of fixed text than that are not followed: the longest are. */
const maxRuns = 48
/** Examples that must agree before a lone word beside a slot counts as fixed. */
const minForWords = 8

export interface Example {
  prompt: MinedPrompt
  sequence: Sequence
}

/** O(examples × length). The examples are those of the concept. */
export function buildTemplate(examples: Example[], concept: Concept, base: Example): MinedTemplate {
  const taken = new Set<string>()
  const build = (side: 'system' | 'user'): TemplatePart[] | null => {
    if (base.prompt[side] === null) return null
    const from = side === 'system' ? base.sequence.systemFrom : base.sequence.userFrom
    const texts = examples.map((example) => ({ text: example.prompt[side] ?? '', tokens: example.sequence[side] as Tokens }))
    return buildParts(texts, base.sequence[side] as Tokens, concept.fixed, from, taken)
  }
  const system = build('system')
  const user = build('user')
  return { structure: base.prompt.structure, system, user, requires: [], excludes: [], weight: weightOf(system) + weightOf(user) }
}

/** Tokens of fixed text. */
export function weightOf(parts: TemplatePart[] | null): number {
  return (parts ?? []).reduce((sum, part) => sum + ('fixed' in part ? tokenize(part.fixed).count : 0), 0)
}

interface Text {
  text: string
  tokens: Tokens
}

interface Run {
  hashes: Int32Array
  atStart: boolean
  atEnd: boolean
}

function buildParts(texts: Text[], base: Tokens, fixed: Uint8Array, from: number, taken: Set<string>): TemplatePart[] {
  let runs = findRuns(base, fixed, from)
  let places = texts.map((text) => placeRuns(runs, text.tokens))
  for (let bad = places.find((row) => row.includes(-1)); bad; bad = places.find((row) => row.includes(-1))) {
    const missing = bad
    runs = runs.filter((_, index) => missing[index] !== -1)
    places = texts.map((text) => placeRuns(runs, text.tokens))
  }
  const spans = texts.map((): [number, number][] => [])
  runs.forEach((run, index) => breakRun(run, texts, places.map((row) => row[index] as number), spans))
  for (const grown of [true, false]) {
    const names = new Set(taken)
    const parts = join(texts, spans, grown, names)
    if (texts.every(({ text }) => fitParts(parts, text) !== null)) {
      for (const name of names) taken.add(name)
      return parts
    }
  }
  return join(texts, spans, false, taken)
}

function findRuns(base: Tokens, fixed: Uint8Array, from: number): Run[] {
  const runs: Run[] = []
  for (let token = 0; token < base.count; ) {
    if (fixed[from + token] === 0) {
      token++
      continue
    }
    const start = token
    while (token < base.count && fixed[from + token] === 1) token++
    runs.push({ hashes: base.hashes.slice(start, token), atStart: start === 0 && fixed[from - 1] === 1, atEnd: token === base.count && fixed[from + base.count] === 1 })
  }
  if (runs.length <= maxRuns) return runs
  const kept = new Set([...runs].sort((a, b) => b.hashes.length - a.hashes.length).slice(0, maxRuns))
  return runs.filter((run) => kept.has(run) || run.atStart || run.atEnd)
}

/** The leftmost place of each run behind the one before; -1 = this text does not hold it there. O(tokens × runs) at worst, near O(tokens). */
function placeRuns(runs: Run[], tokens: Tokens): number[] {
  const last = runs[runs.length - 1]
  const limit = last?.atEnd ? tokens.count - last.hashes.length : tokens.count
  let at = 0
  return runs.map((run) => {
    const length = run.hashes.length
    const stop = run.atEnd ? tokens.count : limit
    let place = run.atEnd ? tokens.count - length : at
    if (place < at || (run.atStart && run.atEnd && length !== tokens.count)) return -1
    const lastPlace = run.atStart ? 0 : stop - length
    for (; place <= lastPlace; place++) {
      let same = 0
      while (same < length && tokens.hashes[place + same] === run.hashes[same]) same++
      if (same === length) {
        at = place + length
        return place
      }
    }
    return -1
  })
}

/** Breaks a run where the texts differ in space or in what a line break holds, and adds its pieces to every text's spans. */
function breakRun(run: Run, texts: Text[], places: number[], spans: [number, number][][]): void {
  const sameAll = (read: (text: Text, place: number) => string): boolean => {
    const first = read(texts[0] as Text, places[0] as number)
    return texts.every((text, index) => read(text, places[index] as number) === first)
  }
  const push = (from: number, to: number): void =>
    texts.forEach(({ text, tokens }, index) => {
      const place = places[index] as number
      const start = run.atStart && from === 0 && openAtStart ? 0 : (tokens.starts[place + from] as number)
      const end = run.atEnd && to === run.hashes.length && openAtEnd ? text.length : (tokens.ends[place + to - 1] as number)
      ;(spans[index] as [number, number][]).push([start, end])
    })
  const openAtStart = run.atStart && sameAll(({ text, tokens }, place) => text.slice(0, tokens.starts[place]))
  const openAtEnd = run.atEnd && sameAll(({ text, tokens }, place) => text.slice(tokens.ends[place + run.hashes.length - 1]))
  let from = 0
  for (let token = 0; token < run.hashes.length; token++) {
    const sameText = sameAll(({ text, tokens }, place) => text.slice(tokens.starts[place + token], tokens.ends[place + token]))
    if (!sameText) {
      if (token > from) push(from, token)
      from = token + 1
      continue
    }
    if (token + 1 === run.hashes.length || sameAll(({ text, tokens }, place) => text.slice(tokens.ends[place + token], tokens.starts[place + token + 1]))) continue
    push(from, token + 1)
    from = token + 1
  }
  if (from < run.hashes.length) push(from, run.hashes.length)
}

/** Turns the spans of fixed text into parts; with `grown`, what the gaps have in common at their ends joins the fixed text. */
function join(texts: Text[], spans: [number, number][][], grown: boolean, taken: Set<string>): TemplatePart[] {
  const count = (spans[0] as [number, number][]).length
  const pieces: (string | null)[] = []
  for (let index = 0; index <= count; index++) {
    const gaps = texts.map(({ text }, row) => {
      const own = spans[row] as [number, number][]
      return text.slice(own[index - 1]?.[1] ?? 0, own[index]?.[0] ?? text.length)
    })
    const { head, tail, open } = commonEnds(gaps, grown)
    pieces.push(head)
    if (open) pieces.push(null, tail)
    const span = spans[0]?.[index]
    if (span) pieces.push((texts[0] as Text).text.slice(span[0], span[1]))
  }
  return shape(pieces, taken)
}

/**
 * Common beginning and end of the gaps between two fixed texts; not `open` = the gaps are all the same, so there is no
 * slot. A few examples agree on a slot's first word by chance, and many on its last full stop by habit.
 */
function commonEnds(gaps: string[], grown: boolean): { head: string; tail: string; open: boolean } {
  const first = gaps[0] as string
  if (gaps.every((gap) => gap === first)) return { head: first, tail: '', open: false }
  if (!grown) return { head: '', tail: '', open: true }
  const shortest = Math.min(...gaps.map((gap) => gap.length))
  let head = 0
  while (head < shortest && gaps.every((gap) => gap[head] === first[head])) head++
  if (gaps.length < minForWords) head = Math.min(head, leadOf(first))
  while (head > 0 && !gaps.every((gap) => isBoundary(gap, head))) head--
  let tail = 0
  while (tail < shortest - head && gaps.every((gap) => gap[gap.length - 1 - tail] === first[first.length - 1 - tail])) tail++
  const end = first.slice(first.length - tail)
  if (gaps.length < minForWords) tail = (/[^\p{L}\p{N}_]*$/u.exec(end) as RegExpExecArray)[0].length
  while (tail > 0 && ('.?!'.includes(first[first.length - tail] as string) || !gaps.every((gap) => isBoundary(gap, gap.length - tail)))) tail--
  return { head: first.slice(0, head), tail: first.slice(first.length - tail), open: true }
}

/** Length of what comes before the first word. */
function leadOf(text: string): number {
  return /[\p{L}\p{N}_]/u.exec(text)?.index ?? text.length
}
