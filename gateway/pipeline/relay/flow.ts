/** An answer that goes on as it comes, untouched or changed event by event. */
import { toBlock, type Block } from '../../bytes/block.ts'
import { joinBytes } from '../../bytes/sse-stage.ts'
import type { AnswerHeaders } from '../headers.ts'
import type { AnswerFacts } from './answer-facts.ts'
import type { Delivery } from './delivery.ts'
import { Hold } from './hold.ts'
import { Pump } from './pump.ts'
import { openStreamWatch, type StreamWatch } from './stream-watch.ts'
import { toCutRefusal, toWireError } from './upstream-fault.ts'
import type { Way } from './way.ts'

export class Flow implements Way {
  private readonly delivery: Delivery
  private readonly facts: AnswerFacts
  private readonly watch: StreamWatch | null
  private readonly pump: Pump
  private readonly hold: Hold
  /** Why the answer cannot be completed. */
  private failure: Error | null = null
  /** How a changed stream ends that the upstream did not complete. */
  private brokenEnd: Buffer | null = null

  constructor(delivery: Delivery, facts: AnswerFacts) {
    this.delivery = delivery
    this.facts = facts
    this.watch = openWatch(delivery, facts)
    this.hold = new Hold(delivery, facts, this.watch, (verdict) => this.pump.release(verdict))
    this.pump = new Pump(delivery, this.hold.gate, () => this.finish())
    delivery.onStop = () => this.watch?.close()
  }

  get completed(): boolean {
    return this.hold.completed
  }

  data(chunk: Buffer): void {
    const { shaped } = this.delivery.record
    if (shaped === null) return this.pump.push(this.toPassed(chunk))
    this.delivery.exchange.seeUpstream(chunk)
    this.pushAll(shaped.push(chunk))
  }

  end(trailers: AnswerHeaders): void {
    const { record, outlet } = this.delivery
    if (record.shaped === null) outlet.addTrailers(trailers)
    else if (!this.takeEnd(record.shaped.end(), endedEarly)) return
    this.pump.close('ended')
  }

  fail(error: Error): void {
    const blocks = this.delivery.record.shaped?.fail(toWireError(toCutRefusal(error))) ?? null
    if (blocks === null) this.breakWith(error, null)
    // Otherwise the answer was complete when the connection broke.
    else if (this.takeEnd(blocks, () => error)) this.pump.close('ended')
  }

  resume(): void {
    this.pump.resume()
  }

  /** A chunk as it came, and what is seen of it. */
  private toPassed(chunk: Buffer): Block {
    const { watch } = this
    if (watch === null || watch.decode !== null) return toBlock(chunk)
    const terminal = watch.see(chunk)
    return { bytes: chunk, terminal, endsEvent: watch.betweenEvents }
  }

  /** Together, so that what came in one piece goes out in one. */
  private pushAll(blocks: Block[]): void {
    const last = blocks.at(-1)
    if (last === undefined) return
    const terminal = blocks.some((block) => block.terminal)
    this.pump.push({ bytes: joinBytes(blocks), terminal, endsEvent: last.endsEvent })
  }

  /** What a changed stream ends with; `false` = that it was not complete. */
  private takeEnd(blocks: Block[], toError: () => Error): boolean {
    if (this.delivery.record.shaped?.truncated !== true) {
      this.pushAll(blocks)
      return true
    }
    this.breakWith(toError(), joinBytes(blocks))
    return false
  }

  private breakWith(error: Error, brokenEnd: Buffer | null): void {
    this.failure = error
    this.brokenEnd = brokenEnd
    this.pump.close('broken')
  }

  /** Everything that came has gone out. */
  private finish(): void {
    if (this.failure !== null) return this.cut()
    const status = this.hold.judgeEnd()
    if (status === 'truncated' && !this.facts.framed) return this.cut()
    const end = (): void => this.pump.end(null)
    if (status === null || !this.delivery.exchange.recorded) return end()
    this.delivery.settle(status, null, end)
  }

  /** An error event, then the connection is cut. Never an end that the upstream did not send. */
  private cut(): void {
    // A failure that the provider has stated needs no second error behind it.
    const stated = this.brokenEnd === null && this.hold.failed
    const breakOff = (): void => this.delivery.breakOff(this.brokenEnd ?? (stated ? null : this.toErrorEvent()))
    if (this.completed || !this.delivery.exchange.recorded) return breakOff()
    if (stated) this.delivery.settle('error', null, breakOff)
    else this.delivery.settle('truncated', 'upstream_cut', breakOff)
  }

  private toErrorEvent(): Buffer | null {
    const { facts, id } = this.delivery.exchange
    const { eventStream, encoding } = this.facts
    if (!eventStream || this.completed || encoding !== null) return null
    return Buffer.from(facts.toErrorEvent(toCutRefusal(this.failure), id))
  }
}

/** Made only where it is needed: an error with its stack costs more than many events. */
function endedEarly(): Error {
  return new Error('the answer ended before it was complete')
}

/** What changes on its way is split and looked at there. */
function openWatch({ record, exchange }: Delivery, facts: AnswerFacts): StreamWatch | null {
  const concerns = facts.eventStream && record.shaped === null && record.status < 300
  if (!concerns || !(facts.keeping || facts.keptAlive)) return null
  return openStreamWatch(exchange.facts, facts.encoding, facts.keeping)
}
