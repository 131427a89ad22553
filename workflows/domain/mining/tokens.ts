/**
 * Cuts text into words, symbols and line breaks, each with a hash and its place. Pure; miner and matcher share it.
 *
 * Spaces belong to no token: they are kept by the places alone. Scripts written without spaces give one token a sign.
 */
import { classOf, space, standsAlone, tokenKind } from './signs.ts'

export interface Tokens {
  count: number
  hashes: Int32Array
  kinds: Uint8Array
  /** Place of the first and behind the last UTF-16 unit. */
  starts: Int32Array
  ends: Int32Array
}

const hashOneBreak = 0x5bd1e995 | 0
const hashManyBreaks = 0x2545f491 | 0

/**
 * O(length), one pass, no backtracking; at most one token a UTF-16 unit. The hash is FNV-1a (Fowler, Noll, Vo), 32
 * bits.
 */
export function tokenize(text: string, into: Tokens = createTokens(text.length)): Tokens {
  const length = text.length
  const tokens = into.hashes.length < length ? createTokens(length) : into
  const { hashes, kinds, starts, ends } = tokens
  let count = 0
  for (let place = 0; place < length;) {
    const unit = text.charCodeAt(place)
    const kind = classOf(unit)
    if (kind === space) {
      place++
      continue
    }
    const end = findEnd(text, place, unit, kind)
    hashes[count] = kind === tokenKind.line ? hashBreaks(text, place, end) : hashUnits(text, place, end)
    kinds[count] = kind
    starts[count] = place
    ends[count] = end
    count++
    place = end
  }
  tokens.count = count
  return tokens
}

function findEnd(text: string, start: number, unit: number, kind: number): number {
  if (kind === tokenKind.line) return findBreaksEnd(text, start + 1)
  if (kind !== tokenKind.word)
    return unit >= 0xd800 && unit <= 0xdbff && start + 1 < text.length ? start + 2 : start + 1
  return standsAlone(unit) ? start + 1 : findWordEnd(text, start + 1)
}

function findWordEnd(text: string, from: number): number {
  for (let place = from; place < text.length; place++) {
    const unit = text.charCodeAt(place)
    if (classOf(unit) !== tokenKind.word || standsAlone(unit)) return place
  }
  return text.length
}

/** Blank lines may hold spaces. */
function findBreaksEnd(text: string, from: number): number {
  let end = from
  for (let place = from; place < text.length; place++) {
    const kind = classOf(text.charCodeAt(place))
    if (kind === tokenKind.line) end = place + 1
    else if (kind !== space) break
  }
  return end
}

function hashUnits(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let place = start; place < end; place++) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193)
  return hash
}

/** Only the number of breaks counts, and only as one or many. */
function hashBreaks(text: string, start: number, end: number): number {
  let breaks = 0
  for (let place = start; place < end && breaks < 2; place++) if (text.charCodeAt(place) === 10) breaks++
  return breaks > 1 ? hashManyBreaks : hashOneBreak
}

/** Room for the tokens of a text; whoever cuts many texts, one after the other, passes the last result in again. */
export function createTokens(length: number): Tokens {
  return {
    count: 0,
    hashes: new Int32Array(length),
    kinds: new Uint8Array(length),
    starts: new Int32Array(length),
    ends: new Int32Array(length),
  }
}
