/**
 * Holds back what completes an answer, for its length or for its reader, until the outcome is in the journal.
 * Everything else passes at once.
 */
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import type { Block } from '../../bytes/block.ts'
import type { AnswerFacts } from './answer-facts.ts'
import type { Delivery } from './delivery.ts'
import { judgeWholeAnswer } from './whole-answer-failure.ts'
import type { Verdict } from './pump.ts'
import type { StreamWatch } from './stream-watch.ts'

export class Hold {
  /** The stream's terminal event has gone out, so for its reader the answer is complete. */
  completed = false
  private readonly delivery: Delivery
  private readonly facts: AnswerFacts
  private readonly watch: StreamWatch | null
  private readonly release: (verdict: 'pass' | 'end') => void

  /** `release`: a block for which the answer was `wait` may go. */
  constructor(
    delivery: Delivery,
    facts: AnswerFacts,
    watch: StreamWatch | null,
    release: (verdict: 'pass' | 'end') => void,
  ) {
    this.delivery = delivery
    this.facts = facts
    this.watch = watch
    this.release = release
  }

  readonly gate = (block: Block): Verdict => {
    const { record } = this.delivery
    const { keeping, expectedBytes } = this.facts
    record.take(block.bytes, keeping)
    const last = expectedBytes >= 0 && record.bytes >= expectedBytes
    if (!keeping) return last ? 'end' : 'pass'
    const decode = this.watch?.decode ?? null
    if (decode === null) return this.decide(last, block.terminal)
    decode(block.bytes, (terminal) => {
      if (this.delivery.over) return
      const verdict = this.decide(last, terminal)
      if (verdict !== 'wait') this.release(verdict)
    })
    return 'wait'
  }

  /** The body has ended, and everything of it has gone out. `null` = the record has it already. */
  judgeEnd(): ExchangeStatus | null {
    const { record } = this.delivery
    if (record.covered || !this.facts.keeping) return null
    if (!this.facts.eventStream || this.completed || record.status >= 300) return this.judgeComplete()
    return this.judgeUnfinished()
  }

  /** The upstream broke off; where it had stated its failure before, that is how the answer ended. */
  get failed(): boolean {
    return this.delivery.record.shaped?.failed ?? this.watch?.failed ?? false
  }

  private decide(last: boolean, terminal: boolean): Verdict {
    const { recorded } = this.delivery.exchange
    if (terminal && !recorded) this.completed = true
    if ((!last && !terminal) || !recorded) return 'pass'
    this.delivery.settle(this.judgeComplete(), null, () => {
      if (terminal) this.completed = true
      this.release(last ? 'end' : 'pass')
    })
    return 'wait'
  }

  private judgeComplete(): ExchangeStatus {
    const { record, exchange } = this.delivery
    const { shaped, kept } = record
    if (record.status >= 300) return 'error'
    // By their status they have no body.
    if (record.status === 204 || record.status === 205) return 'ok'
    if (shaped !== null) return shaped.failed ? 'error' : 'ok'
    if (this.facts.eventStream) return this.watch?.judgeComplete() ?? 'ok'
    const { contentType, encoding } = this.facts
    return judgeWholeAnswer(kept.toBuffer(), {
      wire: exchange.facts.wire,
      contentType,
      encoding,
      cut: kept.toDigest() !== null,
    })
  }

  private judgeUnfinished(): ExchangeStatus {
    const { record, exchange } = this.delivery
    if (record.shaped?.failed === true) return 'error'
    if (record.shaped === null) return this.watch?.judgeUnfinished(record.kept) ?? 'ok'
    const verdict = exchange.facts.terminal === null ? 'complete' : exchange.facts.judgeUnfinished(record.kept.toTail())
    return verdict === 'complete' ? 'ok' : verdict === 'error' ? 'error' : 'truncated'
  }
}
