/** What the pipeline must know of an endpoint's dialect; everything else of a body is none of its business. */
import type { Family, Wire } from '../../db/words/wire.ts'
import type { Terminal } from '../bytes/sse-scanner.ts'
import type { Refusal } from './refusals.ts'

export interface WireFacts {
  dialect: Family
  /** `null` = no generation: it passes through. */
  wire: Wire | null
  /** The gateway's own path. */
  endpoint: string
  toErrorBody(refusal: Refusal, exchangeId: string | null): string
  /** An error inside a stream that has begun. */
  toErrorEvent(refusal: Refusal, exchangeId: string): string
  /**
   * Texts whose appearance at the beginning of a line says that a streamed answer is complete; none = the body's end
   * does.
   */
  terminal: Terminal | null
  /**
   * How a stream ended that never carried its terminal event, by its last bytes: with an error event, complete all the
   * same, or neither.
   */
  judgeUnfinished(tail: string): 'error' | 'complete' | 'unfinished'
}
