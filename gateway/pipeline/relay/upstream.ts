/**
 * Steps 8 and 9: the upstream call and its answer, straight from undici's parser to the caller's connection. Chunks
 * pass as they come, or as the exchange's plan changes them. Held back is only what completes the answer (its last
 * chunk, a stream's terminal event, the end of the body), until the outcome is in the journal. What is recorded is what
 * the caller got.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import { refuse, type ErrorCode, type Refusal } from '../../dialects/refusals.ts'
import type { Exchange } from '../exchange.ts'
import { passAnswerHeaders } from '../headers.ts'
import { AnswerRecord } from './answer-record.ts'
import { openAnswerWatch, type AnswerWatch } from './answer-watch.ts'
import { Outlet } from './outlet.ts'
import type { Recorder, RecordResult } from '../record.ts'
import { recordRefusal } from '../refuse-exchange.ts'
import { setAnswerHeaders } from '../rewrite/rules.ts'
import { sendRefusal, toRefusalBody } from '../refusal.ts'
import { shapeAnswer, toDroppedHeaders, type ShapedStream } from './shape-answer.ts'
import { toCutRefusal, toRefusal, toWireError } from './upstream-fault.ts'
import { WholeBody } from './whole-body.ts'

export class Relay implements Dispatcher.DispatchHandler {
  private readonly exchange: Exchange
  private readonly recorder: Recorder
  private readonly isDraining: () => boolean
  private readonly keepAliveMs: number | undefined
  private readonly answer: AnswerRecord
  private controller: Dispatcher.DispatchController | null = null
  private expectedBytes = -1
  /**
   * The upstream says where its body ends; otherwise a closed connection is all there is, and a fault looks the same.
   */
  private framed = true
  private eventStream = false
  /** The answer is collected and watched. */
  private keeping = false
  private encoded = false
  private watch: AnswerWatch | null = null
  /** The stream's terminal event has gone out, so for its reader the answer is complete. */
  private completed = false
  /** A chunk is being looked at, or an outcome written: what arrives meanwhile waits. */
  private busy = false
  private waiting: Buffer[] = []
  private ended = false
  private failure: Error | null = null
  private readonly outlet: Outlet
  /** Nothing that comes from the upstream matters any more. */
  private over = false
  /** The answer is changed on its way: as a stream, or once it is whole. */
  private shaped: ShapedStream | null = null
  private whole: WholeBody | null = null
  /** How a changed stream ends that the upstream did not complete. */
  private brokenEnd: Buffer | null = null

  constructor(exchange: Exchange, recorder: Recorder, isDraining: () => boolean, keepAliveMs?: number) {
    this.exchange = exchange
    this.recorder = recorder
    this.answer = new AnswerRecord(exchange, recorder)
    this.isDraining = isDraining
    this.keepAliveMs = keepAliveMs
    this.outlet = new Outlet(exchange.response, () => this.resume())
    exchange.onLeave = () => this.leave()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.over) controller.abort(new Error('the caller left'))
    else this.exchange.sentAt = performance.now()
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    // 1xx announce the real answer; they concern this connection only.
    if (status < 200 || this.over) return
    const { exchange } = this
    exchange.firstByteAt = performance.now()
    const answer = ['x-sinew-exchange', exchange.id]
    const ruled = exchange.answerRules?.begin(status) ?? []
    const shape = exchange.plan === null ? null : shapeAnswer(exchange.plan, status, headers)
    passAnswerHeaders(
      exchange.plan?.addresses?.inHeaders(headers) ?? headers,
      answer,
      this.answer.headers,
      shape !== null,
    )
    if (ruled.length > 0) this.answer.headers = setAnswerHeaders(answer, this.answer.headers, ruled)
    if (this.isDraining()) answer.push('connection', 'close')
    const length = headers['content-length']
    this.framed = length !== undefined || headers['transfer-encoding'] !== undefined
    if (shape?.kind === 'whole') {
      this.whole = new WholeBody(shape, answer)
      this.answer.status = status
      return
    }
    if (shape === null && length !== undefined) this.expectedBytes = Number(length)
    const encoding = headers['content-encoding']
    this.encoded = encoding !== undefined && encoding !== 'identity'
    this.shaped = shape
    this.eventStream = shape !== null || headers['content-type']?.startsWith('text/event-stream') === true
    if (shape !== null) answer.push('content-type', shape.contentType ?? headers['content-type'] ?? 'text/event-stream')
    answer.push(...toDroppedHeaders(exchange.plan?.dropped ?? []))
    // Without a record there is nothing to wait for; an end that was not said must be judged all the same.
    this.keeping = exchange.recorded || (this.eventStream && !this.framed)
    if (this.eventStream && this.keeping && status < 300)
      this.watch = openAnswerWatch(exchange.rules, this.encoded ? (encoding ?? null) : null)
    // The upstream's own date passes.
    exchange.response.sendDate = false
    exchange.response.writeHead(status, statusText ?? '', answer)
    this.answer.status = status
    // Not where bytes have been counted or packed already, nor where Sinew does not know what they mean.
    if (this.eventStream && !this.encoded && this.expectedBytes < 0 && status < 300 && exchange.rules.wire !== null)
      this.outlet.keepEventsAlive(this.keepAliveMs)
    // A stream's head is news; with a length the body is close behind, and both go in one packet.
    if (this.expectedBytes < 0) process.nextTick(flushHead, this)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.over) return
    if (this.whole !== null) return this.collect(this.whole, chunk)
    if (this.shaped === null) return this.arrive(chunk)
    this.exchange.seeUpstream(chunk)
    const shaped = this.shaped.push(chunk)
    if (shaped.length > 0) this.arrive(shaped)
  }

  private arrive(chunk: Buffer): void {
    if (!this.busy) return this.take(chunk)
    this.waiting.push(chunk)
    this.controller?.pause()
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.over) return
    this.ended = true
    if (this.whole !== null) return this.sendWhole(this.whole)
    if (this.shaped === null && hasAny(trailers)) this.exchange.response.addTrailers(trailers as Record<string, string>)
    if (this.shaped !== null) this.endShaped(this.shaped)
    if (!this.busy && !this.over) this.settle()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.over) return
    // The head of an answer that is still collected has not gone out.
    if (this.whole !== null) this.answer.status = 0
    if (this.shaped === null) this.failure = error
    else this.failShaped(this.shaped, error)
    if (!this.busy && !this.over) this.settle()
  }

  /** Whether the head waits for a first chunk that has not come with it. */
  flushHead(): void {
    if (!this.over && this.answer.bytes === 0) this.exchange.response.flushHeaders()
  }

  /** The upstream has ended; what the change held back may say that it ended too early. */
  private endShaped(shaped: ShapedStream): void {
    const rest = shaped.end()
    if (shaped.truncated) {
      this.brokenEnd = rest
      this.failure = new Error('the answer ended before it was complete')
    } else if (rest.length > 0) this.arrive(rest)
  }

  private failShaped(shaped: ShapedStream, error: Error): void {
    const rest = shaped.fail(toWireError(toCutRefusal(error)))
    if (rest === null || shaped.truncated) {
      this.brokenEnd = rest
      this.failure = error
      return
    }
    // The answer was complete when the connection broke.
    this.ended = true
    if (rest.length > 0) this.arrive(rest)
  }

  private collect(whole: WholeBody, chunk: Buffer): void {
    this.exchange.seeUpstream(chunk)
    this.exchange.hold(chunk.length)
    if (whole.add(chunk)) return
    this.controller?.abort(new Error('the answer is too large to be changed'))
    this.answer.status = 0
    this.refuseWith(refuse('upstream_unreadable', 'the provider answered more than can be changed on the way'))
  }

  /** An answer that was changed as a whole goes out as one, once its record is safe. */
  private sendWhole(whole: WholeBody): void {
    const { exchange } = this
    const { status, errorCode, body, dropped, usage, head, ended } = whole.finish()
    exchange.dropped = dropped
    exchange.usage = usage
    head.push(...toDroppedHeaders([...(exchange.plan?.dropped ?? []), ...dropped]))
    const send = (): void => {
      this.over = true
      exchange.response.sendDate = false
      exchange.response.writeHead(status, head)
      exchange.response.end(body)
    }
    this.answer.take(body)
    this.answer.kept.add(body)
    this.answer.status = status
    if (!exchange.recorded) return send()
    this.record(status < 300 ? ended : 'error', errorCode, (result) => (result === 'refused' ? this.drop() : send()))
  }

  private take(chunk: Buffer): void {
    const { exchange } = this
    this.answer.take(chunk)
    const last = this.expectedBytes >= 0 && this.answer.bytes >= this.expectedBytes
    if (!this.keeping) {
      if (last) this.end(chunk)
      else this.pass(chunk)
      return
    }
    this.answer.kept.add(chunk)
    exchange.hold(chunk.length)
    const { watch } = this
    if (watch === null || watch.decodes === null) return this.decide(chunk, last, watch?.look(chunk) === true)
    this.busy = true
    watch.decodes(chunk, (terminal) => {
      this.busy = false
      if (this.over) return
      this.decide(chunk, last, terminal)
      this.proceed()
    })
  }

  /**
   * What completes the answer, for its length or for its reader, waits for the record; everything else passes at once.
   */
  private decide(chunk: Buffer, last: boolean, terminal: boolean): void {
    if (terminal && !this.exchange.recorded) this.completed = true
    if ((!last && !terminal) || !this.exchange.recorded) return this.pass(chunk)
    this.record(this.answer.status < 300 ? 'ok' : 'error', null, (result) => {
      if (result === 'refused') return this.drop()
      if (terminal) this.completed = true
      if (this.waiting.length === 0 && (this.ended || last)) return this.end(chunk)
      this.pass(chunk)
      this.proceed()
    })
  }

  /** What has come meanwhile has its turn. */
  private proceed(): void {
    while (this.waiting.length > 0 && !this.busy && !this.over) this.take(this.waiting.shift() as Buffer)
    if (!this.busy && !this.over) this.settle()
  }

  /** Nothing waits: goes on with what the upstream has done meanwhile. */
  private settle(): void {
    if (this.failure !== null) return this.answer.status === 0 ? this.refuseWith(toRefusal(this.failure)) : this.cut()
    if (!this.ended) return this.resume()
    if (this.answer.covered || !this.keeping) return this.end(null)
    const judged = this.judge()
    if (judged === 'truncated' && !this.framed) return this.cut()
    if (!this.exchange.recorded) return this.end(null)
    this.record(judged, null, (result) => (result === 'refused' ? this.drop() : this.end(null)))
  }

  private judge(): ExchangeStatus {
    if (this.answer.status >= 300) return 'error'
    return this.watch === null || this.completed ? 'ok' : this.watch.judge(this.answer.kept)
  }

  private pass(chunk: Buffer): void {
    if (!this.outlet.write(chunk)) this.controller?.pause()
  }

  private resume(): void {
    if (!this.outlet.blocked && !this.busy && this.waiting.length === 0) this.controller?.resume()
  }

  private finish(): void {
    this.over = true
    this.outlet.close()
    this.watch?.close()
  }

  private end(chunk: Buffer | null): void {
    this.finish()
    if (chunk === null) this.exchange.response.end()
    else this.exchange.response.end(chunk)
  }

  private record(status: ExchangeStatus, errorCode: ErrorCode | null, done: (result: RecordResult) => void): void {
    this.busy = true
    this.noteChange()
    if (this.answer.status === 400 || this.answer.status === 422) this.tellRefused()
    this.answer.write(status, errorCode, (result) => {
      this.busy = false
      if (!this.over) done(result)
    })
  }

  /** The caller is gone: the upstream is told at once, and what came so far is recorded. */
  private leave(): void {
    if (this.over) return
    this.finish()
    this.controller?.abort(new Error('the caller left'))
    if (this.completed || !this.exchange.recorded) return
    this.noteChange()
    this.answer.write('cancelled', null, () => {})
  }

  /** What was added to a request may be what its provider did not take. */
  private tellRefused(): void {
    for (const transform of this.exchange.plan?.transforms ?? []) transform.refused?.(this.answer.kept.toBuffer())
  }

  /** What only the change on the way knows of the answer so far. */
  private noteChange(): void {
    if (this.shaped === null) return
    this.exchange.usage = this.shaped.usage
    this.exchange.dropped = this.shaped.dropped
  }

  /** No answer has begun, so it can still be Sinew's own. */
  private refuseWith(refusal: Refusal): void {
    const { exchange } = this
    const send = (body: Buffer): void => {
      this.over = true
      sendRefusal(exchange.request, exchange.response, refusal, body, exchange.id)
    }
    if (!exchange.recorded) return send(toRefusalBody(exchange.rules, refusal, exchange.id))
    this.busy = true
    recordRefusal(this.recorder, exchange, refusal, (result, body) => {
      this.busy = false
      if (this.over) return
      if (result === 'refused') this.drop()
      else send(body)
    })
  }

  /**
   * The answer stopped in the middle: an error event, then the connection is cut. Never an end that it did not send.
   */
  private cut(): void {
    if (this.completed || !this.exchange.recorded) return this.breakOff()
    this.record('truncated', 'upstream_cut', () => this.breakOff())
  }

  private breakOff(): void {
    const { response, rules, id } = this.exchange
    this.finish()
    if (this.brokenEnd !== null) response.write(this.brokenEnd)
    else if (this.eventStream && !this.completed && !this.encoded)
      response.write(rules.toErrorEvent(toCutRefusal(this.failure), id))
    // Lets what is written out, then closes without the end of the body. An answer still queued behind another has no
    // socket yet.
    if (response.socket) response.socket.destroySoon()
    else response.destroy()
  }

  /** Its record is not safe, so the answer must not complete. */
  private drop(): void {
    this.finish()
    this.controller?.abort(new Error('the record could not be written'))
    this.exchange.response.destroy()
  }
}

function hasAny(trailers: IncomingHttpHeaders): boolean {
  for (const _ in trailers) return true
  return false
}

function flushHead(relay: Relay): void {
  relay.flushHead()
}
