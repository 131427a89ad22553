/**
 * Looks at a streamed answer of the caller's own wire as its bytes pass: where its events end, when it is complete for
 * its reader, whether it states a failure, and how it ended if it never said so.
 */
import { openContentDecoder, type ContentDecoder } from '../../../db/journal/content-encoding.ts'
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import { SseScanner, type Terminal } from '../../bytes/sse-scanner.ts'
import type { WireFacts } from '../../dialects/wire-facts.ts'
import { tailBytes, type KeptAnswer } from './kept-answer.ts'
import { StreamFailures } from './stream-failures.ts'

/** An event that is longer passes all the same; only no failure is looked for in it. */
const maxWatchedEventBytes = 1024 * 1024

/** What a compressed answer may grow to under the eyes of the record. */
const maxWatchedBytes = 512 * 1024 * 1024

const empty: Buffer = Buffer.alloc(0)

export interface StreamWatch {
  /** Whether this chunk completes the mark of the terminal event. */
  see(chunk: Buffer): boolean
  /** The same of a compressed answer, by calling back; one chunk at a time. `null` = it is not compressed. */
  decode: ((chunk: Buffer, done: (terminal: boolean) => void) => void) | null
  /** What has been seen ends between two events. */
  readonly betweenEvents: boolean
  /** What has been seen states a failure. */
  readonly failed: boolean
  /** The stream was complete for its reader. */
  judgeComplete(): ExchangeStatus
  /** It ended without its terminal event. */
  judgeUnfinished(kept: KeptAnswer): ExchangeStatus
  close(): void
}

/**
 * `encoding`: of the body, where it is compressed. `judges`: its end will be judged. `null` = nothing can be seen of
 * this answer.
 */
export function openStreamWatch(facts: WireFacts, encoding: string | null, judges: boolean): StreamWatch | null {
  const { terminal } = facts
  if (terminal === null) return null
  if (encoding !== null) {
    const decoder = openContentDecoder(encoding, maxWatchedBytes)
    return 'problem' in decoder ? null : new EncodedWatch(facts, terminal, decoder)
  }
  return judges ? new PlainWatch(facts, terminal) : new EventEnds(terminal)
}

/** Nobody will ask how the stream ended; its keep-alive needs to know where events end. */
class EventEnds implements StreamWatch {
  readonly decode: StreamWatch['decode'] = null
  protected readonly scanner: SseScanner

  constructor(terminal: Terminal) {
    this.scanner = new SseScanner(terminal)
  }

  get betweenEvents(): boolean {
    return this.scanner.betweenEvents
  }

  get failed(): boolean {
    return false
  }

  see(chunk: Buffer): boolean {
    this.scanner.scan(chunk.toString('latin1'), () => {})
    return this.scanner.sawTerminal
  }

  judgeComplete(): ExchangeStatus {
    return 'ok'
  }

  judgeUnfinished(_kept: KeptAnswer): ExchangeStatus {
    return 'ok'
  }

  close(): void {}
}

class PlainWatch extends EventEnds {
  private readonly facts: WireFacts
  private readonly failures: StreamFailures
  /** The beginning of the event that is not complete yet. */
  private held = ''
  /** That event has become too long: the rest of it is not looked at. */
  private passing = false

  constructor(facts: WireFacts, terminal: Terminal) {
    super(terminal)
    this.facts = facts
    this.failures = new StreamFailures(facts.wire)
  }

  override get failed(): boolean {
    return this.failures.failed
  }

  override see(chunk: Buffer): boolean {
    const text = chunk.toString('latin1')
    let start = 0
    this.scanner.scan(text, (end) => {
      if (!this.passing) this.failures.lookAt(this.held + text.slice(start, end))
      this.passing = false
      this.held = ''
      start = end
    })
    if (!this.passing) this.held += text.slice(start)
    if (this.held.length > maxWatchedEventBytes) {
      this.failures.miss()
      this.passing = true
      this.held = ''
    }
    return this.scanner.sawTerminal
  }

  override judgeComplete(): ExchangeStatus {
    return this.failures.end() ? 'error' : 'ok'
  }

  override judgeUnfinished(kept: KeptAnswer): ExchangeStatus {
    return this.judgeTail(kept.toTail())
  }

  protected judgeTail(tail: string): ExchangeStatus {
    this.failures.lookAt(this.held, true)
    if (this.failures.failed) return 'error'
    const verdict = this.facts.judgeUnfinished(tail)
    return verdict === 'complete' ? this.judgeComplete() : verdict === 'error' ? 'error' : 'truncated'
  }
}

/**
 * Looks at a decoded copy. Bytes that cannot be decoded pass like any others; only nothing is seen in them any more.
 */
class EncodedWatch extends PlainWatch {
  override readonly decode = (chunk: Buffer, done: (terminal: boolean) => void): void => {
    this.decoder.push(chunk, (decoded) => {
      if ('problem' in decoded) return done(false)
      this.tail = Buffer.concat([this.tail, decoded.bytes]).subarray(-tailBytes)
      done(super.see(decoded.bytes))
    })
  }
  private readonly decoder: ContentDecoder
  private tail: Buffer = empty

  constructor(facts: WireFacts, terminal: Terminal, decoder: ContentDecoder) {
    super(facts, terminal)
    this.decoder = decoder
  }

  override see(): boolean {
    return false
  }

  override judgeUnfinished(): ExchangeStatus {
    return this.judgeTail(this.tail.toString('utf8'))
  }

  override close(): void {
    this.decoder.close()
  }
}
