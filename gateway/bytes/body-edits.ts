/**
 * The edits of transformation rules on the bytes of a body, one after another, each on what those before it left; the
 * twin of `editValue` in workflows/domain/rules. Every byte they do not name stays.
 */
import type { BodyEdit } from '../../db/words/rule.ts'
import { editJson, spliceBytes, type Splice } from './json-edit.ts'
import { locate, skipSpace, skipString, skipValue } from './json-scan.ts'

const quote = 0x22
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const comma = 0x2c

/** `null` = a place is not there. */
export function applyBodyEdits(body: Buffer, edits: readonly BodyEdit[]): Buffer | null {
  let bytes = body
  for (let at = 0; at < edits.length;) {
    const independent = takeIndependent(edits, at)
    // In one walk; where one of the places is not there yet, each by itself.
    const together = independent.length > 1 ? editJson(bytes, independent) : null
    if (together !== null) {
      bytes = together
      at += independent.length
      continue
    }
    const splices = toSplices(bytes, edits[at] as BodyEdit)
    if (splices === null) return null
    bytes = spliceBytes(
      bytes,
      splices.toSorted((a, b) => a.start - b.start),
    )
    at++
  }
  return bytes
}

type SetEdit = Extract<BodyEdit, { kind: 'set' }>

/** Values to be set, from `from` on, of which none stands inside another. */
function takeIndependent(edits: readonly BodyEdit[], from: number): SetEdit[] {
  const taken: SetEdit[] = []
  const ends = new Set<string>()
  const onTheWay = new Set<string>()
  for (let at = from; at < edits.length; at++) {
    const edit = edits[at] as BodyEdit
    if (edit.kind !== 'set') break
    const prefixes = edit.path.map((_, index) => JSON.stringify(edit.path.slice(0, index + 1)))
    if (onTheWay.has(prefixes.at(-1) ?? '') || prefixes.some((prefix) => ends.has(prefix))) break
    ends.add(prefixes.at(-1) ?? '')
    for (const prefix of prefixes) onTheWay.add(prefix)
    taken.push(edit)
  }
  return taken
}

function toSplices(body: Buffer, edit: BodyEdit): Splice[] | null {
  const step = edit.path.at(-1)
  const parent = step === undefined ? null : locate(body, edit.path.slice(0, -1))
  if (parent === null) return null
  const first = body[parent.start]
  if (first === openBracket && typeof step === 'number') return toListSplices(body, parent.start, step, edit)
  return first === openBrace && typeof step === 'string' ? toObjectSplices(body, parent.start, step, edit) : null
}

function toListSplices(body: Buffer, list: number, step: number, edit: BodyEdit): Splice[] | null {
  const items = readElements(body, list)
  const item = items[step]
  if (edit.kind === 'insert') {
    if (item !== undefined) return [{ start: item.start, end: item.start, text: `${edit.json},` }]
    return step === items.length ? [toAppended(list, items, edit.json)] : null
  }
  if (item === undefined || edit.kind === 'rename') return null
  return edit.kind === 'set'
    ? [{ start: item.start, end: item.end, text: edit.json }]
    : toCuts(items, (one) => one === item)
}

function toObjectSplices(body: Buffer, object: number, step: string, edit: BodyEdit): Splice[] | null {
  const items = readMembers(body, object)
  // Of members with one name the last counts; where that goes, the others must not come to light.
  const item = items.findLast(({ name }) => name === step)
  if (edit.kind === 'set') {
    return [
      item === undefined
        ? toAppended(object, items, `${JSON.stringify(step)}:${edit.json}`)
        : { start: item.start, end: item.end, text: edit.json },
    ]
  }
  if (item === undefined || edit.kind === 'insert') return null
  if (edit.kind === 'remove') return toCuts(items, ({ name }) => name === step)
  if (items.some(({ name }) => name === edit.to)) return null
  return [
    ...toCuts(items, (one) => one.name === step && one !== item),
    { start: item.from, end: item.nameEnd, text: JSON.stringify(edit.to) },
  ]
}

export interface Item {
  /** Where the whole item begins: its name, or its value. */
  from: number
  start: number
  end: number
}

export interface Member extends Item {
  name: string
  nameEnd: number
}

export function readElements(body: Buffer, list: number): Item[] {
  const items: Item[] = []
  for (let at = skipSpace(body, list + 1); body[at] !== closeBracket && at < body.length;) {
    const end = skipValue(body, at)
    items.push({ from: at, start: at, end })
    at = skipSpace(body, end)
    if (body[at] !== comma) break
    at = skipSpace(body, at + 1)
  }
  return items
}

export function readMembers(body: Buffer, object: number): Member[] {
  const items: Member[] = []
  for (let at = skipSpace(body, object + 1); body[at] === quote;) {
    const nameEnd = skipString(body, at)
    const start = skipSpace(body, skipSpace(body, nameEnd) + 1)
    const end = skipValue(body, start)
    items.push({ from: at, nameEnd, name: JSON.parse(body.toString('utf8', at, nameEnd)) as string, start, end })
    at = skipSpace(body, end)
    if (body[at] !== comma) break
    at = skipSpace(body, at + 1)
  }
  return items
}

/** Behind the last item of what opens at `open`. */
function toAppended(open: number, items: Item[], text: string): Splice {
  const last = items.at(-1)
  return last === undefined
    ? { start: open + 1, end: open + 1, text }
    : { start: last.end, end: last.end, text: `,${text}` }
}

/** Each goes with the comma behind it; those at the end with the comma before them. */
export function toCuts<T extends Item>(items: T[], goes: (item: T) => boolean): Splice[] {
  const lastKept = items.findLastIndex((item) => !goes(item))
  const cuts: Splice[] = []
  for (let index = 0; index < lastKept; index++) {
    const item = items[index] as T
    if (goes(item)) cuts.push({ start: item.from, end: (items[index + 1] as T).from, text: '' })
  }
  const last = items.at(-1)
  if (last !== undefined && lastKept < items.length - 1)
    cuts.push({ start: lastKept < 0 ? (items[0] as T).from : (items[lastKept] as T).end, end: last.end, text: '' })
  return cuts
}
