/**
 * Whether a text says no. Models without a declared refusal say it in words, at the beginning, in the language of the
 * conversation. A no that is followed by the answer is none. Pure; looks at a bounded part of the text.
 */
import { firmPhrases, offers, softPhrases, turningWords } from './decline-phrases.ts'
import { countWords } from './words.ts'

export interface Decline {
  /** From 0 to 1: how sure it is that the text declines. */
  confidence: number
}

/** A no stands in one of the first sentences, behind regrets, thanks and understanding at most. */
const maxOpeningSentences = 4
const maxSentenceCharacters = 400
/** So much of the text is looked at. */
const maxCharacters = 4_000
const maxTurns = 5
/** Words of an answer that follow "but", so that the no before them is none. */
const minWordsAfterTurn = 8
/** Words of an answer in the sentences after a soft no. */
const minWordsAfterSoft = 20

/** A letter or a mail, a dialogue, a quotation: what stands there is not said to the caller. */
const spokenByOthers =
  /^\W*(?:(?:dear|hi|hello|hallo|hey|liebe[rs]?|sehr geehrte[rs]?|guten tag|cher|chère|bonjour|madame|monsieur|estimad[oa]s?|querid[oa]s?|hola|prezad[oa]s?|car[oa]|gentile|egregio|beste|geachte|szanown\w+|drog\w+|уважаем\w+|дорог\w+|尊敬的|亲爱的|親愛的|subject|betreff|objet|asunto|assunto|oggetto|onderwerp|件名)(?![\p{L}])[^.!?。\n]{0,60}(?:[,:،，\n]|$)|[^\n.。、,]{1,20}様\s*\n|\*{0,2}[\p{Lu}][\p{L} ]{1,20}\*{0,2}: ?\p{Lu}|(?:#|```|[{[]))/iu
/** What models say before a long no. */
const regrets =
  /\b(?:i (?:understand|appreciate|realise|realize|see that|hear)|thank you for|sorry|apologi[sz]e|unfortunately|harm\w*|illegal|dangerous|against the law|leider|bedaure|verstehe|vielen dank|désolée?|regrette|comprends|lo siento|lamento|entiendo|comprendo|sinto muito|entendo|lamentavelmente|mi dispiace|capisco|purtroppo|het spijt|begrijp|przykro|rozumiem|niestety)(?!\p{L})|к сожалению|понимаю|извините|抱歉|对不起|理解|申し訳|죄송|이해|آسف|أتفهم|للأسف/u
const narrated = /, (?:the |he|she|[a-z]+ )?\w+ (?:said|asked|replied|answered|whispered|muttered|laughed)\b/

/** `null` = it does not. `request`: what was asked, where it is known; an answer that repeats its words says no no. */
export function findDecline(text: string, request = ''): Decline | null {
  const plain = text
    .slice(0, maxCharacters)
    .replaceAll(/[’‘`´]/g, "'")
    .trim()
  if (plain === '' || spokenByOthers.test(plain)) return null
  const sentences = toSentences(withoutQuotations(plain))
  for (const [index, sentence] of sentences.slice(0, maxOpeningSentences).entries()) {
    const words = sentence.toLowerCase()
    const firm = firmPhrases.some((phrase) => phrase.test(words))
    if (!firm && !softPhrases.some((phrase) => phrase.test(words))) continue
    // What stands in the first words may follow regrets; a soft no deep in an answer is a detail of it.
    if (!firm && index > 1 && !sentences.slice(0, index).some((before) => regrets.test(before.toLowerCase()))) continue
    if (narrated.test(words) || repeats(sentence, request)) return null
    if (hasContentBefore(sentences.slice(0, index))) return null
    return hasAnswerAfter(sentences, index, firm) ? null : { confidence: firm ? 0.95 : 0.85 }
  }
  return null
}

export function readsAsDecline(text: string): boolean {
  return findDecline(text) !== null
}

/** Whether a text that is no decline begins like one: somebody should look at it. */
export function beginsLikeDecline(text: string): boolean {
  const first = toSentences(text.slice(0, maxCharacters).replaceAll(/[’‘`´]/g, "'"))[0]?.toLowerCase() ?? ''
  return firmPhrases.some((phrase) => phrase.test(first)) || softPhrases.some((phrase) => phrase.test(first))
}

function toSentences(text: string): string[] {
  return (text.match(/[^.!?。！？؟।\n]+(?:[.!?。！？؟।]+|\n+|$)/gu) ?? [])
    .map((sentence) => sentence.trim().slice(0, maxSentenceCharacters))
    .filter((sentence) => sentence !== '')
}

/** Between quotation marks somebody else speaks. */
function withoutQuotations(text: string): string {
  return text.replaceAll(
    /"[^"\n]{1,300}"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]|«[^»\n]{1,300}»|「[^」\n]{1,300}」/gu,
    '""',
  )
}

/** An answer that had begun before the no: the no is a part of it. Thanks, understanding and regrets do not count. */
function hasContentBefore(before: readonly string[]): boolean {
  return before.some(
    (sentence) => /```|^\s*(?:[-*•]|\d+[.)])\s/.test(sentence) || /\bhere(?:'s| is| are)\b/i.test(sentence),
  )
}

function hasAnswerAfter(sentences: readonly string[], index: number, firm: boolean): boolean {
  const sentence = sentences[index] ?? ''
  const rest = sentences.slice(index + 1)
  const turned = afterTurn(sentence)
  if (turned !== null && !offers.test(turned.toLowerCase())) {
    const words = countWords([turned, ...(firm ? [] : rest)].join(' '))
    if (words >= minWordsAfterTurn) return true
  }
  if (/```/.test(rest.join(' '))) return true
  const answers = rest.filter((said) => !offers.test(said.toLowerCase()))
  const turning = rest.findIndex((said) => startsWithTurn(said) && !offers.test(said.toLowerCase()))
  if (turning >= 0 && countWords(rest.slice(turning).join(' ')) >= minWordsAfterTurn + 4) return true
  return !firm && countWords(answers.join(' ')) >= minWordsAfterSoft
}

function afterTurn(sentence: string): string | null {
  // The "but" of "I'm sorry, but I can't" stands before the no; what counts is the last one.
  let rest = sentence
  let after: string | null = null
  for (let turn = 0; turn < maxTurns; turn++) {
    const found = turningWords.exec(rest)
    if (found === null) break
    rest = rest.slice(found.index + found[0].length)
    after = rest
    const words = rest.toLowerCase()
    if (![...firmPhrases, ...softPhrases].some((phrase) => phrase.test(words))) break
  }
  if (after === null) return null
  const words = after.toLowerCase()
  return [...firmPhrases, ...softPhrases].some((phrase) => phrase.test(words)) ? null : after
}

function startsWithTurn(sentence: string): boolean {
  return (turningWords.exec(sentence.slice(0, 24))?.index ?? -1) === 0
}

/** An answer to "correct this sentence" is made of the request's own words. */
function repeats(sentence: string, request: string): boolean {
  if (request === '') return false
  const given = new Set(toWordList(request.slice(0, maxCharacters)))
  const own = toWordList(sentence)
  return own.length >= 4 && own.filter((word) => given.has(word)).length / own.length >= 0.7
}

function toWordList(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []
}
