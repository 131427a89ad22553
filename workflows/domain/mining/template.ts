/** Writes the template of a group of prompts: what all of them share, to the very space, and slots between. Pure. */
import type { Concept } from './concepts.ts'
import { fitParts, shape } from './parts.ts'
import { findRuns, keepPlaceable, placeRuns, type Run, type Text } from './runs.ts'
import type { Sequence } from './sequence.ts'
import { tokenize, type Tokens } from './tokens.ts'
import type { MinedPrompt, MinedTemplate, TemplatePart } from './types.ts'

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
