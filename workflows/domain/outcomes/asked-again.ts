/**
 * Whether a user asks the same thing again in other words, which says that the first answer did not help. Pure.
 *
 * Programs send one template with other values again and again, so likeness alone is no evidence: where two texts run
 * alike and differ only in what stands in the same gap, the gap is a slot and the question another one. The same words
 * once more are a retry or a loop, not other words. What remains is a text whose words of weight are mostly those of
 * the other or mean the same, put differently.
 */
import { asArray, asObject, asText } from '../json/json.ts'
import { toHead } from './synonyms.ts'

/**
 * Share of the shorter text's words of weight that the other has too, and of the longer's: a text that goes on from
 * there has many of its own.
 */
const minShared = 0.75
const minSharedOfLonger = 0.5
const minWords = 2
const maxWords = 400

/**
 * So much of the longer text in the same order, with a word of its own on both sides, is one template with other
 * values.
 */
const minSkeleton = 0.6

/** Words that carry grammar or manners, not the subject. English, and the commonest of German, French and Spanish. */
const lightWords = new Set(
  `a an and are as at be been but by can could did do does doing for from had has have how i if in into is it its just like make me my no not of on or our please
   say so tell that the their them then there these they this those to too want was we were what when where which who why will with would you your yours
   again actually asked ask meant mean instead sorry still thanks thank give need help let really try wrong question answer explain
   der die das und ist ein eine einen ich du sie es wir nicht bitte mir mich mit von zu auf in für wie was noch mal nochmal
   le la les un une des et est je tu il vous nous ne pas de du que qui à au en s'il te plaît
   el los las una y es yo usted por favor me no que de en con para cómo
   的 了 吗 呢 吧 啊 怎么 如何 怎样 怎么样 才 能 才能 可以 请 我 你 您 是 在 什么 把 给 有 要 想 一 一个 这 那 再 又 一次 最
   の は が を に で と も か へ です ます する した して ください には 方法 どう どうすれば 教え て 何 ？ 은 는 이 가 을 를 에 어떻게 해 줘 주세요 방법`.split(
    /\s+/,
  ),
)

export function isAskedAgain(first: string, second: string): boolean {
  const before = toWords(first)
  const after = toWords(second)
  if (before.length > maxWords || after.length > maxWords || before.join(' ') === after.join(' ')) return false
  const subject = new Set(before.filter(isHeavy).map(toStem))
  const repeated = new Set(after.filter(isHeavy).map(toStem))
  const smaller = Math.min(subject.size, repeated.size)
  if (smaller < minWords) return false
  const shared = [...subject].filter((word) => repeated.has(word)).length
  if (shared / smaller < minShared || shared / Math.max(subject.size, repeated.size) < minSharedOfLonger) return false
  // Another number is another question.
  if (differInNumbers(subject, repeated)) return false
  return !isTemplate(before, after)
}

/**
 * Both texts have a word of weight where the other has another, and everything else stands in the same order. What
 * counts is the place: a value may be a word that the template itself has elsewhere.
 */
function isTemplate(before: string[], after: string[]): boolean {
  const { common, ofOne, ofOther } = align(before, after)
  return ofOne.some(isHeavy) && ofOther.some(isHeavy) && common / Math.max(before.length, after.length) >= minSkeleton
}

function differInNumbers(one: Set<string>, other: Set<string>): boolean {
  const numbers = (words: Set<string>): string[] => [...words].filter((word) => /\d/.test(word)).sort()
  return numbers(one).join(' ') !== numbers(other).join(' ')
}

/** Bounded before it is taken apart: a text longer than the most words could have is too long anyway. */
function toWords(text: string): string[] {
  const bounded = text.slice(0, maxWords * 40).toLowerCase()
  const words = bounded.match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? []
  return words.some((word) => withoutSpaces.test(word)) ? words.flatMap(toParts) : words
}

const withoutSpaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u
const segmenter = new Intl.Segmenter('zh', { granularity: 'word' })

/** Languages without spaces: the words as the dictionary of the runtime parts them. */
function toParts(word: string): string[] {
  if (!withoutSpaces.test(word)) return [word]
  return [...segmenter.segment(word.slice(0, maxWords * 4))].map(({ segment }) => segment)
}

function isHeavy(word: string): boolean {
  return !lightWords.has(word) && (word.length > 1 || /\p{N}|\p{Lo}/u.test(word))
}

/** Plural and tense aside, and one word for all of its meaning; crude, and the same for both texts. */
function toStem(word: string): string {
  const head = toHead(word)
  if (head !== word || word.length < 5 || /\d/.test(word)) return head
  return toHead(word.replace(/(?:ing|edly|ed|ies|es|s|ly)$/, '').replace(/(.)\1$/, '$1'))
}

/** By their longest common subsequence of words: its length, and what each has beside it. */
function align(one: string[], other: string[]): { common: number; ofOne: string[]; ofOther: string[] } {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, () => 0)]
  for (const word of one) {
    const previous = rows[rows.length - 1] as number[]
    const row = [0]
    for (let at = 0; at < other.length; at++)
      row.push(
        word === other[at] ? (previous[at] as number) + 1 : Math.max(previous[at + 1] as number, row[at] as number),
      )
    rows.push(row)
  }
  const ofOne: string[] = []
  const ofOther: string[] = []
  let left = one.length
  let right = other.length
  while (left > 0 || right > 0) {
    if (left > 0 && right > 0 && one[left - 1] === other[right - 1]) {
      left--
      right--
    } else if (left > 0 && (right === 0 || (rows[left - 1]?.[right] as number) >= (rows[left]?.[right - 1] as number)))
      ofOne.push(one[--left] as string)
    else ofOther.push(other[--right] as string)
  }
  return { common: rows[one.length]?.[other.length] as number, ofOne, ofOther }
}

/**
 * The user's latest text where the request ends with it; `null` = it ends with something else, such as a tool's result.
 */
export function readLatestUserText(body: unknown): string | null {
  const request = asObject(body)
  if (typeof request?.input === 'string') return request.input
  const last = asObject((Array.isArray(request?.messages) ? request.messages : asArray(request?.input)).at(-1))
  if (last?.role !== 'user') return null
  if (typeof last.content === 'string') return last.content
  const parts = asArray(last.content).map(asObject)
  if (parts.some((part) => part?.type === 'tool_result')) return null
  const text = parts
    .map((part) => asText(part?.text) ?? '')
    .join('\n')
    .trim()
  return text === '' ? null : text
}
