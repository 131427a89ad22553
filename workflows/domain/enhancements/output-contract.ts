/**
 * What a prompt promises to the program that reads the answers: format, keys, labels, limits, language, "nothing else".
 * Pure. A word that is only forbidden ("no JSON") is no promise.
 */
import { findLanguage } from './text-language.ts'
import { toSentences } from './proposal-words.ts'

export interface Difference {
  kind: 'format' | 'keys' | 'limits' | 'exclusive' | 'language'
  note: string
  removed: string | null
  added: string | null
}

const formats = ['json', 'xml', 'yaml', 'csv', 'tsv', 'html', 'markdown', 'latex', 'sql', 'regex']
/** A program reads these; plain text in their place breaks it, and they break what reads plain text. */
const machineFormats = new Set(['json', 'xml', 'yaml', 'csv', 'tsv', 'html'])
const negation =
  /(?:\b(?:no|not|never|without|instead of|rather than|avoid|don't|kein|keine|nicht|ohne|statt|pas|sans|jamais|sin|nunca|non|senza|sem|não)|不|勿|无)\P{L}?[^.;!?\n。]{0,30}$/iu

const languageNames =
  'English German French Spanish Italian Portuguese Dutch Polish Swedish Danish Norwegian Finnish Russian Ukrainian Turkish Greek Arabic Hebrew Hindi Chinese Mandarin Cantonese Japanese Korean Thai Vietnamese Indonesian Czech Romanian Hungarian Latin Catalan Bengali Urdu Persian Farsi Swahili Deutsch Englisch Französisch Spanisch Italienisch Russisch Chinesisch Japanisch'.split(
    ' ',
  )
const foreignLanguageNames =
  /(?<!\p{L})(?:anglais|allemand|français|espagnol|italien|inglés|alemán|francés|español|inglese|tedesco|francese|spagnolo|inglês|alemão|английск\p{L}+|немецк\p{L}+|русск\p{L}+|французск\p{L}+)(?!\p{L})|英语|英文|中文|德语|法语|日语|英語|日本語|ドイツ語|フランス語/giu
const languageSynonyms: Record<string, string> = {
  deutsch: 'german',
  englisch: 'english',
  französisch: 'french',
  spanisch: 'spanish',
  italienisch: 'italian',
  russisch: 'russian',
  chinesisch: 'chinese',
  japanisch: 'japanese',
  mandarin: 'chinese',
}

const exclusive =
  /\b(?:only|nothing else|nothing but|no other text|no (?:explanations?|prose|comments?|preamble|extra text)|without (?:any )?(?:explanations?|comments?|preamble)|exactly|verbatim|solely|just the|nur|nichts anderes|ausschließlich|ohne (?:Erklärung|Kommentar)\w*|uniquement|seulement|rien d'autre|sans explication|solo|únicamente|solamente|nada más|sin explicaci\w+|soltanto|nient'altro|apenas|somente|nada mais|только|ничего кроме)(?!\p{L})|只|仅|のみ|だけ/iu

export function compareOutput(before: string, after: string): Difference[] {
  return [
    ...compareFormats(before, after),
    ...compareKeys(before, after),
    ...compareLimits(before, after),
    ...compareExclusive(before, after),
    ...compareLanguages(before, after),
  ]
}

function findFormats(text: string): Set<string> {
  const found = new Set(
    formats.filter((format) => isPromised(text, new RegExp(`(?<!\\p{L})${format}(?!\\p{L})`, 'giu'))),
  )
  if (/```|code block|code fence/iu.test(text)) found.add('code block')
  if (/\btable\b|Tabelle|tableau|tabla/iu.test(text)) found.add('table')
  if (/\b(?:bullet|bulleted|Stichpunkte|puces|viñetas)\b/iu.test(text)) found.add('bullets')
  return found
}

/** Formats that a text rules out. */
function findForbidden(text: string): Set<string> {
  return new Set(
    formats.filter((format) =>
      [...text.matchAll(new RegExp(`(?<!\\p{L})${format}(?!\\p{L})`, 'giu'))].some(({ index }) =>
        negation.test(text.slice(0, index)),
      ),
    ),
  )
}

function isPromised(text: string, pattern: RegExp): boolean {
  return [...text.matchAll(pattern)].some(({ index }) => !negation.test(text.slice(0, index)))
}

function compareFormats(before: string, after: string): Difference[] {
  const [old, now] = [findFormats(before), findFormats(after)]
  const [ruledOut, forbidden] = [findForbidden(before), findForbidden(after)]
  const lost = [...old].filter((format) => !now.has(format) || (forbidden.has(format) && !ruledOut.has(format)))
  const added = [...now].filter((format) => !old.has(format) && machineFormats.has(format))
  return [
    ...lost.map((format) => toDifference('format', `it no longer asks for ${toName(format)}`, toName(format), null)),
    ...added.map((format) =>
      toDifference('format', `it asks for ${toName(format)}, which the original does not`, null, toName(format)),
    ),
  ]
}

function toName(format: string): string {
  return format.length <= 4 ? format.toUpperCase() : format
}

const quoted =
  /"([^"\n{}]{1,40})"|“([^”\n]{1,40})”|„([^“\n]{1,40})“|«([^»\n]{1,40})»|`([^`\n]{1,40})`|(?<!\p{L})'([^'\n]{1,40})'(?!\p{L})/gu
const objectKeys = /(?<!\{)\{(?!\{)([^{}]{1,2000})\}(?!\})/gu
const namedLists =
  /(?<!\p{L})(?:keys?|fields?|properties|columns?|members?|attributes?|labels?|categories|classes|options|values?|one of|either|Feldern?|Schlüsseln?|Spalten|champs|clés|campos|claves)(?:\s+(?:named|called|are|named:|:))?[\s:(]{1,5}((?:[\p{L}\p{N}_-]{1,40}(?:\s?[,/|]\s?(?:(?:and|or|und|oder|et|ou|y|o)\s)?|\s(?:and|or|und|oder|et|ou|y|o)\s)){1,20}[\p{L}\p{N}_-]{1,40})/giu
const alternatives =
  /(?<![\p{L}\p{N}_-])((?:[\p{L}\p{N}_-]{1,40},\s?){1,20}[\p{L}\p{N}_-]{1,40},?\s(?:or|oder|ou|или)\s[\p{L}\p{N}_-]{1,40})/giu
const maxKeyWords = 4
const identifiers =
  /(?<![\p{L}\p{N}_{])(?:\p{L}{1,60}(?:_[\p{L}\p{N}]{1,60}){1,20}|\p{Ll}{1,60}(?:\p{Lu}[\p{Ll}\p{N}]{1,60}){1,20})(?![\p{L}\p{N}_}])/gu

/** Keys, labels and identifiers that the original names: what reads the answers looks for them letter by letter. */
function findKeys(text: string): Set<string> {
  const short = [...text.matchAll(quoted)]
    .map((match) => (match.slice(1).find((group) => group !== undefined) as string).trim())
    .filter((word) => word.split(/\s+/).length <= maxKeyWords)
  const listed = [namedLists, alternatives].flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(([, list = '']) => toListItems(list)),
  )
  const names = [...text.matchAll(identifiers)].map(([name]) => name)
  return new Set([...short, ...findObjectKeys(text), ...listed, ...names])
}

function findObjectKeys(text: string): string[] {
  return [...text.matchAll(objectKeys)].flatMap(([, inside = '']) =>
    inside.includes(':')
      ? [...inside.matchAll(/["']?([\p{L}_][\p{L}\p{N}_-]*)["']?\s*:/gu)].map(([, key = '']) => key)
      : inside.includes(',')
        ? inside
            .split(',')
            .filter((key) => /^\s*["']?[\p{L}_][\p{L}\p{N}_-]*["']?\s*$/u.test(key))
            .map((key) => key.replace(/["'\s]/g, ''))
        : [],
  )
}

const conjunction = /^(?:and|or|und|oder|et|ou|y|o|или)\s+/u

function toListItems(list: string): string[] {
  return list
    .split(/\s*[,/|]\s*|\s+(?:and|or|und|oder|et|ou|y|o|или)\s+/u)
    .map((item) => item.trim().replace(conjunction, ''))
    .filter((item) => item !== '')
}

function compareKeys(before: string, after: string): Difference[] {
  const bare = after.replace(/\{\{\w+\}\}/g, ' ')
  const old = findKeys(before.replace(/\{\{\w+\}\}/g, ' '))
  const lost = [...old].filter((key) => !holdsToken(bare, key))
  const structured = findFormats(before).size > 0 && old.size > 0
  const added = structured ? [...findKeys(bare)].filter((key) => !holdsToken(before, key)) : []
  return [
    ...lost.map((key) => toDifference('keys', `it no longer names “${key}”`, key, null)),
    ...added.map((key) => toDifference('keys', `it names “${key}”, which the original does not`, null, key)),
  ]
}

/** Letter by letter, for programs compare so; not as a part of a longer name. */
function holdsToken(text: string, key: string): boolean {
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    const [left, right] = [text[at - 1] ?? ' ', text[at + key.length] ?? ' ']
    if (!/[\p{L}\p{N}_]/u.test(left) && !/[\p{L}\p{N}_]/u.test(right)) return true
  }
  return false
}

const units =
  /(\d+|one|two|three|four|five|six|seven|eight|nine|ten|a single)[\s-]+(?:\p{L}+\s)?(words?|sentences?|lines?|paragraphs?|bullets?|bullet points?|items?|characters?|tokens?|steps?|options?|examples?|digits?)/giu
const numberWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

function findLimits(text: string): Set<string> {
  const limits = new Set<string>()
  for (const [, count = '', unit = ''] of text.matchAll(units))
    limits.add(
      `${toNumber(count)} ${unit
        .toLowerCase()
        .replace(/^bullet points?$/, 'bullet')
        .replace(/s$/, '')}`,
    )
  for (const [number] of text
    .replace(/\{\{\w+\}\}/g, ' ')
    .matchAll(/(?<![\p{L}\p{N}_.-])\d+(?:[.,]\d+)*(?![\p{L}\p{N}_])/gu))
    if (![...limits].some((limit) => limit.startsWith(`${number} `))) limits.add(number)
  return limits
}

function toNumber(count: string): string {
  const at = numberWords.indexOf(count.toLowerCase() === 'a single' ? 'one' : count.toLowerCase())
  return at < 0 ? count : String(at)
}

/** List numbers ("1.", "2)") are no limits. */
function withoutListNumbers(text: string): string {
  return text.replace(/^\s*\d{1,2}[.)]\s/gmu, ' ')
}

function compareLimits(before: string, after: string): Difference[] {
  const [old, now] = [findLimits(withoutListNumbers(before)), findLimits(withoutListNumbers(after))]
  return [...old]
    .filter((limit) => !now.has(limit) && ![...now].some((other) => other.startsWith(`${limit} `)))
    .map((limit) => {
      const unit = limit.split(' ')[1]
      const changed = unit === undefined ? undefined : [...now].find((other) => other.endsWith(` ${unit}`))
      return toDifference(
        'limits',
        changed === undefined ? `it no longer says “${limit}”` : `it says “${changed}” instead of “${limit}”`,
        limit,
        changed ?? null,
      )
    })
}

function compareExclusive(before: string, after: string): Difference[] {
  const found = exclusive.exec(before)
  if (found === null || exclusive.test(after)) return []
  const sentence = toSentences(before).find((line) => exclusive.test(line)) ?? found[0]
  return [toDifference('exclusive', 'it no longer says that nothing else belongs into the answer', sentence, null)]
}

function findLanguageNames(text: string): Set<string> {
  const names = languageNames.filter((name) => isPromised(text, new RegExp(`(?<!\\p{L})${name}(?!\\p{L})`, 'gu')))
  const foreign = [...text.matchAll(foreignLanguageNames)].map(([name]) => name.toLowerCase())
  const locales = [...text.matchAll(/(?<![\p{L}-])[a-z]{2}-[A-Z]{2}(?![\p{L}-])/gu)].map(([name]) => name)
  return new Set(
    [...names, ...foreign, ...locales].map((name) => languageSynonyms[name.toLowerCase()] ?? name.toLowerCase()),
  )
}

function compareLanguages(before: string, after: string): Difference[] {
  const [old, now] = [findLanguageNames(before), findLanguageNames(after)]
  const [lost, added] = [[...old].filter((name) => !now.has(name)), [...now].filter((name) => !old.has(name))]
  const differences = [
    ...lost.map((name) => toDifference('language', `it no longer names the language ${name}`, name, null)),
    ...added.map((name) =>
      toDifference('language', `it names the language ${name}, which the original does not`, null, name),
    ),
  ]
  const own = new Set([findLanguage(before), ...toSentences(before).map(findLanguage)])
  for (const sentence of toSentences(after)) {
    const language = before.includes(sentence) ? null : findLanguage(sentence)
    if (language !== null && !own.has(language)) {
      // A prompt too short to show its language takes any; words of English are the field's own.
      if (language === 'English' && [...own].every((name) => name === null)) continue
      differences.push(
        toDifference('language', `a sentence of it is written in ${language}, unlike the original`, null, sentence),
      )
    }
  }
  return differences
}

function toDifference(
  kind: Difference['kind'],
  note: string,
  removed: string | null,
  added: string | null,
): Difference {
  return { kind, note, removed, added }
}
