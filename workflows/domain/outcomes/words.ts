/** Counting words in any script. Pure. */

const withoutSpaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu

/** Longer texts have more words than anybody asks about. */
const maxCharacters = 4_000

/** Where words are not parted by spaces two characters count as one. Of a long text the beginning counts. */
export function countWords(text: string): number {
  const bounded = text.slice(0, maxCharacters)
  const dense = bounded.match(withoutSpaces)?.length ?? 0
  const spaced = bounded.replaceAll(withoutSpaces, ' ').match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu)?.length ?? 0
  return spaced + Math.floor(dense / 2)
}

/** Characters that show nothing: blanks of all kinds, joiners, marks of direction. */
const visible = /[^\p{White_Space}\p{Cf}\p{Cc}\u115F\u1160\u2800\u3164]/u

export function isBlank(text: string): boolean {
  return !visible.test(text)
}
