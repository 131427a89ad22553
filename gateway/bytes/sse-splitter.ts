/**
 * Splits a stream into events, each with exactly the bytes it came in. Written here, because eventsource-parser gives
 * texts, and what is not changed must pass byte for byte.
 */
import { SseBlock } from './sse-block.ts'
import { SseScanner, type Terminal } from './sse-scanner.ts'
import { maxEventBytes } from './sse.ts'

const nothing: Buffer = Buffer.alloc(0)

export interface SplitOptions {
  readonly terminal?: Terminal | null
  readonly maxEventBytes?: number
}

export class SseSplitter {
  readonly #maxEventBytes: number
  readonly #scanner: SseScanner
  #parts: Buffer[] = []
  #heldBytes = 0
  #firstBlock = true
  /** The event has become too long: the rest of it passes as it comes. */
  #unread = false

  constructor(options: SplitOptions = {}) {
    this.#maxEventBytes = options.maxEventBytes ?? maxEventBytes
    this.#scanner = new SseScanner(options.terminal)
  }

  /** What these bytes complete, in order; all bytes come out again, and each once. */
  push(chunk: Buffer): SseBlock[] {
    const blocks: SseBlock[] = []
    const text = chunk.toString('latin1')
    let start = 0
    if (this.#scanner.beginsLate(text)) {
      blocks.push(new SseBlock(chunk.subarray(0, 1), { late: true }))
      start = 1
    }
    this.#scanner.scan(text, (end, terminal) => {
      blocks.push(this.#close(chunk.subarray(start, end), terminal, false, text.slice(start, end)))
      start = end
    })
    if (start < chunk.length) this.#hold(chunk.subarray(start), blocks)
    return blocks
  }

  /** The stream is over: what is held of an event that never got its blank line. */
  end(): SseBlock | null {
    return this.#heldBytes === 0 ? null : this.#close(nothing, false, true)
  }

  /** Bytes that wait for the rest of their event. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  #hold(rest: Buffer, blocks: SseBlock[]): void {
    if (!this.#unread && this.#heldBytes + rest.length <= this.#maxEventBytes) {
      this.#parts.push(rest)
      this.#heldBytes += rest.length
      return
    }
    this.#unread = true
    for (const part of [...this.#parts, rest]) blocks.push(new SseBlock(part, { unread: true }))
    this.#parts = []
    this.#heldBytes = 0
    this.#firstBlock = false
  }

  /** `latin1`: of the tail. */
  #close(tail: Buffer, terminal: boolean, unfinished: boolean, latin1 = ''): SseBlock {
    const held = this.#heldBytes > 0
    const bytes = held ? Buffer.concat([...this.#parts, tail], this.#heldBytes + tail.length) : tail
    const from = this.#firstBlock && this.#scanner.marked ? 3 : 0
    const unread = this.#unread
    if (held) this.#parts = []
    this.#heldBytes = 0
    this.#firstBlock = false
    this.#unread = false
    return new SseBlock(bytes, { from, terminal, unread, unfinished, ...(!held && { latin1 }) })
  }
}
