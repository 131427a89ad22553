/**
 * Server-sent events by the WHATWG standard (HTML, 9.2.6), over bytes: lines end in CR, LF or CRLF, a chunk may end
 * anywhere, even inside a character, a BOM may open the stream, comments are skipped, and an event without its blank
 * line is not an event.
 */
export interface SseEvent {
  /** The event's type; `message` when the stream names none. */
  readonly event: string
  readonly data: string
  /** The last event id seen so far. */
  readonly id: string
  /** Milliseconds, when this event's block set them. */
  readonly retry?: number
}

/** A line longer than this is an error: no provider sends one, and an unbounded line is unbounded memory. */
export const lineBytesMax = 10 * 1024 * 1024

export class SseLimitError extends Error {
  override readonly name = 'SseLimitError'
}

const lf = 0x0a
const cr = 0x0d

export class SseParser {
  readonly #lineMax: number
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #parts: Uint8Array[] = []
  #held = 0
  #afterCr = false
  #firstLine = true
  #event = ''
  #data: string[] = []
  #dataSize = 0
  #id = ''
  #retry: number | undefined
  readonly #ready: SseEvent[] = []

  constructor(limits: { readonly lineBytesMax?: number } = {}) {
    this.#lineMax = limits.lineBytesMax ?? lineBytesMax
  }

  /** The events that these bytes complete. The bytes may be reused by the caller afterwards. */
  push(chunk: Uint8Array): SseEvent[] {
    let start = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]
      if (byte === lf && this.#afterCr) {
        // The second half of a CRLF whose CR has already ended the line.
        this.#afterCr = false
        start = at + 1
      } else if (byte === lf || byte === cr) {
        this.#line(chunk.subarray(start, at))
        this.#afterCr = byte === cr
        start = at + 1
      } else {
        this.#afterCr = false
      }
    }
    if (start < chunk.length) this.#hold(chunk.slice(start))
    return this.#ready.splice(0)
  }

  /** Bytes that are waiting for the rest of their line or event. */
  get heldBytes(): number {
    return this.#held + this.#dataSize
  }

  #hold(bytes: Uint8Array): void {
    this.#held += bytes.length
    if (this.#held > this.#lineMax)
      throw new SseLimitError(`a line of the stream is longer than ${this.#lineMax} bytes`)
    this.#parts.push(bytes)
  }

  #line(tail: Uint8Array): void {
    if (this.#held + tail.length > this.#lineMax)
      throw new SseLimitError(`a line of the stream is longer than ${this.#lineMax} bytes`)
    let line = this.#decoder.decode(this.#held === 0 ? tail : joined(this.#parts, tail, this.#held + tail.length))
    this.#parts = []
    this.#held = 0
    if (this.#firstLine) {
      this.#firstLine = false
      if (line.startsWith('\u{feff}')) line = line.slice(1)
    }
    if (line === '') this.#dispatch()
    else if (!line.startsWith(':')) this.#field(line)
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') {
      this.#dataSize += value.length + 1
      if (this.#dataSize > this.#lineMax)
        throw new SseLimitError(`an event of the stream is longer than ${this.#lineMax} bytes`)
      this.#data.push(value)
    } else if (name === 'event') this.#event = value
    else if (name === 'id' && !value.includes('\0')) this.#id = value
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) this.#retry = Number(value)
  }

  #dispatch(): void {
    if (this.#data.length > 0) {
      this.#ready.push({
        event: this.#event === '' ? 'message' : this.#event,
        data: this.#data.join('\n'),
        id: this.#id,
        ...(this.#retry === undefined ? {} : { retry: this.#retry }),
      })
    }
    this.#event = ''
    this.#data = []
    this.#dataSize = 0
    this.#retry = undefined
  }
}

/** One event as text. JSON has no raw line breaks, but an error text may: every line gets its own `data:`. */
export function writeSse(data: string, event?: string): string {
  const lines = data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')
  return `${event === undefined ? '' : `event: ${event}\n`}${lines}\n`
}

/** A comment: every parser that follows the standard skips it. */
export function writeSseComment(comment: string): string {
  return `: ${comment.replaceAll(/[\r\n]/g, ' ')}\n\n`
}

function joined(parts: readonly Uint8Array[], tail: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of [...parts, tail]) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
