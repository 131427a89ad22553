/** A piece of an answer on its way to the caller. */
export interface Block {
  readonly bytes: Buffer
  /** With these bytes the answer is complete for its reader, who may act on it before the body ends. */
  readonly terminal: boolean
  /** The bytes end between two events of a stream, where a comment may stand. */
  readonly endsEvent: boolean
}

/** Bytes of which nothing else is known. */
export function toBlock(bytes: Buffer): Block {
  return { bytes, terminal: false, endsEvent: false }
}
