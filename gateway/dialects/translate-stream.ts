import type { ProviderWire } from '../../db/words/wire.ts'
import { createFailureWatch } from '../../workflows/domain/exchanges/answer-failure.ts'
import { writeSseComment, type SseEvent } from '../bytes/sse.ts'
import type { StreamReader, StreamWriteOptions, StreamWriter } from './adapter.ts'
import { adapters, providerAdapters } from './adapters.ts'
import { toWireError, unreadableError } from './errors.ts'
import { parseJsonObject, type JsonObject } from './json.ts'
import type { AnswerEvent, Usage, WireError } from './model.ts'
import { TranslationReport } from './report.ts'
import { createSequencer } from './sequence.ts'
import { systemClock, withCreated, type AnswerWay, type Clock } from './translate.ts'
import { mergeUsage } from './usage.ts'

/**
 * The events of an upstream's stream, as they were split on the way in, into the caller's:
 *   reader (upstream's dialect) → sequencer → writer (caller's dialect)
 */
export class EventTranslator {
  private readonly from: ProviderWire
  private readonly clock: Clock
  private readonly report = new TranslationReport()
  private readonly reader: StreamReader
  private readonly writer: StreamWriter
  private readonly failures: ReturnType<typeof createFailureWatch>
  private readonly sequence = createSequencer()
  private ended: 'complete' | 'failed' | undefined
  private damage: WireError | undefined
  private usageSoFar: Usage | undefined

  constructor({ from, to }: AnswerWay, options: StreamWriteOptions, clock: Clock = systemClock) {
    this.from = from
    this.clock = clock
    this.reader = providerAdapters[from].createStreamReader(this.report)
    this.writer = adapters[to].createStreamWriter(this.report, options)
    this.failures = createFailureWatch(from)
  }

  /** The caller's bytes for one event of the upstream. */
  read(event: SseEvent): string {
    return this.ended === undefined ? this.write(this.answerEvents(event)) : ''
  }

  /**
   * The upstream closed. A stream that was not complete ends with an error event of the caller's dialect, never with a
   * made-up end.
   */
  end(): string {
    return this.write(this.reader.end())
  }

  /** The upstream broke off: an error event, unless the answer was complete. */
  fail(error: WireError): string {
    const ending = this.reader.end()
    return this.write(ending.some((event) => event.kind === 'end') ? ending : [{ kind: 'error', error }])
  }

  get dropped(): readonly string[] {
    return this.report.dropped
  }

  /** As the upstream has stated it so far. */
  get usage(): Usage | undefined {
    return this.usageSoFar
  }

  /** The caller has the end of the answer. */
  get completed(): boolean {
    return this.ended === 'complete'
  }

  /** After an error event the connection is to be cut. */
  get failed(): boolean {
    return this.ended === 'failed'
  }

  private answerEvents({ data, event: name }: SseEvent): readonly AnswerEvent[] {
    const text = data.trim()
    // The standard's readers ignore an event without data, and so do the official clients.
    if (text === '') return []
    if (text === '[DONE]') return this.reader.done?.() ?? []
    const body = parseJsonObject(data)
    if (body === undefined && name !== 'error')
      return [{ kind: 'damage', error: unreadableError('an event that is not a JSON object') }]
    const failure = this.failures.see(body ?? data, name)
    if (body === undefined) return failure === null ? [] : [{ kind: 'error', error: toWireError(failure, undefined) }]
    if (failure === null) return this.reader.read({ name, body })
    // The last words before a failure are still the caller's; its end is not.
    const last = holdsAnswer(body) ? this.reader.read({ name, body }) : []
    const error = toWireError(failure, providerAdapters[this.from].readError(body))
    return [...last.filter(({ kind }) => kind !== 'stop' && kind !== 'end'), { kind: 'error', error }]
  }

  private write(events: readonly AnswerEvent[]): string {
    let text = ''
    for (const sequenced of events.flatMap(this.sequence)) {
      if (this.ended !== undefined) break
      text += this.writeEvent(this.judgeEnd(sequenced))
    }
    return text
  }

  /** An answer that was damaged, or that never said anything, has no end of its own. */
  private judgeEnd(event: AnswerEvent): AnswerEvent {
    if (event.kind !== 'end') return event
    const failure = this.failures.end()
    const error = this.damage ?? (failure === null ? undefined : toWireError(failure, undefined))
    return error === undefined ? event : { kind: 'error', error }
  }

  private writeEvent(event: AnswerEvent): string {
    switch (event.kind) {
      case 'damage':
        this.damage ??= event.error
        return ''
      case 'start':
        this.addUsage(event.usage)
        return this.writer.write(withCreated(event, this.clock))
      case 'usage':
        this.addUsage(event.usage)
        return this.writer.write(event)
      case 'end':
      case 'error': {
        this.ended = event.kind === 'end' ? 'complete' : 'failed'
        const ending = this.writer.write(event)
        return this.nameDropped() + ending
      }
      default:
        return this.writer.write(event)
    }
  }

  private addUsage(usage: Usage | undefined): void {
    if (usage !== undefined) this.usageSoFar = mergeUsage(this.usageSoFar, usage)
  }

  /** The headers are gone when a stream loses something: a comment names it, and the trailer, where there is one. */
  private nameDropped(): string {
    const { dropped } = this.report
    return dropped.length === 0 ? '' : writeSseComment(`x-sinew-dropped: ${dropped.join(', ')}`)
  }
}

/** Whether an event that states a failure also carries a piece of the answer. */
function holdsAnswer(body: JsonObject): boolean {
  return [body.choices, body.candidates, body.response, body.delta].some((member) => member !== undefined)
}
