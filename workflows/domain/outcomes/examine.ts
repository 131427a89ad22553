/**
 * Looks at an answer beside what was asked: the one place where all checks of an answer meet, for every wire, streamed
 * or not. Pure, and bounded: each check looks at a limited part of the texts.
 */
import type { ToolCall } from '../exchanges/answer-parts.ts'
import type { AnswerFault } from './answer-fault.ts'
import { findAskedJson, misses } from './asked-json.ts'
import { findLanguageMiss } from './asked-language.ts'
import { isUnfinished, isWantedShort } from './cut-short.ts'
import { beginsLikeDecline, findDecline } from './decline.ts'
import { checkAnswer, type Expectations, type SchemaCheck } from './expectations.ts'
import { findOpenPlace } from './placeholders.ts'
import { isRepetitive } from './repetition.ts'
import type { AnswerFacts } from './score.ts'
import { isBlank } from './words.ts'

/** The texts of a request, as the shipper keeps them. */
export interface AskedTexts {
  system: string | null
  /** The user's latest message, or the first where the request ends with something else. */
  latest: string | null
}

export interface GivenAnswer {
  /** `null` = no text. */
  content: string | null
  /** Only the beginning and the end of a long text stand in `content`. */
  shortened?: boolean
  toolCalls: ToolCall[]
  /** Pictures or sound without words. */
  hasMedia: boolean
  stopReason: string | null
  /** As the reader says: declared, or in words. */
  refusal: boolean
  /** Only a beginning of the answer was recorded. */
  cut: boolean
}

export interface Examined {
  answer: AnswerFacts
  faults: AnswerFault[]
  /** What a schema has to tell. */
  checks: SchemaCheck[]
}

/** Ends that say so themselves when the model or its provider declined. */
const declaredStops =
  /^(?:refusal|content_filter|sensitive|safety|image_safety|recitation|blocklist|prohibited_content|spii|language|model_armor|image_prohibited_content|image_recitation|guardrail_intervened|content_filtered)$/i
/** Calls alike in one answer: an agent that turns in circles. */
const maxLikeCalls = 4

export function examineAnswer(asked: Expectations & AskedTexts, given: GivenAnswer): Examined {
  const content = given.content !== null && isBlank(given.content) ? null : given.content
  const request = [asked.system, asked.latest].filter((text) => text !== null).join('\n')
  const declared =
    given.refusal && (declaredStops.test(given.stopReason ?? '') || content === null || findDecline(content) === null)
  const answer: AnswerFacts = {
    hasText: content !== null || given.hasMedia,
    hasToolCalls: given.toolCalls.length > 0,
    refusal: declared || declaredStops.test(given.stopReason ?? ''),
    stopReason: given.stopReason,
    cut: given.cut,
    wantedShort: content === null ? false : isWantedShort(content, asked.outputLimit, request),
  }
  // What is missing from an answer that was not kept whole proves nothing.
  if (given.cut) return { answer, faults: findInText(asked, request, content, { whole: false }), checks: [] }
  const { faults, checks } = checkAnswer(asked, { content, toolCalls: given.toolCalls })
  if (given.toolCalls.length > 0) return { answer, faults: [...faults, ...findCircle(given.toolCalls)], checks }
  return {
    answer,
    faults: [...faults, ...findInText(asked, request, content, { whole: given.shortened !== true })],
    checks,
  }
}

function findInText(
  asked: Expectations & AskedTexts,
  request: string,
  content: string | null,
  { whole }: { whole: boolean },
): AnswerFault[] {
  if (content === null) return []
  const decline = findDecline(content, request)
  if (decline !== null)
    return [{ code: 'refusal', message: 'the model declined in its own words', confidence: decline.confidence }]
  const faults: AnswerFault[] = []
  if (beginsLikeDecline(content))
    faults.push({ code: 'refusal', message: 'it begins like a decline and goes on', confidence: 0.3 })
  if (isRepetitive(content, request))
    faults.push({ code: 'repetition', message: 'the answer says the same again and again', confidence: 0.9 })
  const place = asked.json === null ? findOpenPlace(content, request) : null
  if (place !== null)
    faults.push({
      code: 'open_place',
      message: 'a place was left open that the answer should have filled',
      confidence: place.confidence,
    })
  const miss = asked.json === null ? findLanguageMiss(asked.system, asked.latest, content) : null
  if (miss !== null)
    faults.push({
      code: 'wrong_language',
      message: `the answer is in another language (${miss.given}) than it should be (${miss.wanted})`,
      confidence: miss.confidence,
    })
  if (whole) faults.push(...findMissingForm(asked, content))
  return faults
}

/** What only a text that is there from end to end can tell. */
function findMissingForm(asked: Expectations & AskedTexts, content: string): AnswerFault[] {
  const faults: AnswerFault[] = []
  if (asked.json !== null) return faults
  const texts = [asked.latest, asked.system].filter((text) => text !== null)
  const json = findAskedJson(texts)
  const missing = json === null ? 0 : misses(json, content)
  if (missing > 0)
    faults.push({
      code: 'invalid_json',
      message: 'the answer is not the JSON that was asked for in words',
      confidence: missing,
    })
  const unfinished = asked.stopTexts ? 0 : isUnfinished(content)
  if (unfinished > 0)
    faults.push({ code: 'unfinished', message: 'the answer stops in the middle', confidence: unfinished })
  return faults
}

function findCircle(calls: readonly ToolCall[]): AnswerFault[] {
  const counts = new Map<string, number>()
  for (const { name, arguments: written } of calls) {
    const call = `${name}\n${written.slice(0, 2_000)}`
    counts.set(call, (counts.get(call) ?? 0) + 1)
  }
  return Math.max(...counts.values()) > maxLikeCalls
    ? [{ code: 'repetition', message: 'it makes the same tool call again and again', confidence: 0.9 }]
    : []
}
