/**
 * What changes an answer on its way to the caller: another dialect, rules, names put back, a usage chunk cut out.
 * Without one, bytes pass untouched. Applied to answers of 2xx that are not compressed.
 */

/** One streamed answer's bytes, in order. What it holds back is at most one event. */
export interface StreamTransform {
  /** What is due for the caller now; empty while an event is incomplete. */
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
  stream(): StreamTransform
  /**
   * The provider answered 400 or 422: what it says may be due to what this transform added to the request. The body
   * passes as it is.
   */
  refused?(body: Buffer): void
}
