/**
 * Lets the blocks of an answer through one after another. While one waits, those behind it wait too and the upstream is
 * held back; so it is while the caller takes no more.
 */
import type { Block } from '../../bytes/block.ts'
import type { Delivery } from './delivery.ts'

/** What becomes of a block: it goes on, it goes as the last of all, or it waits until `release`. */
export type Verdict = 'pass' | 'end' | 'wait'

export class Pump {
  private readonly delivery: Delivery
  private readonly gate: (block: Block) => Verdict
  private readonly onIdle: () => void
  private readonly waiting: Block[] = []
  private held: Block | null = null
  /** What the upstream does not send any more: `ended` is its proper end. */
  private input: 'open' | 'ended' | 'broken' = 'open'

  /** `onIdle`: everything has gone through, and nothing will come any more; called once. */
  constructor(delivery: Delivery, gate: (block: Block) => Verdict, onIdle: () => void) {
    this.delivery = delivery
    this.gate = gate
    this.onIdle = onIdle
  }

  push(block: Block): void {
    if (this.held === null) return this.take(block)
    this.waiting.push(block)
    this.delivery.source.pause()
  }

  /** Nothing more comes. */
  close(how: 'ended' | 'broken'): void {
    this.input = how
    if (this.held === null && !this.delivery.over) this.onIdle()
  }

  /** The block that waits may go; as the last of all where nothing can come behind it. */
  release(verdict: 'pass' | 'end'): void {
    const block = this.held
    this.held = null
    if (block === null || this.delivery.over) return
    if (this.waiting.length === 0 && (this.input === 'ended' || verdict === 'end')) return this.end(block)
    this.write(block)
    while (this.waiting.length > 0 && this.held === null && !this.delivery.over)
      this.take(this.waiting.shift() as Block)
    if (this.held !== null || this.waiting.length > 0 || this.delivery.over) return
    if (this.input === 'open') this.resume()
    else this.onIdle()
  }

  /** The caller takes more again, or nothing waits any more. */
  resume(): void {
    const { over, outlet, source } = this.delivery
    if (!over && !outlet.blocked && this.held === null && this.waiting.length === 0) source.resume()
  }

  end(block: Block | null): void {
    this.delivery.stop()
    this.delivery.outlet.end(block)
  }

  private take(block: Block): void {
    this.held = block
    const verdict = this.gate(block)
    // It may have been released already.
    if (verdict === 'wait' || this.held !== block) return
    this.held = null
    if (verdict === 'end') this.end(block)
    else this.write(block)
  }

  private write(block: Block): void {
    if (!this.delivery.outlet.write(block)) this.delivery.source.pause()
  }
}
