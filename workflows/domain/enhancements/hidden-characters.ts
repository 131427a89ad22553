/**
 * Characters that a person does not see, or takes for others, when they read a proposal. Pure. What the original holds
 * already is its own affair; only what comes in is a fault.
 */

/** Formatting, private use, fillers, variation selectors, line separators and C1 controls. */
const hidden = new RegExp(
  [
    '\\p{Cf}',
    '\\p{Co}',
    '[\\u0080-\\u009f]',
    '\\u034f',
    '[\\u115f\\u1160\\u3164\\uffa0]',
    '\\u1680',
    '[\\u17b4\\u17b5]',
    '[\\u180b-\\u180f]',
    '[\\u2028\\u2029\\u205f\\u2800]',
    '[\\ufe00-\\ufe0f]',
    '[\\u{e0100}-\\u{e01ef}]',
  ].join('|'),
  'gu',
)

/** Joiners that a script or an emoji needs are part of the writing. */
const joinedEmoji =
  /[0-9#*]\ufe0f?\u20e3|\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?(?:\u200d\p{Extended_Pictographic}\ufe0f?)*/gu
const joinedLetters =
  /(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Malayalam}\p{Script=Kannada}\p{Script=Sinhala}\p{Script=Khmer}])[\u200c\u200d](?=[\p{L}\p{M}])/gu

const alphabets: readonly [string, RegExp][] = [
  ['Latin', /\p{Script=Latin}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
  ['Coptic', /\p{Script=Coptic}/u],
  ['Georgian', /\p{Script=Georgian}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Arabic', /\p{Script=Arabic}/u],
]
/** Units such as "μm" and "kΩ" mix alphabets honestly. */
const maxUnitLength = 3
/** Cyrillic and Greek letters that look like Latin ones. */
const lookAlikes =
  /^[\u0430\u0410\u0412\u0435\u0415\u041a\u041c\u041d\u043e\u041e\u0440\u0420\u0441\u0421\u0422\u0443\u0423\u0445\u0425\u0456\u0406\u0458\u0408\u0455\u0405\u0501\u051b\u051d\u04bb\u04cf\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd\u03b9\u03c1\u03c5]+$/u
/** Styled letters: mathematical, full width, small capitals. One alone is a symbol. */
const styled =
  /[\u{1d400}-\u{1d7ff}\uff21-\uff3a\uff41-\uff5a\u1d00-\u1d2b\u0250-\u02af\u24b6-\u24e9\u{1f130}-\u{1f189}]{2,}/gu
const stackedMarks = /\p{Mn}{4,}/u

/** What a reader of `after` would not see or would misread, and `before` did not hold; `null` = nothing. */
export function findHiddenCharacters(before: string, after: string): string | null {
  const known = countHidden(before)
  for (const [character, count] of countHidden(after))
    if (count > (known.get(character) ?? 0)) return `it holds a hidden character (${toCodePoint(character)})`
  if (stackedMarks.test(after) && !stackedMarks.test(before)) return 'it holds stacked marks that hide letters'
  const knownWords = new Set(toPlainWords(before))
  for (const word of toPlainWords(after)) {
    if (knownWords.has(word)) continue
    const scripts = alphabets.filter(([, alphabet]) => alphabet.test(word)).map(([name]) => name)
    if (scripts.length > 1 && word.length > maxUnitLength)
      return `it mixes ${scripts.join(' and ')} letters in one word: ${word}`
    if (word.length >= maxUnitLength && lookAlikes.test(word)) return `it holds a word of look-alike letters: ${word}`
  }
  for (const [run] of after.matchAll(styled))
    if (!before.includes(run)) return `it writes with letters that only look like plain ones: ${run}`
  return null
}

function countHidden(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  const visible = text.replace(joinedEmoji, ' ').replace(joinedLetters, '')
  for (const [character] of visible.matchAll(hidden)) counts.set(character, (counts.get(character) ?? 0) + 1)
  return counts
}

function toPlainWords(text: string): string[] {
  return text.replace(/\{\{\w+\}\}/g, ' ').match(/[\p{L}\p{M}\p{N}_]+/gu) ?? []
}

function toCodePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
