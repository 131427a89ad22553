/**
 * Changes single places of a JSON body and leaves every other byte as it is: number formats, member order, spacing and
 * unknown members are the caller's. The bytes must have passed JSON.parse.
 */
import type { JsonPath } from '../../workflows/domain/exchanges/prompt.ts'
import { isClosed, locateAll, skipPrefix, type JsonPlace } from './json-scan.ts'

export type JsonEdit =
  | { kind: 'replace'; path: JsonPath; text: string }
  /** Puts any value in the place of any other. */
  | { kind: 'set'; path: JsonPath; json: string }
  /** Cuts the beginning off a string. */
  | { kind: 'cut'; path: JsonPath; prefix: string }
  /**
   * Takes a member out of its object, or an element out of its list, with the comma that it leaves over. One of a
   * parent only.
   */
  | { kind: 'remove'; path: JsonPath }
  /** Puts a value in as the first of a list. */
  | { kind: 'unshift'; path: JsonPath; json: string }
  /** Puts a member in as the first of the object at `path`, or of the body; it must not be there yet. */
  | { kind: 'addMember'; path?: JsonPath; name: string; json: string }

/** Bytes `start` to `end` give way to a text. */
export interface Splice {
  start: number
  end: number
  text: string
}

/** The edited bytes, or `null` when a place is not there. Edits must not overlap. */
export function editJson(body: Buffer, edits: readonly JsonEdit[]): Buffer | null {
  const splices = toSplices(body, edits)
  return splices && spliceBytes(body, splices)
}

/**
 * Where the edits change which bytes, in order; `null` when a place is not there. The body is walked once, however many
 * edits there are.
 */
export function toSplices(body: Buffer, edits: readonly JsonEdit[]): Splice[] | null {
  const places = locateAll(
    body,
    edits.map((edit) => edit.path ?? []),
  )
  const splices: Splice[] = []
  for (const [index, edit] of edits.entries()) {
    const place = places[index]
    const splice = place ? toSplice(body, edit, place) : null
    if (splice === null) return null
    splices.push(splice)
  }
  return splices.sort((a, b) => a.start - b.start)
}

export function spliceBytes(body: Buffer, splices: readonly Splice[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (const { start, end, text } of splices) {
    parts.push(body.subarray(at, start), Buffer.from(text))
    at = end
  }
  parts.push(body.subarray(at))
  return Buffer.concat(parts)
}

function toSplice(body: Buffer, edit: JsonEdit, place: JsonPlace): Splice | null {
  const { start, end } = place
  switch (edit.kind) {
    case 'set':
      return { start, end, text: edit.json }
    case 'remove':
      return place.outer && { ...place.outer, text: '' }
    case 'addMember':
      if (body[start] !== openBrace || locateAll(body, [[...(edit.path ?? []), edit.name]])[0]) return null
      return toFirst(body, start, `${JSON.stringify(edit.name)}:${edit.json}`)
    case 'unshift':
      return body[start] === openBracket ? toFirst(body, start, edit.json) : null
    case 'replace':
      return body[start] === quote ? { start, end, text: JSON.stringify(edit.text) } : null
    case 'cut':
      return body[start] === quote ? toPrefixCut(body, start + 1, edit.prefix) : null
  }
}

/** In front of what an object or a list holds. */
function toFirst(body: Buffer, opening: number, text: string): Splice {
  const inside = opening + 1
  return { start: inside, end: inside, text: `${text}${isClosed(body, inside) ? '' : ','}` }
}

function toPrefixCut(body: Buffer, start: number, prefix: string): Splice | null {
  const end = skipPrefix(body, start, prefix)
  return end === null ? null : { start, end, text: '' }
}

const quote = 0x22
const openBracket = 0x5b
const openBrace = 0x7b
