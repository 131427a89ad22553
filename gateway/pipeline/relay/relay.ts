/**
 * Steps 8 and 9: the upstream's answer, from its first byte to the caller's last. Chunks pass as they come, or as the
 * exchange's plan changes them. Held back is only what completes the answer (its last chunk, a stream's terminal event,
 * the end of the body), until the outcome is in the journal. What is recorded is what the caller got.
 */
import { withoutPageWords } from '../browsers.ts'
import type { Exchange } from '../exchange.ts'
import { passAnswerHeaders, type AnswerHeaders } from '../headers.ts'
import type { Recorder } from '../record.ts'
import { setAnswerHeaders } from '../rewrite/rules.ts'
import { readAnswerFacts, type AnswerFacts } from './answer-facts.ts'
import { Collected } from './collected.ts'
import { Delivery } from './delivery.ts'
import type { AnswerHead, Outlet, Sink, Source } from './ends.ts'
import { Flow } from './flow.ts'
import { shapeAnswer, toDroppedHeaders } from './shape-answer.ts'
import type { ShapedStream } from './shape-stream.ts'
import { toRefusal } from './upstream-fault.ts'
import type { Way } from './way.ts'

export interface RelayOptions {
  isDraining: () => boolean
  /** How long a stream may be silent before its caller gets a comment; absent = the usual time. */
  keepAliveMs?: number
}

export class Relay implements Sink {
  private readonly delivery: Delivery
  private readonly options: RelayOptions
  private way: Way | null = null

  /** `openOutlet` gets what it has to call when the caller takes more again. */
  constructor(
    exchange: Exchange,
    recorder: Recorder,
    source: Source,
    openOutlet: (onDrain: () => void) => Outlet,
    options: RelayOptions,
  ) {
    const outlet = openOutlet(() => this.way?.resume())
    this.delivery = new Delivery(exchange, recorder, source, outlet)
    this.options = options
    exchange.onLeave = () => this.leave()
  }

  start(): void {
    const { over, source, exchange } = this.delivery
    if (over) source.abort('the caller left')
    else exchange.sentAt = performance.now()
  }

  begin(head: AnswerHead): void {
    const { exchange, record, over } = this.delivery
    if (over) return
    exchange.firstByteAt = performance.now()
    record.status = head.status
    const shape = exchange.plan && shapeAnswer(exchange.plan, exchange.facts, head.status, head.headers)
    const headers = this.toHeaders(head, shape !== null)
    if (shape?.kind === 'whole') {
      this.way = new Collected(this.delivery, shape, headers)
      return
    }
    record.shaped = shape
    const facts = readAnswerFacts(head, exchange, shape !== null)
    this.way = new Flow(this.delivery, facts)
    this.sendHead(head, headers, facts, shape)
  }

  data(chunk: Buffer): void {
    if (!this.delivery.over) this.way?.data(chunk)
  }

  end(trailers: AnswerHeaders): void {
    if (!this.delivery.over) this.way?.end(trailers)
  }

  fail(error: Error): void {
    if (this.delivery.over) return
    if (this.way === null) this.delivery.refuse(toRefusal(error))
    else this.way.fail(error)
  }

  /** Whether the head waits for a first chunk that has not come with it. */
  flushHead(): void {
    const { over, record, outlet } = this.delivery
    if (!over && record.bytes === 0) outlet.flushHead()
  }

  /** Name and value, flat: what the caller gets, and on the record. */
  private toHeaders({ status, headers }: AnswerHead, changed: boolean): string[] {
    const { exchange, record } = this.delivery
    const answer = ['x-sinew-exchange', exchange.id, ...exchange.answeredBy]
    const ruled = exchange.answerRules?.begin(status) ?? []
    const turned = exchange.plan?.addresses?.inHeaders(headers) ?? headers
    const passed = exchange.request.headers.origin === undefined ? turned : withoutPageWords(turned)
    passAnswerHeaders(passed, answer, record.headers, changed)
    if (ruled.length > 0) record.headers = setAnswerHeaders(answer, record.headers, ruled)
    if (this.options.isDraining()) answer.push('connection', 'close')
    return answer
  }

  private sendHead(
    { status, statusText, headers }: AnswerHead,
    answer: string[],
    facts: AnswerFacts,
    shape: ShapedStream | null,
  ): void {
    const { exchange, outlet } = this.delivery
    if (shape !== null) {
      const contentType = shape.contentType ?? headers['content-type']?.toString() ?? 'text/event-stream'
      answer.push('content-type', contentType)
    }
    answer.push(...toDroppedHeaders(exchange.plan?.dropped ?? []))
    outlet.begin(status, statusText, answer)
    if (facts.keptAlive) outlet.keepEventsAlive(this.options.keepAliveMs)
    // A stream's head is news; with a length the body is close behind, and both go in one packet.
    if (facts.expectedBytes < 0) process.nextTick(flushHead, this)
  }

  /** The caller is gone: the upstream is told at once, and what came so far is recorded. */
  private leave(): void {
    const { over, source, exchange, record } = this.delivery
    if (over) return
    this.delivery.stop()
    source.abort('the caller left')
    if (this.way?.completed !== true && exchange.recorded) record.write('cancelled', null, () => {})
  }
}

function flushHead(relay: Relay): void {
  relay.flushHead()
}
