import { toAnswerEvents } from './answer-events.ts'
import { adapters, providerAdapters } from './adapters.ts'
import { defaultWriteOptions, type StreamWriteOptions, type WriteOptions } from './adapter.ts'
import { toWireError, truncatedError, unreadableCode, unreadableError, withStatus } from './errors.ts'
import { refuseEmptied } from './emptied.ts'
import { findUnknownMembers } from './part-members.ts'
import { nameTools, type OriginalName } from './fit/tool-names.ts'
import { fitRequest } from './fit/fit-request.ts'
import { isObject, JsonSyntaxError, parseJson, parseJsonObject, writeJson, type JsonObject } from './json.ts'
import type { ProviderWire, Wire } from '../../db/words/wire.ts'
import type { Usage, WireError } from './model.ts'
import { TranslationReport, UntranslatableError } from './report.ts'
import { withoutSettings } from './settings.ts'
import { findAnswerFailure } from '../../workflows/domain/exchanges/answer-failure.ts'

/**
 * The way of a call between two dialects. Same dialect: nothing here is called, bytes pass untouched. Otherwise
 *   request: translateRequest(caller's body) → the upstream's body
 *   answer:  translateAnswer(upstream's JSON), or an EventTranslator (translate-stream.ts) for its events → the caller's
 */
export interface RequestWay {
  readonly from: Wire
  readonly to: ProviderWire
}
export interface AnswerWay {
  readonly from: ProviderWire
  readonly to: Wire
}

export interface TranslateRequestOptions {
  /**
   * `refuse`: a request that would lose something is a 400 that names it; `drop`: it is sent without, and what was lost
   * is named.
   */
  readonly untranslatable: 'refuse' | 'drop'
  readonly write?: Partial<WriteOptions>
}

export interface Translated {
  readonly body: string
  /** For `x-sinew-dropped` (see toDroppedHeader). */
  readonly dropped: readonly string[]
}

export interface TranslatedRequest extends Translated {
  /** What was dropped, with what people call it where its path does not say it. */
  readonly named: readonly string[]
  /** The upstream's names of tools → the caller's, where they differ. */
  readonly names: ReadonlyMap<string, OriginalName>
}

/** Throws UntranslatableError, and nothing else, for whatever bytes a caller sends. */
export function translateRequest(
  body: string,
  { from, to }: RequestWay,
  options: TranslateRequestOptions,
): TranslatedRequest {
  const parsed = parseRequest(body)
  const report = new TranslationReport()
  const write = { ...defaultWriteOptions, ...options.write }
  const known = withoutSettings(adapters[from].readRequest(parsed, report), write.unsupported, report)
  const accepts = write.accepts(to)
  const { request, names } = nameTools(fitRequest(known, { accepts, write, report }), accepts.toolNames)
  const written = providerAdapters[to].writeRequest(request, report, write)
  if (options.untranslatable === 'refuse' && report.refusable.length > 0) {
    const fields = report.refusable
    throw new UntranslatableError(
      fields,
      `${fields.map((field) => report.describe(field)).join(', ')} cannot be expressed for this model's provider, which speaks another dialect. Leave it out, or set "untranslatable: drop".`,
    )
  }
  report.hintAll(findUnknownMembers(parsed, from))
  refuseEmptied(known, report)
  return { body: writeJson(written), dropped: report.dropped, named: report.named, names }
}

export interface TranslatedAnswer extends Translated {
  /** The HTTP status that goes with the body. */
  readonly status: number
  /** The upstream sent an answer, or an error in the words of its dialect. */
  readonly readable: boolean
  /** It was an answer, and it did not fail. */
  readonly answered: boolean
  /** As the upstream stated it; a failed answer may have cost tokens all the same. */
  readonly usage: Usage | undefined
}

/** Seconds, for answers of dialects that do not say when they were made. */
export type Clock = () => number
export const systemClock: Clock = () => Math.floor(Date.now() / 1000)

/**
 * A whole JSON answer. An upstream's error stays one, in the caller's words and with the status that it stands for,
 * even where the upstream said 200; so does an answer that failed, and a body that is no answer.
 */
export function translateAnswer(
  body: string,
  { from, to }: AnswerWay,
  status: number,
  clock: Clock = systemClock,
): TranslatedAnswer {
  const { readError, isAnswer, readAnswer } = providerAdapters[from]
  const parsed = parseJsonObject(body) ?? onlyOfList(body)
  const fail = (error: WireError, readable: boolean): TranslatedAnswer => ({
    body: writeJson(adapters[to].writeError(error)),
    status: error.status ?? status,
    readable,
    answered: false,
    dropped: [],
    usage:
      parsed !== undefined && status < 300 && isAnswer(parsed)
        ? readAnswer(parsed, new TranslationReport()).usage
        : undefined,
  })
  const stated = parsed === undefined ? undefined : readError(parsed)
  if (status >= 400)
    return fail(stated === undefined ? foreignError(body, status) : withStatus(stated, status), stated !== undefined)
  const failure = findAnswerFailure(from, parsed ?? null)
  if (failure !== null) return fail(toWireError(failure, stated), failure.code !== unreadableCode)
  if (parsed === undefined || status >= 300 || !isAnswer(parsed)) return fail(foreignError(body, status), false)
  const report = new TranslationReport()
  const answer = withCreated(readAnswer(parsed, report), clock)
  return {
    body: writeJson(adapters[to].writeAnswer(answer, report)),
    status,
    dropped: report.dropped,
    readable: true,
    answered: true,
    usage: answer.usage,
  }
}

/**
 * A JSON answer for a caller who asked for a stream: some upstreams answer so. Undefined when the body is no answer, or
 * one that failed (see translateAnswer).
 */
export function translateAnswerToStream(
  body: string,
  { from, to }: AnswerWay,
  options: StreamWriteOptions,
  clock: Clock = systemClock,
): (Translated & { readonly usage: Usage | undefined }) | undefined {
  const parsed = parseJsonObject(body)
  if (parsed === undefined || findAnswerFailure(from, parsed) !== null || !providerAdapters[from].isAnswer(parsed))
    return undefined
  const report = new TranslationReport()
  const writer = adapters[to].createStreamWriter(report, options)
  let text = ''
  const answer = withCreated(providerAdapters[from].readAnswer(parsed, report), clock)
  for (const event of toAnswerEvents(answer, (path) => report.drop(path)))
    if (event.kind !== 'damage') text += writer.write(event)
  return { body: text, dropped: report.dropped, usage: answer.usage }
}

/** Some dialects do not say when an answer was made. */
export function withCreated<T extends { readonly created?: number }>(holder: T, clock: Clock): T {
  return holder.created === undefined || holder.created === 0 ? { ...holder, created: clock() } : holder
}

function parseRequest(body: string): JsonObject {
  try {
    const value = parseJson(body)
    if (isObject(value)) return value
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw new UntranslatableError(['body'], `The body is not valid JSON: ${error.message}`)
    throw error
  }
  throw new UntranslatableError(['body'], 'The body must be a JSON object.')
}

/** Google writes its errors as a list of one. */
function onlyOfList(body: string): JsonObject | undefined {
  return /^\s*\[/.test(body) ? parseJsonObject(body.trim().replace(/^\[|\]$/g, '')) : undefined
}

function foreignError(body: string, status: number): WireError {
  if (status < 400) return unreadableError('a body that is no answer of its dialect')
  const text = body.trim().slice(0, 500)
  const error = { ...truncatedError, code: null, message: text === '' ? `The upstream answered ${status}.` : text }
  return withStatus(error, status)
}
