/** The events of a stream whose bytes come in any pieces, read with the gateway's own splitter. */
import type { SseBlock } from '../bytes/sse-block.ts'
import { SseSplitter } from '../bytes/sse-splitter.ts'
import { maxEventBytes, SseLimitError, type SseEvent } from '../bytes/sse.ts'

export class SseReader {
  readonly #splitter: SseSplitter
  readonly #maxEventBytes: number
  #id = ''

  constructor(limits: { readonly maxEventBytes?: number } = {}) {
    this.#maxEventBytes = limits.maxEventBytes ?? maxEventBytes
    this.#splitter = new SseSplitter({ maxEventBytes: this.#maxEventBytes })
  }

  /** The events that these bytes complete. Throws SseLimitError where one is too long. */
  push(chunk: Uint8Array): SseEvent[] {
    // A copy: the caller may use its bytes again while a part of them is held here.
    return this.#splitter.push(Buffer.from(chunk)).flatMap((block) => this.#read(block))
  }

  /** The stream is over: a last event counts without its blank line where its data is whole. */
  end(): SseEvent[] {
    const last = this.#splitter.end()
    return last === null ? [] : this.#read(last)
  }

  #read(block: SseBlock): SseEvent[] {
    if (block.unread) throw new SseLimitError(this.#maxEventBytes)
    this.#id = block.readField('id') ?? this.#id
    const { event } = block
    if (event === null) return []
    const retry = block.readField('retry')
    return [{ ...event, id: this.#id, ...(retry !== undefined && { retry: Number(retry) }) }]
  }
}
