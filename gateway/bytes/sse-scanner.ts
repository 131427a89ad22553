/**
 * Finds where events end in the bytes of a stream, and where its terminal event stands. Lines end in LF, CR or CRLF, a
 * chunk may end anywhere, and a byte order mark may open the stream. Nothing is held but the beginning of one line.
 */

/** A field of an event whose value says that the stream is complete for its reader. */
export interface Terminal {
  field: string
  values: string[]
}

/** The end of an event, as a place in the chunk. */
export interface EventEnd {
  end: number
  /** The event is the terminal one. */
  terminal: boolean
  /** Not an event, but the LF of a CRLF whose CR ended the event before. */
  late: boolean
}

const lf = 0x0a
const cr = 0x0d
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf)
const noBytes: Buffer = Buffer.alloc(0)

export class SseScanner {
  readonly #forms: readonly Buffer[]
  readonly #maxFormBytes: number
  /** The beginning of the unfinished line, as long as it may still become a terminal one. */
  #lineHead: Buffer = noBytes
  #lineBytes = 0
  #afterCr = false
  /** The unfinished event has a line already. */
  #inEvent = false
  #terminal = false
  /** How much of a byte order mark opened the stream; -1 once something else has come. */
  #markBytes = 0
  #firstLine = true

  constructor(terminal: Terminal | null = null) {
    this.#forms =
      terminal?.values.flatMap((value) => [
        Buffer.from(`${terminal.field}: ${value}`),
        Buffer.from(`${terminal.field}:${value}`),
      ]) ?? []
    this.#maxFormBytes = Math.max(0, ...this.#forms.map(({ length }) => length))
  }

  /** What was scanned ends between two events. */
  get betweenEvents(): boolean {
    return !this.#inEvent && this.#lineBytes === 0
  }

  /** Whether a byte order mark opened the stream. */
  get marked(): boolean {
    return this.#markBytes === byteOrderMark.length
  }

  /** Whether these bytes complete the mark of the terminal event, wherever earlier chunks were split. */
  sees(chunk: Buffer): boolean {
    let seen = false
    this.scan(
      chunk,
      () => {},
      () => (seen = true),
    )
    return seen
  }

  /** `onEnd` is told each event that ends in this chunk, in order; `onTerminal`, that the terminal one was found. */
  scan(chunk: Buffer, onEnd: (event: EventEnd) => void, onTerminal: () => void = () => {}): void {
    let at = this.#takeLateLf(chunk, onEnd)
    let nextCr = chunk.indexOf(cr, at)
    let nextLf = chunk.indexOf(lf, at)
    while (nextCr >= 0 || nextLf >= 0) {
      const lineEnd = nextCr < 0 || (nextLf >= 0 && nextLf < nextCr) ? nextLf : nextCr
      const isCrLf = lineEnd === nextCr && chunk[lineEnd + 1] === lf
      const next = lineEnd + (isCrLf ? 2 : 1)
      this.#takeText(chunk, at, lineEnd, onTerminal)
      this.#endLine(next, onEnd)
      this.#afterCr = lineEnd === nextCr && !isCrLf
      at = next
      if (nextCr >= 0 && nextCr < at) nextCr = chunk.indexOf(cr, at)
      if (nextLf >= 0 && nextLf < at) nextLf = chunk.indexOf(lf, at)
    }
    if (at < chunk.length) {
      this.#takeText(chunk, at, chunk.length, onTerminal)
      this.#afterCr = false
    }
  }

  /** The second half of a CRLF: behind a blank line it belongs to an event that has ended already. */
  #takeLateLf(chunk: Buffer, onEnd: (event: EventEnd) => void): number {
    if (!this.#afterCr || chunk[0] !== lf) return 0
    this.#afterCr = false
    if (!this.#inEvent) onEnd({ end: 1, terminal: false, late: true })
    return 1
  }

  #takeText(chunk: Buffer, start: number, end: number, onTerminal: () => void): void {
    if (this.#firstLine) this.#takeMark(chunk, start, end)
    if (!this.#terminal && this.#lineBytes < this.#maxFormBytes && this.#startsTerminal(chunk, start, end)) {
      this.#terminal = true
      onTerminal()
    }
    this.#lineBytes += end - start
  }

  #startsTerminal(chunk: Buffer, start: number, end: number): boolean {
    const near = Math.min(end, start + this.#maxFormBytes)
    // Most lines are in one chunk, and are compared where they stand.
    if (this.#lineBytes === 0) {
      if (this.#forms.some((form) => standsAt(form, chunk, start, near))) return true
      if (end === chunk.length) this.#lineHead = Buffer.from(chunk.subarray(start, near))
      return false
    }
    this.#lineHead = Buffer.concat([this.#lineHead, chunk.subarray(start, near)])
    return this.#forms.some((form) => standsAt(form, this.#lineHead, 0, this.#lineHead.length))
  }

  #takeMark(chunk: Buffer, start: number, end: number): void {
    for (let at = start; at < end && this.#markBytes >= 0 && !this.marked; at++)
      this.#markBytes = chunk[at] === byteOrderMark[this.#markBytes] ? this.#markBytes + 1 : -1
  }

  #endLine(next: number, onEnd: (event: EventEnd) => void): void {
    const textBytes = this.#lineBytes - (this.#firstLine && this.marked ? byteOrderMark.length : 0)
    this.#firstLine = false
    this.#lineBytes = 0
    if (textBytes > 0) {
      this.#inEvent = true
      return
    }
    const terminal = this.#terminal
    this.#inEvent = false
    this.#terminal = false
    onEnd({ end: next, terminal, late: false })
  }
}

function standsAt(form: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (end - start < form.length) return false
  for (let index = 0; index < form.length; index++) if (bytes[start + index] !== form[index]) return false
  return true
}
