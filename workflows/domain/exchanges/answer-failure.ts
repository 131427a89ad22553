/**
 * Whether an answer failed although its HTTP status says 2xx: the one place that decides it. The record, the outcome,
 * the translated answer and its HTTP status all follow from here. Pure.
 *
 * A decline is no failure: the model's own (`refusal`) and the provider's (`content_filter`, `SAFETY`, a blocked
 * prompt) have words of their own on every wire, and the outcome reads them.
 */
import type { ProviderWire } from '../../../db/words/wire.ts'
import { asArray, asObject, asText, type JsonObject } from '../json/json.ts'
import type { ParsedAnswer, ParsedEvent } from './recorded-answer.ts'
import { readBareError, readStatedError, unstatedStatus, type AnswerFailure } from './stated-error.ts'

export type { AnswerFailure } from './stated-error.ts'

/** `null` = a call that passes through: only an error that it states counts. */
export type FailureWire = ProviderWire | null

/** Looks at the events of one streamed answer, in order. The first failure stays. */
export interface FailureWatch {
  /**
   * Whether an event has to be parsed and shown to `see`; `false` = it cannot state a failure. For the hot path: most
   * events of a stream carry words of the answer and nothing else.
   */
  concerns(data: string): boolean
  /** `event`: its parsed data (or the text where it is not JSON); `name`: of the `event:` line. */
  see(event: unknown, name?: string | null): AnswerFailure | null
  /** The stream has said that it is complete: one that carried no answer at all has failed too. */
  end(): AnswerFailure | null
  readonly failure: AnswerFailure | null
}

interface WireFailures {
  whole(body: JsonObject): AnswerFailure | null
  event(event: JsonObject): AnswerFailure | null
  /** Whether the event belongs to an answer, so that the stream is not empty. */
  carriesAnswer(event: JsonObject): boolean
  /** Texts of which at least one stands in every event that can state a failure once the answer has begun. */
  concerns(data: string): boolean
}

/** One of these stands in every chunk of a chat stream that can state a failure. */
const failureMarks = /"error"|_reason": ?"|"base_resp"/
/**
 * Ends that are none of an answer's: DeepSeek, Zhipu, vLLM and Cohere, and Gemini's as compatible servers pass them.
 */
const failedFinish =
  /^error|_error$|^abort|^cancell?ed$|^timeout$|insufficient_system_resource|malformed|unexpected_tool|too_many_tool|missing_thought|no_image|^image_other$/i
/** Gemini's: what is neither an end, a limit nor a block is a failure, so that a word of tomorrow is no success. */
const googleEnds =
  /^(?:STOP|MAX_TOKENS|FINISH_REASON_UNSPECIFIED)$|SAFETY|RECITATION|BLOCKLIST|PROHIBITED|SPII|LANGUAGE|MODEL_ARMOR/

const wires: Readonly<Record<ProviderWire, WireFailures>> = {
  chat: {
    whole: findInCompletion,
    event: (chunk) =>
      readStatedError(chunk) ??
      findInChoice(firstChoice(chunk)) ??
      (Array.isArray(chunk.choices) ? null : readBareError(chunk)),
    carriesAnswer: (chunk) => asArray(chunk.choices).length > 0,
    concerns: (data) => !data.includes('"choices"') || failureMarks.test(data),
  },
  responses: {
    whole: findInResponse,
    event: findInResponseEvent,
    carriesAnswer: (event) =>
      /^response\.(?:output|content|reasoning|function|custom|refusal)/.test(String(event.type)) ||
      asArray(asObject(event.response)?.output).length > 0 ||
      // A limit may come before the first word, and in the background it is still being made.
      ['incomplete', 'queued'].includes(asText(asObject(event.response)?.status) ?? ''),
    concerns: (data) => !data.includes('.delta"'),
  },
  messages: {
    whole: findInMessage,
    event: (event) =>
      readStatedError(event) ??
      (event.type === 'error' ? (readBareError(event) ?? unreadable('an error without words')) : null) ??
      findInStop(asText(asObject(event.delta)?.stop_reason) ?? asText(asObject(event.message)?.stop_reason)),
    carriesAnswer: (event) => /^(?:message|content_block)_/.test(String(event.type)),
    concerns: (data) => !data.includes('"content_block_delta"'),
  },
  google: {
    whole: findInCandidates,
    event: (chunk) => readStatedError(chunk) ?? findInCandidate(asObject(asArray(chunk.candidates)[0])),
    carriesAnswer: (chunk) => asArray(chunk.candidates).length > 0 || isBlocked(chunk),
    concerns: (data) => ['"error"', '"finishReason"'].some((text) => data.includes(text)),
  },
}

/** A whole answer, parsed; what is no JSON at all is given as `null`. */
export function findAnswerFailure(wire: FailureWire, body: unknown): AnswerFailure | null {
  // Google writes an error, or a stream that nobody asked to frame, as a list.
  if (Array.isArray(body) && wire === 'google')
    return findInEvents(
      wire,
      body.map((data: unknown) => ({ name: null, data })),
    )
  const object = asObject(body)
  if (wire === null) return readStatedError(object)
  return object === null ? unreadable('a body that is no answer of its dialect') : wires[wire].whole(object)
}

/** A recorded answer. `cut`: only its beginning was kept, so what is missing proves nothing. Never throws. */
export function findParsedFailure(wire: FailureWire, answer: ParsedAnswer, cut: boolean): AnswerFailure | null {
  if (answer.kind === 'events') return findInEvents(wire, answer.events, !cut)
  return cut && answer.body === null ? null : findAnswerFailure(wire, answer.body)
}

export function createFailureWatch(wire: FailureWire): FailureWatch {
  const rules = wire === null ? null : wires[wire]
  let failure: AnswerFailure | null = null
  let began = false
  return {
    concerns: (data) => failure === null && (rules === null || !began || rules.concerns(data)),
    see(event, name = null) {
      const object = asObject(event)
      if (failure !== null) return failure
      if (object === null) failure = name === 'error' ? toPlainFailure(event) : findDamage(event)
      else if (rules === null) failure = readStatedError(object)
      else {
        const named = typeof object.type === 'string' || name === null || name === 'message'
        const typed = named ? object : { ...object, type: name }
        began ||= rules.carriesAnswer(typed)
        failure = rules.event(typed)
        if (failure === null && name === 'error')
          failure = readBareError(object) ?? unreadable('an error without words')
      }
      return failure
    },
    end() {
      if (!began && rules !== null) failure ??= unreadable('a stream without an answer')
      return failure
    },
    get failure() {
      return failure
    },
  }
}

function findInEvents(wire: FailureWire, events: readonly ParsedEvent[], complete = true): AnswerFailure | null {
  const watch = createFailureWatch(wire)
  // The last event that was kept may be a piece of one.
  const whole = complete || typeof events.at(-1)?.data !== 'string' ? events : events.slice(0, -1)
  for (const { name, data } of whole) watch.see(data, name)
  return complete ? watch.end() : watch.failure
}

/** No client can read on behind an event that is no JSON. */
function findDamage(event: unknown): AnswerFailure | null {
  return typeof event === 'string' && event.trim() !== '' ? unreadable('an event that is not a JSON object') : null
}

/** Some servers say their error in plain words. */
function toPlainFailure(event: unknown): AnswerFailure {
  return { code: 'error', message: String(event ?? 'The upstream failed.'), httpStatus: unstatedStatus }
}

function unreadable(what: string): AnswerFailure {
  return { code: 'upstream_unreadable', message: `The upstream sent ${what}.`, httpStatus: unstatedStatus }
}

function noAnswer(body: JsonObject): AnswerFailure {
  return readBareError(body) ?? unreadable('a body that is no answer of its dialect')
}

function findInCompletion(body: JsonObject): AnswerFailure | null {
  const stated = readStatedError(body)
  if (stated !== null) return stated
  if (!Array.isArray(body.choices)) return noAnswer(body)
  const choice = firstChoice(body)
  const failed = findInChoice(choice)
  if (failed !== null) return failed
  const says = [choice?.message, choice?.text, choice?.delta, choice?.finish_reason]
  return says.some((said) => said !== undefined && said !== null) ? null : unreadable('an answer without a choice')
}

/** The others are variants of the same answer. */
function firstChoice(body: JsonObject): JsonObject | null {
  const choices = asArray(body.choices).map(asObject)
  return choices.find((choice) => choice !== null && (choice.index ?? 0) === 0) ?? null
}

function findInChoice(choice: JsonObject | null): AnswerFailure | null {
  const stated = readStatedError(choice) ?? readStatedError(asObject(choice?.delta) ?? asObject(choice?.message))
  if (stated !== null) return stated
  const finish = findInStop(asText(choice?.finish_reason))
  if (finish !== null) return finish
  const native = asText(choice?.native_finish_reason)
  return native !== null && native === native.toUpperCase() ? findInStop(native) : null
}

function findInStop(reason: string | null): AnswerFailure | null {
  return reason !== null && failedFinish.test(reason) ? toStopFailure(reason, null) : null
}

function toStopFailure(reason: string, message: string | null): AnswerFailure {
  return {
    code: reason.toLowerCase(),
    message: message ?? `The upstream ended the answer with ${reason}.`,
    httpStatus: unstatedStatus,
  }
}

function findInMessage(body: JsonObject): AnswerFailure | null {
  const stated = readStatedError(body)
  if (stated !== null) return stated
  if (body.type === 'error' || !Array.isArray(body.content)) return noAnswer(body)
  const reason = asText(body.stop_reason)
  // Claude ends its turn without a word where nothing is left to say.
  return body.content.length === 0 && reason === null ? unreadable('an answer without content') : findInStop(reason)
}

function findInResponse(body: JsonObject): AnswerFailure | null {
  const broken = findInStatus(body)
  if (broken !== null) return broken
  const status = asText(body.status) ?? 'completed'
  // In the background it is still being made; a limit may come before the first word.
  if (status !== 'completed') return null
  if (!Array.isArray(body.output)) return noAnswer(body)
  return body.output.length === 0 ? unreadable('an answer without output') : null
}

function findInStatus(response: JsonObject | null): AnswerFailure | null {
  const stated = readStatedError(response)
  if (stated !== null) return stated
  const status = asText(response?.status)
  return status === 'failed' || status === 'cancelled' ? toStopFailure(status, null) : null
}

function findInResponseEvent(event: JsonObject): AnswerFailure | null {
  const stated = readStatedError(event) ?? findInStatus(asObject(event.response))
  if (stated !== null) return stated
  const type = String(event.type)
  if (type === 'error' || type === 'response.error') return readBareError(event) ?? unreadable('an error without words')
  return type === 'response.failed' ? toStopFailure('failed', null) : null
}

function findInCandidates(body: JsonObject): AnswerFailure | null {
  const stated = readStatedError(body)
  if (stated !== null) return stated
  const candidate = asObject(asArray(body.candidates)[0])
  if (candidate !== null) return findInCandidate(candidate)
  if (isBlocked(body)) return null
  return Array.isArray(body.candidates) ? unreadable('an answer without a candidate') : noAnswer(body)
}

function findInCandidate(candidate: JsonObject | null): AnswerFailure | null {
  const reason = asText(candidate?.finishReason)
  if (reason === null || googleEnds.test(reason)) return null
  return toStopFailure(reason, asText(candidate?.finishMessage))
}

/** The provider declined the prompt. */
function isBlocked(body: JsonObject): boolean {
  return asText(asObject(body.promptFeedback)?.blockReason) !== null
}
