/** Whether a stream of the caller's own wire states a failure, although its bytes pass as they are. */
import type { Wire } from '../../../db/words/wire.ts'
import { createFailureWatch, type FailureWatch } from '../../../workflows/domain/exchanges/answer-failure.ts'
import { parseJson } from '../../../workflows/domain/json/json.ts'
import { SseBlock } from '../../bytes/sse-block.ts'

export class StreamFailures {
  private readonly watch: FailureWatch
  /** An event was too long to be looked at: what has not been seen proves nothing. */
  private blind = false

  constructor(wire: Wire | null) {
    this.watch = createFailureWatch(wire)
  }

  get failed(): boolean {
    return this.watch.failure !== null
  }

  look(block: SseBlock): void {
    if (block.unread) this.miss()
    else if (this.watch.concerns(block.latin1)) this.read(block)
  }

  /** The same for an event as `latin1` text. Most carry words of the answer and nothing else: they are not read. */
  lookAt(text: string, unfinished = false): void {
    if (this.watch.concerns(text)) this.read(new SseBlock(Buffer.from(text, 'latin1'), { unfinished }))
  }

  /** An event passes that is too long to be looked at. */
  miss(): void {
    this.blind = true
  }

  /** The stream is complete: one that carried no answer at all has failed too. */
  end(): boolean {
    return this.blind ? this.failed : this.watch.end() !== null
  }

  private read({ event }: SseBlock): void {
    if (event === null || event.data.trim() === '[DONE]') return
    this.watch.see(parseJson(event.data) ?? event.data, event.event === 'message' ? null : event.event)
  }
}
