/** Finds places in the bytes of a JSON body without building anything. The bytes must have passed JSON.parse. */
import type { JsonPath } from '../../workflows/domain/exchanges/prompt.ts'

/** Where a value stands: its first byte, and the byte behind its last. */
export interface JsonPlace {
  start: number
  end: number
  /** What goes with it when it is taken out: its name and one comma. `null` for the body itself. */
  outer: { start: number; end: number } | null
}

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const comma = 0x2c

/** Where the value at `path` stands. Of members with one name the last counts, as JSON.parse has it. */
export function locate(body: Buffer, path: JsonPath): JsonPlace | null {
  return locateAll(body, [path])[0] ?? null
}

/**
 * Where the values at these paths stand, `null` where there is none. The body is walked once, whatever their number.
 */
export function locateAll(body: Buffer, paths: readonly JsonPath[]): (JsonPlace | null)[] {
  const found: (JsonPlace | null)[] = paths.map(() => null)
  const root = toTree(paths)
  const start = skipSpace(body, 0)
  const visit = (node: Wanted, place: JsonPlace): void => {
    for (const index of node.ends) found[index] = place
    if (node.steps.size === 0) return
    for (const [child, inner] of body[place.start] === openBrace
      ? findMembers(body, place.start, node)
      : findElements(body, place.start, node))
      visit(child, inner)
  }
  visit(root, { start, end: skipValue(body, start), outer: null })
  return found
}

/** The paths as a tree, so that what they share is walked once. */
interface Wanted {
  /** Which of the paths end here. */
  ends: number[]
  steps: Map<string | number, Wanted>
}

function toTree(paths: readonly JsonPath[]): Wanted {
  const root: Wanted = { ends: [], steps: new Map() }
  for (const [index, path] of paths.entries()) {
    let node = root
    for (const step of path) {
      let next = node.steps.get(step)
      if (next === undefined) node.steps.set(step, (next = { ends: [], steps: new Map() }))
      node = next
    }
    node.ends.push(index)
  }
  return root
}

function findMembers(body: Buffer, object: number, { steps }: Wanted): Map<Wanted, JsonPlace> {
  const found = new Map<Wanted, JsonPlace>()
  let previousEnd: number | null = null
  let at = skipSpace(body, object + 1)
  while (body[at] === quote) {
    const keyEnd = skipString(body, at)
    const start = skipSpace(body, skipSpace(body, keyEnd) + 1)
    const end = skipValue(body, start)
    const behind = skipSpace(body, end)
    const wanted = steps.get(readKey(body, at, keyEnd))
    if (wanted !== undefined) found.set(wanted, { start, end, outer: withComma(body, at, end, previousEnd, behind) })
    if (body[behind] !== comma) break
    previousEnd = end
    at = skipSpace(body, behind + 1)
  }
  return found
}

function findElements(body: Buffer, list: number, { steps }: Wanted): Map<Wanted, JsonPlace> {
  const found = new Map<Wanted, JsonPlace>()
  if (body[list] !== openBracket) return found
  let previousEnd: number | null = null
  let at = skipSpace(body, list + 1)
  for (let index = 0; body[at] !== closeBracket && at < body.length && found.size < steps.size; index++) {
    const end = skipValue(body, at)
    const behind = skipSpace(body, end)
    const wanted = steps.get(index)
    if (wanted !== undefined)
      found.set(wanted, { start: at, end, outer: withComma(body, at, end, previousEnd, behind) })
    if (body[behind] !== comma) break
    previousEnd = end
    at = skipSpace(body, behind + 1)
  }
  return found
}

/** What parts it from the one in front; for the first of several, from the one behind. */
function withComma(
  body: Buffer,
  start: number,
  end: number,
  previousEnd: number | null,
  behind: number,
): { start: number; end: number } {
  if (previousEnd !== null) return { start: previousEnd, end }
  return { start, end: body[behind] === comma ? skipSpace(body, behind + 1) : end }
}

function readKey(body: Buffer, start: number, end: number): string {
  const raw = body.toString('utf8', start + 1, end - 1)
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}

/** Whether an object or a list ends here. */
export function isClosed(body: Buffer, inside: number): boolean {
  const byte = body[skipSpace(body, inside)]
  return byte === closeBracket || byte === closeBrace
}

export function skipSpace(body: Buffer, at: number): number {
  for (;;) {
    const byte = body[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
    at++
  }
}

/** From the opening quote to behind the closing one. Long texts are searched natively, dense escapes by hand. */
export function skipString(body: Buffer, opening: number): number {
  for (let at = opening + 1; at < body.length;) {
    for (const near = Math.min(body.length, at + 32); at < near; at++) {
      const byte = body[at]
      if (byte === quote) return at + 1
      if (byte === backslash) at++
    }
    const found = body.indexOf(quote, at)
    if (found < 0) break
    if (!isEscaped(body, found)) return found + 1
    at = found + 1
  }
  return body.length + 1
}

function isEscaped(body: Buffer, at: number): boolean {
  let before = at
  while (body[before - 1] === backslash) before--
  return (at - before) % 2 === 1
}

/**
 * Inside a string: where the characters that mean `prefix` end, escaped or not; `null` = the string begins otherwise.
 */
export function skipPrefix(body: Buffer, at: number, prefix: string): number | null {
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

export function skipValue(body: Buffer, at: number): number {
  const first = body[at]
  if (first === quote) return skipString(body, at)
  return first === openBrace || first === openBracket ? skipContainer(body, at) : skipScalar(body, at)
}

function skipContainer(body: Buffer, opening: number): number {
  let at = opening
  for (let depth = 0; at < body.length;) {
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

/** A number, `true`, `false` or `null`. */
function skipScalar(body: Buffer, start: number): number {
  let at = start
  for (; at < body.length; at++) {
    const byte = body[at] as number
    if (byte === comma || byte === closeBrace || byte === closeBracket || byte <= 0x20) break
  }
  return at
}
