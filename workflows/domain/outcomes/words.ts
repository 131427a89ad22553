/** Counting words in any script. Pure. */

const withoutSpaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu

/** Where words are not parted by spaces two characters count as one. */
export function countWords(text: string): number {
  const dense = text.match(withoutSpaces)?.length ?? 0
  const spaced = text.replaceAll(withoutSpaces, ' ').match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu)?.length ?? 0
  return spaced + Math.floor(dense / 2)
}

/** Characters that show nothing: blanks of all kinds, joiners, marks of direction. */
const visible = /[^\p{White_Space}\p{Cf}\p{Cc}\u115F\u1160\u2800\u3164]/u

export function isBlank(text: string): boolean {
  return !visible.test(text)
}
