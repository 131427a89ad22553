/**
 * Cuts text into words, symbols and line breaks, each with a hash and its place. Pure; learner and matcher share it.
 *
 * Spaces belong to no token: they are kept by the places alone. Scripts written without spaces give one token a sign.
 */

/** What a token is; a template's fixed text is weighed by it. */
export const tokenKind = { word: 0, line: 1, sentenceEnd: 2, bracket: 3, symbol: 4, mark: 5, gap: 6 } as const

export interface Tokens {
  count: number
  hashes: Int32Array
  kinds: Uint8Array
  /** Place of the first and behind the last UTF-16 unit. */
  starts: Int32Array
  ends: Int32Array
}

/** Stands for the middle of a text that was too long to keep; no fixed text reaches over it. */
export const gapSign = '\u0000'

const space = 7
const hashOneBreak = 0x5bd1e995 | 0
const hashManyBreaks = 0x2545f491 | 0

const unitClasses = classifyAscii()

function classifyAscii(): Uint8Array {
  const classes = new Uint8Array(128).fill(tokenKind.symbol)
  for (let unit = 0; unit < 128; unit++) {
    const sign = String.fromCharCode(unit)
    if (/[A-Za-z0-9_]/.test(sign)) classes[unit] = tokenKind.word
    else if (sign === '\n' || sign === '\r') classes[unit] = tokenKind.line
    else if (sign === ' ' || sign === '\t' || sign === '\v' || sign === '\f') classes[unit] = space
    else if ('.?!'.includes(sign)) classes[unit] = tokenKind.sentenceEnd
    else if ('()"\''.includes(sign)) classes[unit] = tokenKind.bracket
    else if (sign === gapSign) classes[unit] = tokenKind.gap
  }
  return classes
}

/**
 * Letters and digits of all scripts; Thai, Lao, Khmer, Burmese, Chinese, Japanese signs stand alone because no spaces
 * part their words.
 */
function classOf(unit: number): number {
  if (unit < 128) return unitClasses[unit] as number
  if (unit >= 0xd800 && unit <= 0xdfff) return tokenKind.symbol
  const sign = String.fromCharCode(unit)
  if (/\s/.test(sign)) return space
  return /[\p{L}\p{N}\p{M}]/u.test(sign) ? tokenKind.word : tokenKind.symbol
}

function standsAlone(unit: number): boolean {
  return (
    (unit >= 0x0e00 && unit <= 0x0eff) ||
    (unit >= 0x1000 && unit <= 0x109f) ||
    (unit >= 0x1780 && unit <= 0x17ff) ||
    (unit >= 0x2e80 && unit <= 0x9fff) ||
    (unit >= 0xf900 && unit <= 0xfaff)
  )
}

/** Whether a token boundary may lie between these two places of a text: not inside a word. */
export function isBoundary(text: string, place: number): boolean {
  if (place <= 0 || place >= text.length) return true
  const before = text.charCodeAt(place - 1)
  const after = text.charCodeAt(place)
  return (
    classOf(before) !== tokenKind.word || classOf(after) !== tokenKind.word || standsAlone(before) || standsAlone(after)
  )
}

/**
 * O(length), one pass, no backtracking; at most one token a UTF-16 unit. The hash is FNV-1a (Fowler, Noll, Vo), 32
 * bits.
 */
// oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
export function tokenize(text: string, into: Tokens = createTokens(text.length)): Tokens {
  const length = text.length
  const tokens = into.hashes.length < length ? createTokens(length) : into
  const { hashes, kinds, starts, ends } = tokens
  let count = 0
  for (let place = 0; place < length;) {
    const unit = text.charCodeAt(place)
    const kind = unit < 128 ? (unitClasses[unit] as number) : classOf(unit)
    if (kind === space) {
      place++
      continue
    }
    const start = place
    let hash = Math.imul(0x811c9dc5 ^ unit, 0x01000193)
    place++
    if (kind === tokenKind.word && !(unit >= 128 && standsAlone(unit))) {
      while (place < length) {
        const next = text.charCodeAt(place)
        if ((next < 128 ? unitClasses[next] : classOf(next)) !== tokenKind.word || (next >= 128 && standsAlone(next)))
          break
        hash = Math.imul(hash ^ next, 0x01000193)
        place++
      }
    } else if (kind === tokenKind.line) {
      let breaks = unit === 10 ? 1 : 0
      // Blank lines may hold spaces: only the number of breaks counts, and only as one or many.
      for (let ahead = place; ahead < length; ahead++) {
        const next = text.charCodeAt(ahead)
        const nextKind = next < 128 ? unitClasses[next] : classOf(next)
        if (nextKind === tokenKind.line) {
          if (next === 10) breaks++
          place = ahead + 1
        } else if (nextKind !== space) break
      }
      hash = breaks > 1 ? hashManyBreaks : hashOneBreak
    } else if (unit >= 0xd800 && unit <= 0xdbff && place < length) {
      hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193)
      place++
    }
    hashes[count] = hash
    kinds[count] = kind
    starts[count] = start
    ends[count] = place
    count++
  }
  tokens.count = count
  return tokens
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
