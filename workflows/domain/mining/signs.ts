/** What kind of token a UTF-16 unit belongs to. Pure. */

/** What a token is; a template's fixed text is weighed by it. A sign is a letter of a script without spaces. */
export const tokenKind = { word: 0, line: 1, sentenceEnd: 2, bracket: 3, symbol: 4, mark: 5, gap: 6, sign: 7 } as const

/** Stands for the middle of a text that was too long to keep; no fixed text reaches over it. */
export const gapSign = '\u0000'

/** Spaces belong to no token. */
export const space = 8

/** Filled as signs come: looking one up costs the same in every script. */
const classes = new Uint8Array(65_536).fill(255)

/**
 * Letters and digits of all scripts; Thai, Lao, Khmer, Burmese, Chinese, Japanese signs stand alone because no spaces
 * part their words.
 */
export function classOf(unit: number): number {
  const kind = classes[unit] as number
  return kind === 255 ? (classes[unit] = classify(unit)) : kind
}

function classify(unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return tokenKind.symbol
  const sign = String.fromCharCode(unit)
  if (sign === gapSign) return tokenKind.gap
  if (sign === '\n' || sign === '\r') return tokenKind.line
  if (/\s/.test(sign)) return space
  if ('.?!'.includes(sign)) return tokenKind.sentenceEnd
  if ('()"\''.includes(sign)) return tokenKind.bracket
  if (!/[\p{L}\p{N}\p{M}_]/u.test(sign)) return tokenKind.symbol
  return standsAlone(unit) ? tokenKind.sign : tokenKind.word
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
  return classOf(text.charCodeAt(place - 1)) !== tokenKind.word || classOf(text.charCodeAt(place)) !== tokenKind.word
}
