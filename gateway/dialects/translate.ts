import { toAnswerEvents } from './answer-events.ts'
import { adapters, providerAdapters } from './adapters.ts'
import { defaultWriteOptions, type StreamWriteOptions, type WriteOptions } from './adapter.ts'
import { withShortCallIds } from './call-ids.ts'
import { truncatedError, unreadableError, withStatus } from './errors.ts'
import { isObject, JsonSyntaxError, parseJson, parseJsonObject, writeJson, type JsonObject } from './json.ts'
import type { ProviderWire, Wire } from '../../db/words/wire.ts'
import type { AnswerEvent, Usage, WireError } from './model.ts'
import { TranslationReport, UntranslatableError } from './report.ts'
import { withoutSettings } from './settings.ts'
import { createSequencer } from './sequence.ts'
import { SseReader } from '../bytes/sse-reader.ts'
import { SseLimitError, writeSseComment, type SseEvent } from '../bytes/sse.ts'
import { mergeUsage } from './usage.ts'

/**
 * The way of a call between two dialects. Same dialect: nothing here is called, bytes pass untouched. Otherwise
 *   request: translateRequest(caller's body) → the upstream's body
 *   answer:  translateAnswer(upstream's JSON) or createStreamTranslator(upstream's bytes) → the caller's
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

/** Throws UntranslatableError, and nothing else, for whatever bytes a caller sends. */
export function translateRequest(body: string, { from, to }: RequestWay, options: TranslateRequestOptions): Translated {
  const parsed = parseRequest(body)
  const report = new TranslationReport()
  const write = { ...defaultWriteOptions, ...options.write }
  const request = withoutSettings(adapters[from].readRequest(parsed, report), write.unsupported, report)
  const written = providerAdapters[to].writeRequest(
    write.shortCallIds ? withShortCallIds(request) : request,
    report,
    write,
  )
  if (options.untranslatable === 'refuse' && report.refusable.length > 0) {
    const fields = report.refusable
    throw new UntranslatableError(
      fields,
      `${fields.join(', ')} cannot be expressed for this model's provider, which speaks another dialect. Leave it out, or set "untranslatable: drop".`,
    )
  }
  return { body: writeJson(written), dropped: report.dropped }
}

export interface TranslatedAnswer extends Translated {
  /** As the upstream stated it. */
  readonly usage: Usage | undefined
}

/**
 * A whole JSON answer. An upstream's error stays one, in the caller's words; what is no answer at all is told as such.
 * `readable`: it was an answer or an error of its dialect; `answered`: it was an answer.
 */
export function translateAnswer(
  body: string,
  { from, to }: AnswerWay,
  status: number,
): TranslatedAnswer & { readonly readable: boolean; readonly answered: boolean } {
  const parsed = parseJsonObject(body) ?? onlyOfList(body)
  const error = parsed === undefined ? undefined : providerAdapters[from].readError(parsed)
  if (parsed !== undefined && error !== undefined)
    return {
      body: writeJson(adapters[to].writeError(withStatus(error, status))),
      dropped: [],
      readable: true,
      answered: false,
      usage: undefined,
    }
  if (parsed === undefined || status >= 400 || !providerAdapters[from].isAnswer(parsed)) {
    return {
      body: writeJson(adapters[to].writeError(foreignError(body, status))),
      dropped: [],
      readable: false,
      answered: false,
      usage: undefined,
    }
  }
  const report = new TranslationReport()
  const answer = providerAdapters[from].readAnswer(parsed, report)
  return {
    body: writeJson(adapters[to].writeAnswer(answer, report)),
    dropped: report.dropped,
    readable: true,
    answered: true,
    usage: answer.usage,
  }
}

/**
 * A JSON answer for a caller who asked for a stream: some upstreams answer so. Undefined when the body is no answer
 * (see translateAnswer).
 */
export function translateAnswerToStream(
  body: string,
  { from, to }: AnswerWay,
  options: StreamWriteOptions,
): TranslatedAnswer | undefined {
  const parsed = parseJsonObject(body)
  if (
    parsed === undefined ||
    providerAdapters[from].readError(parsed) !== undefined ||
    !providerAdapters[from].isAnswer(parsed)
  )
    return undefined
  const report = new TranslationReport()
  const writer = adapters[to].createStreamWriter(report, options)
  let text = ''
  const answer = providerAdapters[from].readAnswer(parsed, report)
  for (const event of toAnswerEvents(answer, (path) => report.drop(path)))
    if (event.kind !== 'damage') text += writer.write(event)
  return { body: text, dropped: report.dropped, usage: answer.usage }
}

/** Sinew's own errors, in the caller's dialect. */
export function writeErrorBody(error: WireError, to: Wire): string {
  return writeJson(adapters[to].writeError(error))
}

/** A stream's events, as they were split on the way in, into the caller's. */
export interface EventTranslator {
  /** The caller's bytes for one event of the upstream. */
  read(event: SseEvent): string
  /**
   * The upstream closed. A stream that was not complete ends with an error event of the caller's dialect, never with a
   * made-up end.
   */
  end(): string
  /** The upstream broke off: an error event, unless the answer was complete. */
  fail(error: WireError): string
  readonly dropped: readonly string[]
  /** As the upstream has stated it so far. */
  readonly usage: Usage | undefined
  /** The caller has been told the end. */
  readonly completed: boolean
  /** After an error event the connection is to be cut. */
  readonly failed: boolean
}

export function createEventTranslator({ from, to }: AnswerWay, options: StreamWriteOptions): EventTranslator {
  const report = new TranslationReport()
  const reader = providerAdapters[from].createStreamReader(report)
  const writer = adapters[to].createStreamWriter(report, options)
  const sequence = createSequencer()
  let over = false
  let failed = false
  let damage: WireError | undefined
  let usage: Usage | undefined

  function write(events: readonly AnswerEvent[]): string {
    let text = ''
    for (const sequenced of events.flatMap(sequence)) {
      if (over) break
      if (sequenced.kind === 'damage') {
        damage ??= sequenced.error
        continue
      }
      if ((sequenced.kind === 'start' || sequenced.kind === 'usage') && sequenced.usage !== undefined)
        usage = mergeUsage(usage, sequenced.usage)
      const event =
        sequenced.kind === 'end' && damage !== undefined ? { kind: 'error' as const, error: damage } : sequenced
      const written = writer.write(event)
      if (event.kind === 'end' || event.kind === 'error') {
        over = true
        failed = event.kind === 'error'
        // Headers are long gone when a stream says what cannot be said: a comment names it, and the trailer, where
        // there is one.
        if (report.dropped.length > 0) text += writeSseComment(`x-sinew-dropped: ${report.dropped.join(', ')}`)
      }
      text += written
    }
    return text
  }

  return {
    read(event) {
      if (over || isForeignEnd(from, event)) return ''
      // Some servers say their error in plain words.
      const plain = event.event === 'error' && parseJsonObject(event.data) === undefined
      return write(plain ? [{ kind: 'error', error: { type: 'api_error', message: event.data } }] : reader.read(event))
    },
    end: () => write(reader.end()),
    fail: (error) => {
      const rest = reader.end()
      return write(rest.some((event) => event.kind === 'end') ? rest : [{ kind: 'error', error }])
    },
    get dropped() {
      return report.dropped
    },
    get usage() {
      return usage
    },
    get completed() {
      return over && !failed
    },
    get failed() {
      return failed
    },
  }
}

/** Servers in front of several makers put chat's last word behind every stream; elsewhere it means nothing. */
function isForeignEnd(from: ProviderWire, { data }: SseEvent): boolean {
  return from !== 'chat' && data.trim() === '[DONE]'
}

export interface StreamTranslator extends Omit<EventTranslator, 'read'> {
  /** The caller's bytes for these upstream bytes; empty while an event is incomplete. */
  push(chunk: Uint8Array): string
}

/** The same for bytes that nobody has split yet. */
export function createStreamTranslator(way: AnswerWay, options: StreamWriteOptions): StreamTranslator {
  const sse = new SseReader()
  const translator = createEventTranslator(way, options)
  const translate = (read: () => SseEvent[]): string => {
    try {
      return read()
        .map((event) => translator.read(event))
        .join('')
    } catch (error) {
      if (error instanceof SseLimitError) return translator.fail(unreadableError(error.message))
      throw error
    }
  }
  return {
    push: (chunk) => translate(() => sse.push(chunk)),
    end: () => translate(() => sse.end()) + translator.end(),
    fail: (error) => translate(() => sse.end()) + translator.fail(error),
    get dropped() {
      return translator.dropped
    },
    get usage() {
      return translator.usage
    },
    get completed() {
      return translator.completed
    },
    get failed() {
      return translator.failed
    },
  }
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

/** Google says its errors as a list of one. */
function onlyOfList(body: string): JsonObject | undefined {
  return /^\s*\[/.test(body) ? parseJsonObject(body.trim().replace(/^\[|\]$/g, '')) : undefined
}

function foreignError(body: string, status: number): WireError {
  if (status < 400) return unreadableError('a body that is no answer of its dialect')
  const text = body.trim().slice(0, 500)
  return withStatus(
    { ...truncatedError, code: null, message: text === '' ? `The upstream answered ${status}.` : text },
    status,
  )
}
