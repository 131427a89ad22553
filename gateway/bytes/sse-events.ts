/**
 * Splits a stream of server-sent events without reading it: every event with exactly the bytes it came in, whatever its
 * line ends and wherever its chunks are split, so that it is passed on byte for byte or changed in one place. What the
 * events mean is read by dialects/sse.ts.
 */
import type { StreamTransform } from './answer-transform.ts'
import type { Splice } from './json-edit.ts'

/** A longer event passes unread instead of being held. */
export const eventBytesMax = 10 * 1024 * 1024

const lf = 0x0a
const cr = 0x0d
const nothing: Buffer = Buffer.alloc(0)
const byteOrderMark = [0xef, 0xbb, 0xbf]

interface Span {
  start: number
  end: number
}

/**
 * The bytes from an event's first line to the blank line that ends it; or comments alone, or a piece of an event that
 * is too long.
 */
export class SseBlock {
  readonly raw: Buffer
  /** Not an event, but the LF of a CRLF whose CR has ended the one before. */
  readonly late: boolean
  /** Where its first line begins: behind a byte order mark. */
  readonly #from: number

  constructor(raw: Buffer, from: number, late = false) {
    this.raw = raw
    this.late = late
    this.#from = from
  }

  /** Where the values of its `data` lines stand in `raw`. */
  get data(): Span[] {
    const spans: Span[] = []
    const { raw } = this
    for (let at = this.#from; at < raw.length;) {
      let end = at
      while (end < raw.length && raw[end] !== lf && raw[end] !== cr) end++
      // The field's name must be the whole text in front of the colon, or the whole line.
      if (
        raw[at] === 0x64 &&
        (end === at + 4 || raw[at + 4] === 0x3a) &&
        raw.toString('latin1', at, at + 4) === 'data'
      ) {
        const value = Math.min(at + 5, end)
        spans.push({ start: raw[value] === 0x20 ? value + 1 : value, end })
      }
      at = end + 1
    }
    return spans
  }

  /** The event's data as the standard joins it: its lines with LF between them. */
  toData(): Buffer {
    const spans = this.data
    if (spans.length === 1) return this.raw.subarray(spans[0]?.start, spans[0]?.end)
    return Buffer.concat(
      spans.flatMap(({ start, end }, index) => [Buffer.alloc(index === 0 ? 0 : 1, lf), this.raw.subarray(start, end)]),
    )
  }

  /** Its bytes with places of its data changed. The new texts hold no line ends. */
  splice(splices: readonly Splice[]): Buffer {
    const spans = this.data
    const parts: Buffer[] = []
    let at = 0
    for (const { start, end, text } of splices) {
      parts.push(this.raw.subarray(at, toRawPlace(spans, start)), Buffer.from(text))
      at = toRawPlace(spans, end)
    }
    parts.push(this.raw.subarray(at))
    return Buffer.concat(parts)
  }
}

/** From a place in the joined data to the same place in the event's bytes. */
function toRawPlace(spans: readonly Span[], place: number): number {
  let base = 0
  for (const { start, end } of spans) {
    if (place <= base + end - start) return start + place - base
    base += end - start + 1
  }
  throw new RangeError('the place is behind the data of the event')
}

export class SseSplitter {
  readonly #eventMax: number
  #parts: Buffer[] = []
  #held = 0
  /** Of the line that is not complete yet. */
  #lineBytes = 0
  #afterCr = false
  #firstLine = true
  #markBytes = 0
  #firstBlock = true
  /** The event has become too long: the rest of it passes as it comes. */
  #unread = false

  constructor(limits: { readonly eventBytesMax?: number } = {}) {
    this.#eventMax = limits.eventBytesMax ?? eventBytesMax
  }

  /** What these bytes complete, in order; all bytes come out again, and each once. */
  push(chunk: Buffer): SseBlock[] {
    const blocks: SseBlock[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      if (byte === lf && this.#afterCr) {
        // The second half of a CRLF: behind a blank line it belongs to an event that is out already.
        this.#afterCr = false
        if (this.#held > 0 || at > start || this.#unread) continue
        blocks.push(new SseBlock(chunk.subarray(at, at + 1), 1, true))
        start = at + 1
      } else if (byte === lf || byte === cr) {
        const blank = this.#lineBytes === 0 || (this.#firstLine && this.#lineBytes === 3 && this.#markBytes === 3)
        this.#lineBytes = 0
        this.#firstLine = false
        this.#afterCr = byte === cr
        if (!blank) continue
        if (byte === cr && chunk[at + 1] === lf) {
          at++
          this.#afterCr = false
        }
        blocks.push(this.#close(chunk.subarray(start, at + 1)))
        start = at + 1
      } else at = this.#passText(chunk, at)
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start), blocks)
    return blocks
  }

  /** To the last byte in front of the line's end, or of the chunk's. */
  #passText(chunk: Buffer, from: number): number {
    let at = from
    for (; at < chunk.length; at++) {
      const byte = chunk[at] as number
      if (byte === lf || byte === cr) break
      if (this.#firstLine && this.#lineBytes + at - from === this.#markBytes && byte === byteOrderMark[this.#markBytes])
        this.#markBytes++
    }
    this.#afterCr = false
    this.#lineBytes += at - from
    return at - 1
  }

  /** The stream is over: what is held of an event that never got its blank line. */
  end(): SseBlock | null {
    return this.#held === 0 ? null : this.#close(nothing)
  }

  /** Bytes that wait for the rest of their event. */
  get heldBytes(): number {
    return this.#held
  }

  #hold(rest: Buffer, blocks: SseBlock[]): void {
    if (!this.#unread && this.#held + rest.length <= this.#eventMax) {
      this.#parts.push(rest)
      this.#held += rest.length
      return
    }
    this.#unread = true
    blocks.push(...[...this.#parts, rest].map((part) => new SseBlock(part, part.length)))
    this.#parts = []
    this.#held = 0
    this.#firstBlock = false
  }

  #close(tail: Buffer): SseBlock {
    const raw = this.#held === 0 ? tail : Buffer.concat([...this.#parts, tail], this.#held + tail.length)
    const from = this.#unread ? raw.length : this.#firstBlock && this.#markBytes === 3 ? 3 : 0
    this.#parts = []
    this.#held = 0
    this.#firstBlock = false
    this.#unread = false
    return new SseBlock(raw, from)
  }
}

/**
 * A stream whose events are looked at one by one; `rewrite` gives the bytes that go out for one: its own, others, or
 * none.
 */
export function createEventTransform(rewrite: (block: SseBlock) => Buffer): StreamTransform {
  const splitter = new SseSplitter()
  let gone = false
  const next = (block: SseBlock): Buffer => {
    // It goes the way of its event.
    if (block.late) return gone ? nothing : block.raw
    const bytes = rewrite(block)
    gone = bytes.length === 0
    return bytes
  }
  return {
    push(chunk) {
      const parts = splitter.push(chunk).map(next)
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    },
    // Clients take a last event without its blank line for one.
    end() {
      const last = splitter.end()
      return last === null ? nothing : next(last)
    },
  }
}
