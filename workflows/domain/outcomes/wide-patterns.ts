/** Patterns for words of all languages. Pure. */

const letter = '[\\p{L}\\p{M}\\p{N}_]'
const border = `(?:(?<!${letter})(?=${letter})|(?<=${letter})(?!${letter}))`

/** The same pattern, with `\b` and `\w` for the letters of all scripts: JavaScript's own know those of English alone. */
export function widen(pattern: RegExp): RegExp {
  const source = pattern.source.replaceAll(String.raw`\b`, border).replaceAll(String.raw`\w`, letter)
  return new RegExp(source, pattern.flags.includes('u') ? pattern.flags : `${pattern.flags}u`)
}
