import type { StreamWriteOptions } from '../dialects/adapter.ts'
import { unreadableError } from '../dialects/errors.ts'
import type { Usage, WireError } from '../dialects/model.ts'
import { EventTranslator } from '../dialects/translate-stream.ts'
import type { AnswerWay, Clock } from '../dialects/translate.ts'
import { SseLimitError, type SseEvent } from '../bytes/sse.ts'
import { SseReader } from './sse-reader.ts'

/** A stream's translation for bytes that nobody has split yet: in the gateway the relay splits them. */
export class StreamTranslator {
  private readonly sse = new SseReader()
  private readonly translator: EventTranslator

  constructor(way: AnswerWay, options: StreamWriteOptions, clock?: Clock) {
    this.translator = new EventTranslator(way, options, clock)
  }

  /** The caller's bytes for these upstream bytes; empty while an event is incomplete. */
  push(chunk: Uint8Array): string {
    return this.translate(() => this.sse.push(chunk))
  }

  end(): string {
    return this.translate(() => this.sse.end()) + this.translator.end()
  }

  fail(error: WireError): string {
    return this.translate(() => this.sse.end()) + this.translator.fail(error)
  }

  get dropped(): readonly string[] {
    return this.translator.dropped
  }

  get usage(): Usage | undefined {
    return this.translator.usage
  }

  get completed(): boolean {
    return this.translator.completed
  }

  get failed(): boolean {
    return this.translator.failed
  }

  private translate(read: () => SseEvent[]): string {
    try {
      return read()
        .map((event) => this.translator.read(event))
        .join('')
    } catch (error) {
      if (error instanceof SseLimitError) return this.translator.fail(unreadableError(error.message))
      throw error
    }
  }
}
