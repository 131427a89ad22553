/**
 * What a proposal has from the material it was shown, or from other teams, in whatever words. Pure. A passage or a name
 * that only one customer wrote must not go out with every request of the pattern.
 */
import { plainWords, toMarks, toRuns, toSentences, toWords } from './proposal-words.ts'
import { toStems } from './stems.ts'

const copiedRun = 6
const minRunWeight = 3
const longNumber = /(?<![\p{L}\p{N}])\p{N}[\p{N} ./-]{2,}\p{N}(?![\p{L}\p{N}])/gu
const secretValue =
  /(?<!\p{L})(?:passwords?|passcodes?|passphrase|pin|secret|api key|access code|token|kennwort|passwort|geheimnis|mot de passe|contraseña|clave|senha|пароль)(?!\p{L})\W{0,3}(?:is|are|was|ist|lautet|est|es|:|=)?\s{0,2}["'“„«]?([^\s"'”“»,;]{4,})/giu
const maxForeignSentences = 20_000
const minSharedStems = 4
const minSharedShare = 0.5

/** A password, as the proposal gives it or as somebody named it in an example; `null` = none. */
export function findCopiedSecret(added: string, before: string, samples: string[]): string | null {
  const values = samples.flatMap((sample) =>
    [...sample.matchAll(secretValue)].map((match) => trimMarks(match[1] ?? '')),
  )
  const words = new Set(added.match(/[^\s"'“”„«»,;()]+/gu)?.map(trimMarks) ?? [])
  if (
    values.some(
      (value) =>
        value.length >= 4 && !plainWords.has(value.toLowerCase()) && words.has(value) && !before.includes(value),
    )
  )
    return 'it holds a secret that somebody gave in an example'
  for (const match of added.matchAll(secretValue)) {
    const value = trimMarks(match[1] ?? '')
    if (/\p{N}/u.test(value) && /\p{L}|[^\p{L}\p{N}]/u.test(value) && !before.includes(value))
      return 'it holds what reads as a password'
  }
  return null
}

function trimMarks(text: string): string {
  return text.replace(/^[^\p{L}\p{N}]+|[.,:;!?)\]]+$/gu, '')
}

/** Passages, names, numbers and codes of the examples that the original does not have. */
export function findCopied(added: string, before: string, samples: string[]): string[] {
  const own = before.toLowerCase()
  const shown = samples.join('\n')
  const shownNumbers = new Set([...shown.matchAll(longNumber)].map(([number]) => number.replace(/\P{N}/gu, '')))
  const shownMarks = new Set(toMarks(shown))
  const shownNames = new Set(toNames(shown))
  const copied = [
    ...[...added.matchAll(longNumber)]
      .map(([number]) => number)
      .filter((number) => shownNumbers.has(number.replace(/\P{N}/gu, '')) && !own.includes(number.toLowerCase())),
    ...toMarks(added).filter((mark) => shownMarks.has(mark) && !own.includes(mark)),
    ...toNames(added).filter((name) => shownNames.has(name) && !own.includes(name.toLowerCase())),
    ...findCopiedRuns(added, before, shown),
  ]
  return [...new Set(copied)]
}

/** One or more capitalised words in a row that do not begin a sentence. */
function toNames(text: string): string[] {
  const names = text.match(/(?<=[\p{Ll}\p{N},:;)] )\p{Lu}\p{Ll}+(?:[ -]\p{Lu}\p{Ll}+)*/gu) ?? []
  return names.filter((name) => !commonNames.has(name) && (name.includes(' ') || !plainWords.has(name.toLowerCase())))
}

/** Capitalised, and nobody's. */
const commonNames: ReadonlySet<string> = new Set(
  `English German French Spanish Italian Portuguese Dutch Polish Russian Chinese Japanese Korean Arabic Turkish Greek Latin Markdown Python Java Monday Tuesday Wednesday
   Thursday Friday Saturday Sunday January February March April May June July August September October November December Internet Unicode Text Question Answer Input Output
   Summary Context Format Example Examples Task Rules Note Role System User Assistant`.split(/\s+/),
)

/** Passages as they stand in the examples, the longest first; a passage of grammar alone is everybody's. */
function findCopiedRuns(added: string, before: string, shown: string): string[] {
  const known = new Set(toRuns(toWords(before), copiedRun))
  const runs = new Set(toRuns(toWords(shown), copiedRun))
  const words = toWords(added)
  const passages: string[] = []
  for (let at = 0; at + copiedRun <= words.length; at++) {
    let end = at
    while (end + copiedRun <= words.length) {
      const run = words.slice(end, end + copiedRun).join(' ')
      if (!runs.has(run) || known.has(run)) break
      end++
    }
    if (end === at) continue
    const passage = words.slice(at, end + copiedRun - 1)
    if (passage.filter((word) => !plainWords.has(word)).length >= minRunWeight) passages.push(passage.join(' '))
    at = end + copiedRun - 2
  }
  return passages
}

/** A sentence of another team in other words: it shares most of its words of weight with one sentence of the proposal. */
export function findReworded(added: string, own: string[], foreign: string[]): string | null {
  const ownStems = toStems(own.join('\n'))
  const sentences = toSentences(added)
    .map((text) => ({ text, stems: new Set([...toStems(text)].filter((stem) => !ownStems.has(stem))) }))
    .filter(({ stems }) => stems.size >= minSharedStems)
  if (sentences.length === 0) return null
  let looked = 0
  for (const text of foreign)
    for (const theirs of toSentences(text)) {
      if (++looked > maxForeignSentences) return null
      const stems = toStems(theirs)
      if (stems.size < minSharedStems) continue
      for (const sentence of sentences) {
        const shared = [...sentence.stems].filter((stem) => stems.has(stem)).length
        if (shared >= minSharedStems && shared / Math.min(stems.size, sentence.stems.size) >= minSharedShare)
          return sentence.text
      }
    }
  return null
}
