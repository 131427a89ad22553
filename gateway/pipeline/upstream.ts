/**
 * Steps 8 and 9: the upstream call and its answer, straight from undici's parser to the caller's connection. Chunks pass
 * as they come. Held back is only what completes the answer (its last chunk, a stream's terminal event, the end of the
 * body), until the outcome is in the journal.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { ExchangeStatus } from '../../db/types.ts'
import { factsOf, refuse, type ErrorCode, type Refusal } from '../errors.ts'
import type { Exchange } from './exchange.ts'
import { passAnswerHeaders } from './headers.ts'
import { KeptAnswer } from './kept-answer.ts'
import type { Recorder, RecordResult } from './record.ts'
import { sendRefusal, toRefusalBody } from './refusal.ts'
import { TerminalWatcher } from './terminal.ts'

/** A caller that reads nothing for so long is taken for gone. */
const stalledReaderMs = 600_000
/** What is looked at to judge a stream that ended without its terminal event. */
const tailBytes = 16 * 1024

export class Relay implements Dispatcher.DispatchHandler {
  private readonly exchange: Exchange
  private readonly recorder: Recorder
  private readonly isDraining: () => boolean
  private readonly kept = new KeptAnswer()
  private controller: Dispatcher.DispatchController | null = null
  private status = 0
  private headers: [string, string][] = []
  private expectedBytes = -1
  private receivedBytes = 0
  /** The upstream says where its body ends; otherwise a closed connection is all there is, and a fault looks the same. */
  private framed = true
  private eventStream = false
  private encoded = false
  private watcher: TerminalWatcher | null = null
  /** The stream's terminal event has gone out, so for its reader the answer is complete. */
  private completed = false
  /** An outcome is being written; meanwhile what arrives waits, and what it covers is held. */
  private recording = false
  private held: Buffer | null = null
  private waiting: Buffer[] = []
  /** How much of the answer the last outcome covers. */
  private coveredBytes = -1
  private ended = false
  private failure: Error | null = null
  /** The caller's connection takes no more for now. */
  private blocked = false
  private stalledTimer: NodeJS.Timeout | null = null
  /** Nothing that comes from the upstream matters any more. */
  private over = false

  constructor(exchange: Exchange, recorder: Recorder, isDraining: () => boolean) {
    this.exchange = exchange
    this.recorder = recorder
    this.isDraining = isDraining
    exchange.onLeave = () => this.leave()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.over) controller.abort(new Error('the caller left'))
    else this.exchange.sentAt = performance.now()
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, statusText?: string): void {
    // 1xx announce the real answer; they concern this connection only.
    if (status < 200 || this.over) return
    const { exchange } = this
    exchange.firstByteAt = performance.now()
    const answer = ['x-sinew-exchange', exchange.id]
    passAnswerHeaders(headers, answer, this.headers)
    if (this.isDraining()) answer.push('connection', 'close')
    const length = headers['content-length']
    if (length !== undefined) this.expectedBytes = Number(length)
    this.framed = length !== undefined || headers['transfer-encoding'] !== undefined
    this.encoded = headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity'
    this.eventStream = headers['content-type']?.startsWith('text/event-stream') === true
    if (this.eventStream && exchange.recorded && status < 400 && !this.encoded) this.watcher = new TerminalWatcher(exchange.rules.terminal)
    // The upstream's own date passes.
    exchange.response.sendDate = false
    exchange.response.writeHead(status, statusText ?? '', answer)
    this.status = status
    // A stream's head is news; with a length the body is close behind, and both go in one packet.
    if (this.expectedBytes < 0) process.nextTick(flushHead, this)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.over) return
    if (this.recording) {
      this.waiting.push(chunk)
      this.controller?.pause()
      return
    }
    this.take(chunk)
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.over) return
    this.ended = true
    if (hasAny(trailers)) this.exchange.response.addTrailers(trailers as Record<string, string>)
    if (!this.recording) this.settle()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.over) return
    this.failure = error
    if (!this.recording) this.settle()
  }

  /** Whether the head waits for a first chunk that has not come with it. */
  flushHead(): void {
    if (!this.over && this.receivedBytes === 0) this.exchange.response.flushHeaders()
  }

  private take(chunk: Buffer): void {
    const { exchange } = this
    this.receivedBytes += chunk.length
    const last = this.expectedBytes >= 0 && this.receivedBytes >= this.expectedBytes
    if (!exchange.recorded) {
      if (last) this.end(chunk)
      else this.pass(chunk)
      return
    }
    this.kept.add(chunk)
    const terminal = this.watcher !== null && this.watcher.see(chunk)
    if (!last && !terminal) return this.pass(chunk)
    this.held = chunk
    this.record(this.status < 400 ? 'ok' : 'error', null, (result) => this.release(terminal, result))
  }

  /** The record is safe: what it covers goes out, then what has come meanwhile has its turn. */
  private release(terminal: boolean, result: RecordResult): void {
    if (result === 'refused') return this.drop()
    const chunk = this.held as Buffer
    this.held = null
    if (terminal) this.completed = true
    const whole = this.waiting.length === 0 && (this.ended || this.receivedBytes === this.expectedBytes)
    if (whole) return this.end(chunk)
    this.pass(chunk)
    while (this.waiting.length > 0 && !this.recording && !this.over) this.take(this.waiting.shift() as Buffer)
    if (!this.recording && !this.over) this.settle()
  }

  /** Nothing is being written: goes on with what the upstream has done meanwhile. */
  private settle(): void {
    if (this.failure !== null) return this.status === 0 ? this.refuseWith(toRefusal(this.failure)) : this.cut()
    if (!this.ended) return this.resume()
    if (this.coveredBytes === this.receivedBytes || !this.exchange.recorded) return this.end(null)
    const judged = this.judge()
    if (judged === 'truncated' && !this.framed) return this.cut()
    this.record(judged, null, (result) => (result === 'refused' ? this.drop() : this.end(null)))
  }

  private judge(): ExchangeStatus {
    if (this.status >= 400) return 'error'
    if (this.watcher === null || this.completed) return 'ok'
    const verdict = this.exchange.rules.judgeUnfinished(this.kept.toTail(tailBytes))
    return verdict === 'complete' ? 'ok' : verdict === 'error' ? 'error' : 'truncated'
  }

  private pass(chunk: Buffer): void {
    if (this.exchange.response.write(chunk)) return
    this.controller?.pause()
    if (this.blocked) return
    this.blocked = true
    this.stalledTimer = setTimeout(() => this.exchange.response.destroy(), stalledReaderMs)
    this.exchange.response.once('drain', () => {
      this.clearBlock()
      this.resume()
    })
  }

  private resume(): void {
    if (!this.blocked && !this.recording && this.waiting.length === 0) this.controller?.resume()
  }

  private clearBlock(): void {
    this.blocked = false
    if (this.stalledTimer) clearTimeout(this.stalledTimer)
    this.stalledTimer = null
  }

  private end(chunk: Buffer | null): void {
    this.over = true
    this.clearBlock()
    if (chunk === null) this.exchange.response.end()
    else this.exchange.response.end(chunk)
  }

  private record(status: ExchangeStatus, errorCode: ErrorCode | null, done: (result: RecordResult) => void): void {
    this.recording = true
    this.coveredBytes = this.receivedBytes
    const answer = { headers: this.headers, responseBytes: this.receivedBytes, responseDigest: this.kept.toDigest() }
    const outcome = this.exchange.toOutcome(status, this.status, errorCode, answer)
    this.recorder.recordOutcome(outcome, this.kept.toBuffer(), (result) => {
      this.recording = false
      if (!this.over) done(result)
    })
  }

  /** The caller is gone: the upstream is told at once, and what came so far is recorded. */
  private leave(): void {
    if (this.over) return
    this.over = true
    this.clearBlock()
    this.controller?.abort(new Error('the caller left'))
    if (this.completed || !this.exchange.recorded) return
    const answer = { headers: this.headers, responseBytes: this.receivedBytes, responseDigest: this.kept.toDigest() }
    const outcome = this.exchange.toOutcome('cancelled', this.status || null, null, answer)
    this.recorder.recordOutcome(outcome, this.kept.toBuffer(), () => {})
  }

  /** No answer has begun, so it can still be Sinew's own. */
  private refuseWith(refusal: Refusal): void {
    const { exchange } = this
    const body = toRefusalBody(exchange.rules, refusal, exchange.id)
    const send = (): void => {
      this.over = true
      sendRefusal(exchange.request, exchange.response, refusal, body, exchange.id)
    }
    if (!exchange.recorded) return send()
    this.recording = true
    const outcome = exchange.toOutcome('error', factsOf(refusal.code).status, refusal.code, { headers: [], responseBytes: body.length, responseDigest: null })
    this.recorder.recordOutcome(outcome, body, (result) => {
      this.recording = false
      if (this.over) return
      if (result === 'refused') this.drop()
      else send()
    })
  }

  /** The upstream broke off in the middle: an error event, then the connection is cut. Never an end that it did not send. */
  private cut(): void {
    if (this.completed || !this.exchange.recorded) return this.breakOff()
    this.record('truncated', 'upstream_cut', () => this.breakOff())
  }

  private breakOff(): void {
    const { response, rules, id } = this.exchange
    this.over = true
    this.clearBlock()
    if (this.eventStream && !this.completed && !this.encoded) {
      response.write(rules.toErrorEvent(refuse('upstream_cut', 'the provider broke off before the answer was complete'), id))
    }
    // Lets what is written out, then closes without the end of the body.
    response.socket?.destroySoon()
  }

  /** Its record is not safe, so the answer must not complete. */
  private drop(): void {
    this.over = true
    this.clearBlock()
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

function toRefusal(error: Error & { code?: string }): Refusal {
  switch (error.code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
      return refuse('upstream_timeout', 'the provider did not begin to answer in time')
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return refuse('invalid_request', `the request cannot be sent on: ${error.message}`)
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
      return refuse('upstream_closed', 'the provider closed the connection without an answer')
    default:
      return error.code?.startsWith('HPE_') || error.name === 'HTTPParserError' || error.code?.startsWith('UND_ERR_RES')
        ? refuse('upstream_closed', 'the provider did not answer in HTTP')
        : refuse('upstream_unreachable', 'no connection to the provider could be made')
  }
}
