/**
 * Changes single places of a JSON body and leaves every other byte as it is: number formats, member order, spacing and
 * unknown members are the caller's. The bytes must have passed JSON.parse.
 */
import type { JsonPath } from '../../workflows/domain/prompt.ts'

export type JsonEdit =
  | { kind: 'replace'; path: JsonPath; text: string }
  /** Cuts the beginning off a string. */
  | { kind: 'cut'; path: JsonPath; prefix: string }
  /** Puts a value in as the first of a list. */
  | { kind: 'unshift'; path: JsonPath; json: string }
  /** Puts a member in as the first of the body; it must not be there yet. */
  | { kind: 'addMember'; name: string; json: string }

interface Splice {
  start: number
  end: number
  text: string
}

/** The edited bytes, or `null` when a place is not there. Edits must not overlap. */
export function editJson(body: Buffer, edits: JsonEdit[]): Buffer | null {
  const splices: Splice[] = []
  for (const edit of edits) {
    const splice = toSplice(body, edit)
    if (splice === null) return null
    splices.push(splice)
  }
  splices.sort((a, b) => a.start - b.start)
  const parts: Buffer[] = []
  let at = 0
  for (const { start, end, text } of splices) {
    parts.push(body.subarray(at, start), Buffer.from(text))
    at = end
  }
  parts.push(body.subarray(at))
  return Buffer.concat(parts)
}

function toSplice(body: Buffer, edit: JsonEdit): Splice | null {
  if (edit.kind === 'addMember') {
    if (locate(body, [edit.name]) !== null) return null
    const inside = skipSpace(body, 0) + 1
    return { start: inside, end: inside, text: `${JSON.stringify(edit.name)}:${edit.json}${isClosed(body, inside) ? '' : ','}` }
  }
  const place = locate(body, edit.path)
  if (place === null) return null
  if (edit.kind === 'unshift') {
    if (body[place.start] !== openBracket) return null
    const inside = place.start + 1
    return { start: inside, end: inside, text: `${edit.json}${isClosed(body, inside) ? '' : ','}` }
  }
  if (body[place.start] !== quote) return null
  if (edit.kind === 'replace') return { ...place, text: JSON.stringify(edit.text) }
  const start = place.start + 1
  const end = skipPrefix(body, start, edit.prefix)
  return end === null ? null : { start, end, text: '' }
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const comma = 0x2c

/** Where the value at `path` stands. Of members with one name the last counts, as JSON.parse has it. */
export function locate(body: Buffer, path: JsonPath): { start: number; end: number } | null {
  let start = skipSpace(body, 0)
  for (const step of path) {
    const next = typeof step === 'number' ? findElement(body, start, step) : findMember(body, start, step)
    if (next === null) return null
    start = next
  }
  return { start, end: skipValue(body, start) }
}

function findMember(body: Buffer, object: number, name: string): number | null {
  if (body[object] !== openBrace) return null
  let found: number | null = null
  let at = skipSpace(body, object + 1)
  while (body[at] === quote) {
    const keyEnd = skipString(body, at)
    const value = skipSpace(body, skipSpace(body, keyEnd) + 1)
    if (isKey(body, at, keyEnd, name)) found = value
    at = skipSpace(body, skipValue(body, value))
    if (body[at] !== comma) break
    at = skipSpace(body, at + 1)
  }
  return found
}

function findElement(body: Buffer, list: number, index: number): number | null {
  if (body[list] !== openBracket) return null
  let at = skipSpace(body, list + 1)
  for (let count = 0; body[at] !== closeBracket && at < body.length; count++) {
    if (count === index) return at
    at = skipSpace(body, skipValue(body, at))
    if (body[at] !== comma) break
    at = skipSpace(body, at + 1)
  }
  return null
}

function isKey(body: Buffer, start: number, end: number, name: string): boolean {
  const raw = body.toString('utf8', start + 1, end - 1)
  return raw === name || (raw.includes('\\') && JSON.parse(`"${raw}"`) === name)
}

function isClosed(body: Buffer, inside: number): boolean {
  const byte = body[skipSpace(body, inside)]
  return byte === closeBracket || byte === closeBrace
}

function skipSpace(body: Buffer, at: number): number {
  for (;;) {
    const byte = body[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
    at++
  }
}

/** From the opening quote to behind the closing one. */
function skipString(body: Buffer, at: number): number {
  for (at++; at < body.length && body[at] !== quote; at++) if (body[at] === backslash) at++
  return at + 1
}

/** Inside a string: where the characters that mean `prefix` end, escaped or not; `null` = the string begins otherwise. */
function skipPrefix(body: Buffer, at: number, prefix: string): number | null {
  let meaning = ''
  while (meaning.length < prefix.length) {
    const byte = body[at]
    if (byte === undefined || byte === quote) return null
    const end = at + countBytes(byte, body[at + 1])
    const written = body.toString('utf8', at, end)
    meaning += byte === backslash ? (JSON.parse(`"${written}"`) as string) : written
    if (!prefix.startsWith(meaning)) return null
    at = end
  }
  return at
}

/** The length of one character as it is written: an escape, or UTF-8. */
function countBytes(byte: number, next: number | undefined): number {
  if (byte === backslash) return next === 0x75 ? 6 : 2
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
}

function skipValue(body: Buffer, at: number): number {
  const first = body[at]
  if (first === quote) return skipString(body, at)
  if (first !== openBrace && first !== openBracket) {
    for (; at < body.length; at++) {
      const byte = body[at] as number
      if (byte === comma || byte === closeBrace || byte === closeBracket || byte <= 0x20) break
    }
    return at
  }
  for (let depth = 0; at < body.length; ) {
    const byte = body[at]
    if (byte === quote) {
      at = skipString(body, at)
      continue
    }
    at++
    if (byte === openBrace || byte === openBracket) depth++
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) break
  }
  return at
}
