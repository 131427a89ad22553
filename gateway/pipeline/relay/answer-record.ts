/** What the record will say of an answer: what the caller got of it so far, and the outcomes written of that. */
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import type { ErrorCode } from '../../dialects/refusals.ts'
import type { Exchange } from '../exchange.ts'
import type { Recorder, RecordResult } from '../record.ts'
import { KeptAnswer } from './kept-answer.ts'
import type { ShapedStream } from './shape-stream.ts'

export class AnswerRecord {
  /** 0 = no answer has begun. */
  status = 0
  headers: [string, string][] = []
  bytes = 0
  readonly kept = new KeptAnswer()
  /** What changes the answer on its way; it alone knows some of what the record says. */
  shaped: ShapedStream | null = null
  private readonly exchange: Exchange
  private readonly recorder: Recorder
  private coveredBytes = -1

  constructor(exchange: Exchange, recorder: Recorder) {
    this.exchange = exchange
    this.recorder = recorder
  }

  /** The last outcome covers all that came. */
  get covered(): boolean {
    return this.coveredBytes === this.bytes
  }

  /** Bytes that go to the caller; `keeps`: into the record, too. */
  take(chunk: Buffer, keeps: boolean): void {
    this.bytes += chunk.length
    if (!keeps) return
    this.kept.add(chunk)
    this.exchange.hold(chunk.length)
  }

  /** May be written again when more has come: the last outcome wins. */
  write(status: ExchangeStatus, errorCode: ErrorCode | null, done: (result: RecordResult) => void): void {
    const { exchange } = this
    this.coveredBytes = this.bytes
    if (this.shaped !== null) {
      exchange.usage = this.shaped.usage
      exchange.dropped = this.shaped.dropped
    }
    const answer = { headers: this.headers, responseBytes: this.bytes, responseDigest: this.kept.toDigest() }
    this.recorder.recordOutcome(
      exchange.toOutcome(status, this.status || null, errorCode, answer),
      this.kept.toBuffer(),
      done,
    )
  }
}
