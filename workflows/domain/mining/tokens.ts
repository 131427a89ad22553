/**
 * Cuts text into words, symbols and line breaks, each with a hash and its place. Pure; miner and matcher share it.
 *
 * Spaces belong to no token: they are kept by the places alone. Scripts written without spaces give one token a sign.
 */
import { classOf, space, tokenKind } from './signs.ts'

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

/** The hash of the token that was read last: reading answers its end. */
let readHash = 0

/**
 * O(length), one pass, no backtracking; at most one token a UTF-16 unit. The hash is FNV-1a (Fowler, Noll, Vo), 32
 * bits.
 */
export function tokenize(
  text: string,
  into: Tokens = createTokens(text.length),
  maxTokens = Number.POSITIVE_INFINITY,
): Tokens {
  const length = text.length
  const tokens = into.hashes.length < Math.min(length, maxTokens) ? createTokens(length) : into
  const { hashes, kinds, starts, ends } = tokens
  let count = 0
  for (let place = 0; place < length && count < maxTokens;) {
    const unit = text.charCodeAt(place)
    const kind = classOf(unit)
    if (kind === space) {
      place++
      continue
    }
    starts[count] = place
    kinds[count] = kind
    if (kind === tokenKind.word) place = readWord(text, place)
    else if (kind === tokenKind.line) place = readBreaks(text, place)
    else place = readSign(text, place, unit)
    hashes[count] = readHash
    ends[count] = place
    count++
  }
  tokens.count = count
  return tokens
}

function readWord(text: string, start: number): number {
  const length = text.length
  let hash = 0x811c9dc5
  let place = start
  do hash = Math.imul(hash ^ text.charCodeAt(place++), 0x01000193)
  while (place < length && classOf(text.charCodeAt(place)) === tokenKind.word)
  readHash = hash
  return place
}

function readSign(text: string, start: number, unit: number): number {
  readHash = Math.imul(0x811c9dc5 ^ unit, 0x01000193)
  if (unit < 0xd800 || unit > 0xdbff || start + 1 >= text.length) return start + 1
  readHash = Math.imul(readHash ^ text.charCodeAt(start + 1), 0x01000193)
  return start + 2
}

/** Blank lines may hold spaces: only the number of breaks counts, and only as one or many. */
function readBreaks(text: string, start: number): number {
  let end = start
  let breaks = 0
  for (let place = start; place < text.length; place++) {
    const unit = text.charCodeAt(place)
    const kind = classOf(unit)
    if (kind === tokenKind.line) {
      end = place + 1
      if (unit === 10) breaks++
    } else if (kind !== space) break
  }
  readHash = breaks > 1 ? hashManyBreaks : hashOneBreak
  return end
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
