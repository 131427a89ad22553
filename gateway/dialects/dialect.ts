/** What the pipeline must know of a dialect; everything else of a body is none of its business. */
import type { Dialect } from '../../db/types.ts'
import type { Refusal } from '../errors.ts'

export interface DialectRules {
  dialect: Dialect
  /** The gateway's own path. */
  endpoint: string
  /** What follows a provider's `baseUrl`. */
  upstreamPath: string
  /** Name and value, flat, as an upstream takes its key. */
  toCredentials(apiKey: string): string[]
  toErrorBody(refusal: Refusal, exchangeId: string | null): string
  /** An error inside a stream that has begun. */
  toErrorEvent(refusal: Refusal, exchangeId: string): string
  /** The end user that the caller names inside the body. */
  readEndUser(body: Record<string, unknown>): string | null
  /** Text whose appearance at the beginning of a line says that a streamed answer is complete. */
  terminal: { field: string; value: string }
  /**
   * How a stream ended that never carried its terminal event, by its last bytes: with an error event, complete all the
   * same, or neither.
   */
  judgeUnfinished(tail: string): 'error' | 'complete' | 'unfinished'
}
