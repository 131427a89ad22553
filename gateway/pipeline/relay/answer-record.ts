/** What the record will say of an answer: what the caller got of it so far, and the outcomes written of that. */
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import type { ErrorCode } from '../../dialects/refusals.ts'
import type { Exchange } from '../exchange.ts'
import { KeptAnswer } from './kept-answer.ts'
import type { Recorder, RecordResult } from '../record.ts'

export class AnswerRecord {
  /** 0 = no answer has begun. */
  status = 0
  headers: [string, string][] = []
  bytes = 0
  readonly kept = new KeptAnswer()
  private readonly exchange: Exchange
  private readonly recorder: Recorder
  private coveredBytes = -1

  constructor(exchange: Exchange, recorder: Recorder) {
    this.exchange = exchange
    this.recorder = recorder
  }

  take(chunk: Buffer): void {
    this.bytes += chunk.length
  }

  /** The last outcome covers all that came. */
  get covered(): boolean {
    return this.coveredBytes === this.bytes
  }

  /** May be written again when more has come: the last outcome wins. */
  write(status: ExchangeStatus, errorCode: ErrorCode | null, done: (result: RecordResult) => void): void {
    this.coveredBytes = this.bytes
    const answer = { headers: this.headers, responseBytes: this.bytes, responseDigest: this.kept.toDigest() }
    this.recorder.recordOutcome(
      this.exchange.toOutcome(status, this.status || null, errorCode, answer),
      this.kept.toBuffer(),
      done,
    )
  }
}
