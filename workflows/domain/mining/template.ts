/** Writes the template of a group of prompts: what all of them share, to the very space, and slots between. Pure. */
import type { Concept } from './concepts.ts'
import { fitParts, shape } from './parts.ts'
import type { Sequence } from './sequence.ts'
import { tokenKind, tokenize, type Tokens } from './tokens.ts'
import type { MinedPrompt, MinedTemplate, TemplatePart } from './types.ts'

/** More runs of fixed text than that are not followed: the longest are. */
const maxRuns = 48
/** Fixed texts of fewer tokens are not looked for inside a longer one. */
const minStretch = 3
const maxRepairs = 64
const maxComparisons = 4_000_000

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
    const texts = examples.map((example) => ({
      text: example.prompt[side] ?? '',
      tokens: example.sequence[side] as Tokens,
    }))
    return buildParts(texts, base.sequence[side] as Tokens, concept.fixed, from, taken)
  }
  const system = build('system')
  const user = build('user')
  nameOnlySlot([...(system ?? []), ...(user ?? [])])
  return {
    structure: base.prompt.structure,
    system,
    user,
    requires: [],
    excludes: [],
    weight: weightOf(system) + weightOf(user),
  }
}

/**
 * Where there is one slot, its name tells nothing, and enhancements written for the prompt's opening call it so too.
 */
function nameOnlySlot(parts: TemplatePart[]): void {
  const slots = parts.filter((part) => 'slot' in part)
  if (slots.length === 1 && slots[0]) slots[0].slot = 'input'
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
  const runs = keepPlaceable(findRuns(base, fixed, from), texts)
  const places = texts.map((text) => placeRuns(runs, text.tokens))
  const spans = texts.map((): [number, number][] => [])
  runs.forEach((run, index) =>
    breakRun(
      run,
      texts,
      places.map((row) => row[index] as number),
      spans,
    ),
  )
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
  for (let token = 0; token < base.count;) {
    if (fixed[from + token] === 0) {
      token++
      continue
    }
    // A full stop behind a slot is the slot's own.
    if (token > 0 && base.kinds[token] === tokenKind.sentenceEnd && fixed[from + token - 1] === 0) {
      token++
      while (base.kinds[token] === tokenKind.sentenceEnd) token++
      continue
    }
    const start = token
    while (token < base.count && fixed[from + token] === 1) token++
    runs.push({
      hashes: base.hashes.slice(start, token),
      atStart: start === 0 && fixed[from - 1] === 1,
      atEnd: token === base.count && fixed[from + base.count] === 1,
    })
  }
  if (runs.length <= maxRuns) return runs
  const kept = new Set([...runs].sort((a, b) => b.hashes.length - a.hashes.length).slice(0, maxRuns))
  return runs.filter((run) => kept.has(run) || run.atStart || run.atEnd)
}

/**
 * Breaks and drops runs until every text holds what is left, in order. A run that a text lacks is broken around its
 * longest stretch that the text does hold. One found too far on hides those behind it, so where no stretch is left, of
 * the failing run and the ones before it that one goes whose loss leaves most in place. At most `maxRepairs` steps of
 * O(run × tokens); what still fails then is dropped.
 */
function keepPlaceable(runs: Run[], texts: Text[]): Run[] {
  let kept = runs
  let repairs = 0
  for (let index = 0; index < texts.length; index++) {
    const { tokens } = texts[index] as Text
    const places = placeRuns(kept, tokens)
    const failed = places.indexOf(-1)
    if (failed < 0) continue
    if (repairs++ >= maxRepairs) kept = kept.filter((_, other) => places[other] !== -1)
    else kept = breakAround(kept, failed, places, tokens) ?? dropOne(kept, failed, tokens)
    // From the first text again: the pieces may lie elsewhere now.
    index = -1
  }
  return kept
}

function breakAround(runs: Run[], failed: number, places: number[], tokens: Tokens): Run[] | null {
  const run = runs[failed] as Run
  const from = failed === 0 ? 0 : (places[failed - 1] as number) + (runs[failed - 1] as Run).hashes.length
  const { start, length } = longestCommon(run.hashes, tokens, from)
  if (length < minStretch || length === run.hashes.length) return null
  const cut = (begin: number, end: number): Run[] => {
    const piece = {
      hashes: run.hashes.slice(begin, end),
      atStart: run.atStart && begin === 0,
      atEnd: run.atEnd && end === run.hashes.length,
    }
    return end - begin >= minStretch || piece.atStart || (piece.atEnd && end > begin) ? [piece] : []
  }
  return [
    ...runs.slice(0, failed),
    ...cut(0, start),
    ...cut(start, start + length),
    ...cut(start + length, run.hashes.length),
    ...runs.slice(failed + 1),
  ].filter((one) => one.hashes.length > 0)
}

/**
 * Longest stretch of a run that stands in the tokens from a place on (longest common substring by dynamic programming).
 * O(run × tokens), at most `maxComparisons`.
 */
function longestCommon(run: Int32Array, tokens: Tokens, from: number): { start: number; length: number } {
  const followed = Math.min(run.length, Math.floor(maxComparisons / Math.max(1, tokens.count)))
  let best = { start: 0, length: 0 }
  let above = new Uint16Array(followed + 1)
  for (let place = from; place < tokens.count; place++) {
    const row = new Uint16Array(followed + 1)
    for (let index = 0; index < followed; index++) {
      if (run[index] !== tokens.hashes[place]) continue
      const length = (above[index] as number) + 1
      row[index + 1] = length
      if (length > best.length) best = { start: index + 1 - length, length }
    }
    above = row
  }
  return best
}

function dropOne(runs: Run[], failed: number, tokens: Tokens): Run[] {
  let best = runs
  let bestLength = -1
  for (let index = failed; index >= 0; index--) {
    const rest = runs.filter((_, other) => other !== index)
    const placed = placeRuns(rest, tokens)
    const length = rest.reduce((sum, run, other) => sum + (placed[other] === -1 ? 0 : run.hashes.length), 0)
    if (length > bestLength) {
      best = rest
      bestLength = length
    }
  }
  return best
}

/**
 * The leftmost place of each run behind the one before; -1 = this text does not hold it there. O(tokens × runs) at
 * worst, near O(tokens).
 */
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

/**
 * Breaks a run where the texts differ in space or in what a line break holds, and adds its pieces to every text's
 * spans.
 */
function breakRun(run: Run, texts: Text[], places: number[], spans: [number, number][][]): void {
  const sameAll = (read: (text: Text, place: number) => string): boolean => {
    const first = read(texts[0] as Text, places[0] as number)
    return texts.every((text, index) => read(text, places[index] as number) === first)
  }
  const push = (from: number, to: number): void =>
    texts.forEach(({ text, tokens }, index) => {
      const place = places[index] as number
      const start = run.atStart && from === 0 && openAtStart ? 0 : (tokens.starts[place + from] as number)
      const end =
        run.atEnd && to === run.hashes.length && openAtEnd ? text.length : (tokens.ends[place + to - 1] as number)
      ;(spans[index] as [number, number][]).push([start, end])
    })
  const openAtStart = run.atStart && sameAll(({ text, tokens }, place) => text.slice(0, tokens.starts[place]))
  const openAtEnd =
    run.atEnd && sameAll(({ text, tokens }, place) => text.slice(tokens.ends[place + run.hashes.length - 1]))
  let from = 0
  for (let token = 0; token < run.hashes.length; token++) {
    const sameText = sameAll(({ text, tokens }, place) =>
      text.slice(tokens.starts[place + token], tokens.ends[place + token]),
    )
    if (!sameText) {
      if (token > from) push(from, token)
      from = token + 1
      continue
    }
    if (
      token + 1 === run.hashes.length ||
      sameAll(({ text, tokens }, place) => text.slice(tokens.ends[place + token], tokens.starts[place + token + 1]))
    )
      continue
    push(from, token + 1)
    from = token + 1
  }
  if (from < run.hashes.length) push(from, run.hashes.length)
}

/**
 * Turns the spans of fixed text into parts; with `grown`, what the gaps have in common at their ends joins the fixed
 * text.
 */
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
 * Common beginning and end of the gaps between two fixed texts, without words: slots begin with the same word by chance
 * and end with the same full stop by habit. Not `open` = the gaps are all the same, so there is no slot.
 */
function commonEnds(gaps: string[], grown: boolean): { head: string; tail: string; open: boolean } {
  const first = gaps[0] as string
  if (gaps.every((gap) => gap === first)) return { head: first, tail: '', open: false }
  if (!grown) return { head: '', tail: '', open: true }
  const shortest = Math.min(...gaps.map((gap) => gap.length))
  let head = 0
  while (head < shortest && !inSlot.test(first[head] as string) && gaps.every((gap) => gap[head] === first[head]))
    head++
  let tail = 0
  while (
    tail < shortest - head &&
    !inSlot.test(first[first.length - 1 - tail] as string) &&
    gaps.every((gap) => gap[gap.length - 1 - tail] === first[first.length - 1 - tail])
  )
    tail++
  return { head: first.slice(0, head), tail: first.slice(first.length - tail), open: true }
}

/** Signs that belong to the slot they stand in. A half of a surrogate pair is never cut off. */
const inSlot = /[\p{L}\p{N}_.?!\ud800-\udfff]/u
