/** Whether an answer stops before its end although it says it is complete, and whether a cut one was meant to be. Pure. */
import { countWords } from './words.ts'

/** Below this limit of tokens a caller wants a label, not a text. */
const maxLabelTokens = 16
const maxLabelWords = 3
/** Shorter texts may be titles and names, which may end in any word. */
const maxTitleWords = 12

/** Words after which something must follow. */
const openWords = new Set(
  `the a an of to and or but with for from in on at by as that which who whose because if when while where into is are was were has have than its their his her this these your my our not be been will would can could should
   der die das ein eine einen einem einer des dem den und oder aber mit für von zu zum zur im am auf als dass weil wenn ist sind war hat haben wird werden nicht sich auch
   le la les un une des du de et ou mais avec pour par dans sur au aux qui que est sont a ont ne se ce cette
   el los las una del y o pero con por para en al que es son se su sus
   il lo gli uno della dello dei e ma con per nel nella che è sono si
   os as um uma do da dos das em no na ao mas com por que é são se
   de het een en of maar met voor van op aan dat die is zijn
   i w z na do że się jest dla oraz lub ale
   и в на с к по из у о от для что не но как или это`.split(/\s+/),
)

/** Of these, those that also end a clause. */
const looseWords = new Set(
  'to with for in on at by as that is are was were has have from not be been will would can could should than when who into'.split(
    ' ',
  ),
)
/** A clause that has its subject and nothing else. */
const openPronoun = /(?:\b(?:because|and|or|but|that|which|if|when|while|where|so)|,) (?:it|we|they|he|she|i)$/i

/** Particles and commas after which a sentence of Chinese, Japanese or Korean goes on. */
const openEnd = /(?:[、，]|[はがをのとで]|[的和与與在把])$/u
/** Ends a text: a sentence's mark, a closing bracket or quote, an emoji, a rule, a formula. */
const closed = /[.!?…。！？؟।:：)\]}»”"'’`*_~>|/\\=$€%\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F-]$/u

/**
 * From 0 to 1: how sure it is that the text stops in the middle; 0 = nothing says so. Looks at the last part of the
 * text and at its code fences.
 */
export function isUnfinished(text: string): number {
  const whole = text.trimEnd()
  if (hasOpenFence(whole) || isOpenJson(whole) || hasOpenTag(whole)) return 0.9
  if (whole.endsWith('```')) return 0
  const line = whole.slice(whole.lastIndexOf('\n') + 1).slice(-600)
  if (isEmptyEntry(line, whole)) return 0.85
  // An address, a number or a name of a file at the end is no sentence.
  if (/[./@_\d]/.test(line.slice(line.lastIndexOf(' ') + 1, -1))) return 0
  return judgeEnd(line, whole) ?? (isBrokenProse(whole, line) ? 0.7 : 0)
}

/** By the last characters and the last word; `null` = they tell nothing. */
function judgeEnd(line: string, whole: string): number | null {
  const total = countWords(whole)
  if (total >= 6 && /[,;(–—]$/.test(line)) return line.endsWith(',') && total < 15 ? 0.3 : 0.85
  if (openEnd.test(line)) return total >= 8 && /[。！？]/.test(whole) ? 0.8 : 0
  if (closed.test(line)) return 0
  return /\p{Ll}$/u.test(line) && total >= 4 ? judgeLastWord(line, whole, total) : null
}

function judgeLastWord(line: string, whole: string, total: number): number | null {
  const words = line.match(/[\p{L}\p{N}'’]+/gu) ?? []
  const last = words.at(-1)?.toLowerCase() ?? ''
  if (openPronoun.test(line)) return 0.8
  if (!openWords.has(last)) return null
  // "Click to log in", "what it is for": short texts end well in such words.
  if (looseWords.has(last) && (total < maxTitleWords || !/[.!?。]\s/.test(whole))) return null
  return total < maxTitleWords ? 0.75 : 0.9
}

function hasOpenFence(text: string): boolean {
  return (text.match(/^[ \t]*```/gm)?.length ?? 0) % 2 === 1
}

/** A page that ends within a tag. */
function hasOpenTag(text: string): boolean {
  return /<\/?[a-z][^<>\n]*$/i.test(text.slice(-300)) && /<\/[a-z]+>/i.test(text.slice(-2_000))
}

/** A list whose last entry is a number alone. */
function isEmptyEntry(line: string, text: string): boolean {
  return /^\s*\d+[.)]\s*$/.test(line) && /\n\s*\d+[.)] /.test(text.slice(-2_000))
}

/** Sentences with full stops, and a last one that has none. A signature, a list, verse or a heading has none either. */
function isBrokenProse(text: string, line: string): boolean {
  if (/^\s*(?:[-*•#>|]|\d+[.)])/.test(line) || /https?:|@|[{}<>=;\\]|\t/.test(line)) return false
  const ends = [...line.matchAll(/[.!?] +(?=\p{Lu})/gu)]
  const tail = line.slice((ends.at(-1)?.index ?? -2) + 2).trim()
  if (countWords(tail) < 5) return false
  // A line of its own counts where the paragraphs before it end their sentences.
  if (ends.length > 0) return true
  const before = text.slice(0, text.length - line.length).trimEnd()
  return before.length > 200 && line.length > 60 && /[.!?]$/.test(before.slice(-4))
}

/** An object or a list that is never closed. */
function isOpenJson(text: string): boolean {
  const start = text.trimStart()
  if (!/^(?:\{\s*"|\[\s*[{["\d])/.test(start) || /[}\]]$/.test(start)) return false
  return start.length > 8
}

/**
 * An answer that its limit of tokens ended: whether that is what the caller wanted. `null` = it cannot be known.
 * `limit`: as the request states it.
 */
export function isWantedShort(content: string, limit: number | null, request: string): boolean | null {
  if (limit === null || limit > maxLabelTokens) return false
  const text = content.trim()
  const words = countWords(text)
  if (text === '' || words > maxLabelWords) return false
  const last =
    text
      .match(/[\p{L}\p{N}'’]+/gu)
      ?.at(-1)
      ?.toLowerCase() ?? ''
  if (/[,;:([{"]$/.test(text)) return false
  // One token of a sentence: the caller only tried whether somebody answers.
  if (openWords.has(last) || /^(?:i|it|there|ich|es|sure|here|je|yo|as)$/i.test(last)) return limit <= 2 ? null : false
  if (limit <= 2 || asksForLabel.test(request.slice(-4_000))) return true
  return words <= 2 ? true : null
}

const asksForLabel =
  /\b(?:one word|single word|yes or no|true or false|label|classify|category|categorise|categorize|sentiment|rate|score|number|letter|option|spam|answer with|ja oder nein|ein wort|oui ou non|sí o no|sì o no|sim ou não|да или нет)\b|是否|はいかいいえ/iu
