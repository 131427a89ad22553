/**
 * One answer on its way, as every part of the relay sees it: its two ends, its record, and the ways in which it fails.
 * An answer that cannot be completed never gets a made-up end.
 */
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import type { ErrorCode, Refusal } from '../../dialects/refusals.ts'
import type { Exchange } from '../exchange.ts'
import type { Recorder } from '../record.ts'
import { recordRefusal } from '../refuse-exchange.ts'
import { toRefusalBody } from '../refusal.ts'
import { AnswerRecord } from './answer-record.ts'
import type { Outlet, Source } from './ends.ts'

export class Delivery {
  readonly exchange: Exchange
  readonly source: Source
  readonly outlet: Outlet
  readonly record: AnswerRecord
  /** Nothing that comes from the upstream matters any more. */
  over = false
  /** Called when the answer is over, however it ended. */
  onStop: (() => void) | null = null
  private readonly recorder: Recorder
  private refused = false

  constructor(exchange: Exchange, recorder: Recorder, source: Source, outlet: Outlet) {
    this.exchange = exchange
    this.recorder = recorder
    this.source = source
    this.outlet = outlet
    this.record = new AnswerRecord(exchange, recorder)
  }

  /** Writes the outcome. `done` is called once it is safe; where it is not, the answer must not complete. */
  settle(status: ExchangeStatus, errorCode: ErrorCode | null, done: () => void): void {
    const { record, exchange } = this
    // What was added to a request may be what its provider did not take.
    if (record.status === 400 || record.status === 422)
      for (const transform of exchange.plan?.transforms ?? []) transform.refused?.(record.kept.toBuffer())
    // It began well, and yet it is a failure: an error inside a stream, or a connection that broke.
    if (record.status < 300 && (status === 'error' || status === 'truncated')) exchange.health?.fail()
    record.write(status, errorCode, (result) => {
      if (this.over) return
      if (result === 'refused') this.drop()
      else done()
    })
  }

  /** No answer has begun, so it can still be Sinew's own. */
  refuse(refusal: Refusal): void {
    const { exchange } = this
    if (this.refused) return
    this.refused = true
    this.record.status = 0
    const send = (body: Buffer): void => {
      this.stop()
      this.outlet.refuse(refusal, body, exchange.id)
    }
    if (!exchange.recorded) return send(toRefusalBody(exchange.facts, refusal, exchange.id))
    recordRefusal(this.recorder, exchange, refusal, (result, body) => {
      if (this.over) return
      if (result === 'refused') this.drop()
      else send(body)
    })
  }

  /** The answer stops in the middle: `rest` says so where it can be said, then the connection is cut. */
  breakOff(rest: Buffer | null): void {
    this.stop()
    this.outlet.breakOff(rest)
  }

  /** Its record is not safe, so the answer must not complete. */
  drop(): void {
    this.stop()
    this.source.abort('the record could not be written')
    this.outlet.destroy()
  }

  stop(): void {
    this.over = true
    this.outlet.close()
    this.onStop?.()
  }
}
