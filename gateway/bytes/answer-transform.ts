/**
 * What changes an answer on its way to the caller: rules, names put back, a usage chunk cut out. Without one, bytes
 * pass untouched. Applied to answers of 2xx that are not compressed.
 */
import type { SseBlock } from './sse-block.ts'

/** One stream's events on their way, in order. */
export interface Stage {
  /** What goes out for one event: itself, others, or none. */
  push(block: SseBlock): SseBlock[]
  /** The stream is over: what is left to be said. */
  end(): SseBlock[]
}

/** Bytes that come framed otherwise than as server-sent events, into such. */
export interface StreamTransform {
  /** What is due now; empty while a frame is incomplete. */
  push(chunk: Buffer): Buffer
  /** The upstream's body has ended: the rest. */
  end(): Buffer
}

export interface AnswerTransform {
  /**
   * For streams only; one that comes compressed passes without it: being early, and the upstream's bytes, count for
   * more.
   */
  readonly dispensable?: true
  /** A whole answer that is not a stream. */
  json(body: Buffer): Buffer
  /** Made anew for each answer. */
  stream(): Stage
  /**
   * The provider answered 400 or 422: what it says may be due to what this transform added to the request. The body
   * passes as it is.
   */
  refused?(body: Buffer): void
}
