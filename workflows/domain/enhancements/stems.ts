/** What a sentence is about, so that a reworded one is found again. Pure. */
import { plainWords } from './proposal-words.ts'

const stemLength = 5
const scriptWithoutSpaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** Beginnings of the words of weight; pairs of characters in scripts that put no spaces between words. */
export function toStems(text: string): Set<string> {
  const stems = new Set<string>()
  for (const word of text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []) {
    if (scriptWithoutSpaces.test(word)) for (let at = 0; at + 1 < word.length; at++) stems.add(word.slice(at, at + 2))
    else if (word.length > 2 && !plainWords.has(word) && !grammarWords.has(word)) stems.add(toStem(word))
  }
  return stems
}

/** A plural or a form of the verb is the same word. */
function toStem(word: string): string {
  const base = word.length > 4 ? word.replace(/(?:ies|es|s|ing|ed|e|y)$/u, '') : word.replace(/s$/u, '')
  return base.slice(0, stemLength)
}

/** The share of `wanted` that stands in `present`; 1 where nothing is wanted. */
export function toRecall(wanted: ReadonlySet<string>, present: ReadonlySet<string>): number {
  if (wanted.size === 0) return 1
  let kept = 0
  for (const stem of wanted) if (present.has(stem)) kept++
  return kept / wanted.size
}

/** Grammar that `plainWords` does not list, and other languages' commonest words. */
const grammarWords: ReadonlySet<string> = new Set(
  `want wants wanted need needs also like get got let put see take come goes going went really just even still yet however therefore
   der die das den dem des ein eine einen einem einer und oder ist sind wird werden mit für auf von zum zur aus bei nach nicht kein keine nur auch immer wenn bitte sie ihr ihre dein deine
   les des une est sont dans pour avec sur par pas que qui vous votre vos ses toujours jamais
   los las una uno son por para con del que usted sus siempre nunca como
   gli della delle che non per sono sempre mai`.split(/\s+/),
)
