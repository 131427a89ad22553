/**
 * Whether an answer runs in circles: models that lose the thread say the same thing until their limit ends it. Pure;
 * looks at the end of the text, in linear time.
 */
import { countWords } from './words.ts'

/** So much of the end is looked at. */
const maxTailCharacters = 6_000
/** A circle is at least this long, and goes round at least so often. */
const minCircleCharacters = 200
const minDenseCircleCharacters = 120
const minRounds = 6
/** Lines alike, apart from their numbers. */
const minLikeLines = 10
const minLikeShare = 0.6
const minLineWords = 4

/** Words that ask for a repetition. */
const wantsRepetition =
  /\b(?:repeat|again and again|over and over|(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|fifty|hundred|thousand|many|several|few) times|times in a row|chorus|refrain|lyrics|mantra|chant|duplicate|copies|ascii|wiederhol\w*|\d+[- ]?mal|zehnmal|kehrreim|répét\w*|répèt\w*|\d+ fois|repit\w*|repet\w*|\d+ veces|ripet\w*|\d+ volte|\d+ vezes|herhaal|\d+ keer|powtórz|\d+ razy)\b|повтор|重复|重複|\d+[遍次]|十遍|繰り返|\d+回|반복|كرر/iu

export function isRepetitive(text: string, request = ''): boolean {
  if (wantsRepetition.test(request.slice(0, 8_000))) return false
  const tail = text.slice(-maxTailCharacters).trimEnd()
  return endsInCircle(tail) || hasLikeLines(tail)
}

/** The shortest stretch that the end of the text repeats; found with the prefix function of the text read backwards. */
function endsInCircle(tail: string): boolean {
  // By code units: only whether they are alike counts, not what they show.
  const text = tail.toLowerCase().split('').reverse().join('')
  const borders = new Uint16Array(text.length)
  for (let at = 1, border = 0; at < text.length; at++) {
    while (border > 0 && text[at] !== text[border]) border = borders[border - 1] as number
    if (text[at] === text[border]) border++
    borders[at] = border
    const length = at + 1
    const period = length - border
    if (length / period >= minRounds && length >= minDenseCircleCharacters && isCircle(text, period, length))
      return true
  }
  return false
}

/** Rules, blanks and columns of numbers go round in good texts too. */
function isCircle(text: string, period: number, length: number): boolean {
  const stretch = text.slice(0, period)
  if (!/\p{L}/u.test(stretch) || /[|;\t]/.test(stretch)) return false
  const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(stretch)
  if (!dense && length < minCircleCharacters) return false
  // A letter or a syllable that is drawn out is no sentence; very long it is a loop all the same.
  return countWords(stretch) >= 1 || length >= 1_000
}

/** A list whose entries all say the same. Code and tables have many lines alike. */
function hasLikeLines(tail: string): boolean {
  const lines = tail
    .replaceAll(/```[\s\S]*?(?:```|$)/g, '')
    .split('\n')
    .map((line) => line.replaceAll(/\d+/g, '0').trim().toLowerCase())
    .filter((line) => !line.startsWith('|') && /\p{L}{2}/u.test(line) && countWords(line) >= minLineWords)
  if (lines.length < minLikeLines) return false
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return most >= minLikeLines && most / lines.length >= minLikeShare
}
