/** An answer that can only be changed as a whole: it is collected, and goes out as one once its record is safe. */
import { toBlock } from '../../bytes/block.ts'
import { refuse } from '../../dialects/refusals.ts'
import type { Delivery } from './delivery.ts'
import { maxWholeBytes, toDroppedHeaders } from './shape-answer.ts'
import type { ShapedWhole } from './whole-answer.ts'
import { toRefusal } from './upstream-fault.ts'
import type { Way } from './way.ts'

export class Collected implements Way {
  readonly completed = false
  private readonly delivery: Delivery
  private readonly shape: ShapedWhole
  private readonly head: string[]
  private readonly chunks: Buffer[] = []
  private bytes = 0

  /** `head`: the answer's headers (flat), without those that follow from the body. */
  constructor(delivery: Delivery, shape: ShapedWhole, head: string[]) {
    this.delivery = delivery
    this.shape = shape
    this.head = head
  }

  data(chunk: Buffer): void {
    const { exchange, source } = this.delivery
    exchange.seeUpstream(chunk)
    exchange.hold(chunk.length)
    this.bytes += chunk.length
    this.chunks.push(chunk)
    if (this.bytes <= maxWholeBytes) return
    this.delivery.refuse(refuse('upstream_unreadable', 'the provider answered more than can be changed on the way'))
    source.abort('the answer is too large to be changed')
  }

  end(): void {
    const { delivery, head } = this
    const { exchange, outlet, record } = delivery
    const { status, contentType, errorCode, body, dropped, usage, ended } = this.shape.finish(
      Buffer.concat(this.chunks, this.bytes),
    )
    exchange.dropped = dropped
    exchange.usage = usage
    head.push('content-length', String(body.length))
    if (contentType !== null) head.push('content-type', contentType)
    head.push(...toDroppedHeaders([...(exchange.plan?.dropped ?? []), ...dropped]))
    const send = (): void => {
      delivery.stop()
      outlet.begin(status, null, head)
      outlet.end(toBlock(body))
    }
    record.take(body, true)
    record.status = status
    if (exchange.recorded) delivery.settle(status < 300 ? ended : 'error', errorCode, send)
    else send()
  }

  /** Nothing of it has gone out yet. */
  fail(error: Error): void {
    this.delivery.refuse(toRefusal(error))
  }

  resume(): void {}
}
