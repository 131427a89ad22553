/**
 * The two ends of a relayed answer, as the relay sees them. It knows no HTTP engine: undici-source.ts and
 * response-outlet.ts are adapters to the two that are used.
 */
import type { Block } from '../../bytes/block.ts'
import type { Refusal } from '../../dialects/refusals.ts'
import type { AnswerHeaders } from '../headers.ts'

/** The upstream, while its answer comes. */
export interface Source {
  pause(): void
  resume(): void
  abort(reason: string): void
}

export interface AnswerHead {
  status: number
  statusText: string
  /** Names in lower case. */
  headers: AnswerHeaders
}

/** Takes an upstream's answer: `start`, `begin`, `data` any number of times, `end`; `fail` may come at any point. */
export interface Sink {
  /** The request is on its way. */
  start(): void
  begin(head: AnswerHead): void
  data(chunk: Buffer): void
  end(trailers: AnswerHeaders): void
  fail(error: Error): void
}

/** The caller. */
export interface Outlet {
  /** The connection takes no more for now. */
  readonly blocked: boolean
  /** `headers`: name and value, flat. `statusText`: `null` = the usual one. */
  begin(status: number, statusText: string | null, headers: string[]): void
  /** Sends the head alone. */
  flushHead(): void
  /** What is written is a stream of events: it must not fall silent. */
  keepEventsAlive(waitMs: number | undefined): void
  /** `false` = nothing more should come until the caller takes more again. */
  write(block: Block): boolean
  addTrailers(trailers: AnswerHeaders): void
  end(block: Block | null): void
  /** Sinew's own error in place of an answer. */
  refuse(refusal: Refusal, body: Buffer, exchangeId: string): void
  /** Nothing more is written; a caller that has not taken all of it yet keeps its time. */
  close(): void
  /** The last bytes go out; then the connection closes without the end of the body. */
  breakOff(rest: Buffer | null): void
  /** The connection closes at once. */
  destroy(): void
}
