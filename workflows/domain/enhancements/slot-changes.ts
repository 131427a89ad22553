/** Whether the values of a prompt still stand where the prompt puts them: same order, same labels, still fenced. Pure. */
import type { PromptTemplate } from '../../../db/words/enhancement.ts'
import { toWords } from './proposal-words.ts'
import { toRecall } from './stems.ts'

interface Place {
  slot: string
  start: number
  end: number
}

const parts = ['system', 'template'] as const
const slotPattern = /\{\{(\w+)\}\}/g
/** So many words before a slot are its label. */
const labelWords = 3
const minMovedShare = 0.5

/** Each answer is a change that a person must see, in words. */
export function findSlotChanges(original: PromptTemplate, enhanced: PromptTemplate): string[] {
  return parts.flatMap((part) => {
    const [before, after] = [original[part], enhanced[part]]
    return before === null || after === null || before === after ? [] : compareSlots(before, after)
  })
}

function compareSlots(before: string, after: string): string[] {
  const [old, now] = [findPlaces(before), findPlaces(after)]
  if (old.length === 0) return []
  return [
    ...findRepeated(old, now),
    ...findSwapped(before, after, old, now),
    ...old.filter(isFirst).flatMap((place) => {
      const other = now.find(({ slot }) => slot === place.slot)
      if (other === undefined) return []
      return [
        ...(isFenced(before, place) && !isFenced(after, other)
          ? [`the slot ${place.slot} is no longer fenced off from the instructions`]
          : []),
        ...(isMoved(before, after, place, other)
          ? [`the slot ${place.slot} moves to the other side of the instructions`]
          : []),
      ]
    }),
  ]
}

function findPlaces(text: string): Place[] {
  return [...text.matchAll(slotPattern)].map((match) => ({
    slot: match[1] as string,
    start: match.index,
    end: match.index + match[0].length,
  }))
}

function isFirst({ slot }: Place, index: number, all: Place[]): boolean {
  return all.findIndex((other) => other.slot === slot) === index
}

function findRepeated(old: Place[], now: Place[]): string[] {
  const count = (places: Place[], slot: string): number => places.filter((place) => place.slot === slot).length
  return old.filter(isFirst).flatMap(({ slot }) => {
    const [before, after] = [count(old, slot), count(now, slot)]
    if (after > before) return [`the slot ${slot} stands there ${after} times instead of ${before}`]
    return after < before && after > 0 ? [`the slot ${slot} stands there only ${after} of ${before} times`] : []
  })
}

/** By order, and by the words that announce each value. */
function findSwapped(before: string, after: string, old: Place[], now: Place[]): string[] {
  const order = (places: Place[]): string =>
    places
      .filter(isFirst)
      .map(({ slot }) => slot)
      .join(', ')
  if (order(old) !== order(now) && old.filter(isFirst).length === now.filter(isFirst).length)
    return [`the slots stand in another order: ${order(now)} instead of ${order(old)}`]
  const labels = new Map(old.filter(isFirst).map((place) => [place.slot, toLabel(before, place)]))
  return now.filter(isFirst).flatMap((place) => {
    const label = toLabel(after, place)
    const owner = [...labels].find(([slot, other]) => slot !== place.slot && other !== '' && other === label)
    return owner !== undefined && labels.get(place.slot) !== label
      ? [`the slot ${place.slot} stands where ${owner[0]} stood`]
      : []
  })
}

function toLabel(text: string, { start }: Place): string {
  const line =
    text
      .slice(0, start)
      .split(/\n|\}\}/)
      .at(-1) ?? ''
  return (line.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).slice(-labelWords).join(' ')
}

const quotePairs: readonly [string, string][] = [
  ['"""', '"""'],
  ["'''", "'''"],
  ['```', '```'],
  ['~~~', '~~~'],
  ['---', '---'],
  ['===', '==='],
  ['###', '###'],
  ['[[', ']]'],
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['„', '“'],
  ['«', '»'],
  ['「', '」'],
  ['[', ']'],
  ['(', ')'],
]

/** A pair of marks or tags around the value tells a model where the caller's text begins and ends. */
function isFenced(text: string, { start, end }: Place): boolean {
  const [head, tail] = [text.slice(0, start), text.slice(end)]
  const [near, next] = [head.trimEnd(), tail.trimStart()]
  if (quotePairs.some(([open, close]) => near.endsWith(open) && next.startsWith(close))) return true
  if ((head.match(/```/g)?.length ?? 0) % 2 === 1 && tail.includes('```')) return true
  return findOpenTags(head).some((tag) => tail.toLowerCase().includes(`</${tag}>`))
}

function findOpenTags(head: string): string[] {
  const open: string[] = []
  for (const [, slash, name = ''] of head.toLowerCase().matchAll(/<(\/?)([a-z][\w-]*)[^<>]*>/g)) {
    if (slash === '') open.push(name)
    else {
      const at = open.lastIndexOf(name)
      if (at >= 0) open.splice(at, 1)
    }
  }
  return open
}

/** At least half of the words on one side of it have gone over to the other. */
function isMoved(before: string, after: string, old: Place, now: Place): boolean {
  const sides = (text: string, { start, end }: Place) => ({
    head: toSide(text.slice(0, start)),
    tail: toSide(text.slice(end)),
  })
  const [from, to] = [sides(before, old), sides(after, now)]
  const crossed = (wanted: Set<string>, same: Set<string>, other: Set<string>): boolean => {
    const lost = new Set([...wanted].filter((stem) => !same.has(stem)))
    return lost.size > 0 && (toRecall(lost, other) * lost.size) / wanted.size >= minMovedShare
  }
  return crossed(from.head, to.head, to.tail) || crossed(from.tail, to.tail, to.head)
}

/** The names of tags fence; they say nothing. */
function toSide(text: string): Set<string> {
  return new Set(toWords(text.replace(slotPattern, ' ').replace(/<[^<>]*>/g, ' ')).filter((word) => word.length > 3))
}
