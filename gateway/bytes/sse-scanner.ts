/**
 * Finds where events end in a stream, and where its terminal event stands. Lines end in LF, CR or CRLF, a chunk may end
 * anywhere, and a byte order mark may open the stream. Nothing is held but the beginning of one line. Chunks are given
 * as `latin1` text, one character a byte: a text is searched several times as fast as its bytes.
 */

/** A field of an event whose value says that the stream is complete for its reader. */
export interface Terminal {
  field: string
  values: string[]
}

/** Behind an event: the place in the chunk, and whether it was the terminal one. */
export type OnEventEnd = (end: number, terminal: boolean) => void

const byteOrderMark = '\xef\xbb\xbf'

/** How the line of a terminal event may begin. */
interface Forms {
  forms: readonly string[]
  maxLength: number
}

const noForms: Forms = { forms: [], maxLength: 0 }
const formsOf = new WeakMap<Terminal, Forms>()

/** Worked out once for each wire, not for each stream. */
function toForms(terminal: Terminal | null): Forms {
  if (terminal === null) return noForms
  const found = formsOf.get(terminal)
  if (found !== undefined) return found
  const forms = terminal.values.flatMap((value) => [`${terminal.field}: ${value}`, `${terminal.field}:${value}`])
  const made = { forms, maxLength: Math.max(0, ...forms.map(({ length }) => length)) }
  formsOf.set(terminal, made)
  return made
}

export class SseScanner {
  readonly #forms: readonly string[]
  readonly #maxFormLength: number
  /** The beginning of the unfinished line, as long as it may still become a terminal one. */
  #lineHead = ''
  #lineLength = 0
  #afterCr = false
  /** The unfinished event has a line already. */
  #inEvent = false
  #terminal = false
  #sawTerminal = false
  /** How much of a byte order mark opened the stream; -1 = something else did. */
  #markLength = 0
  #firstLine = true

  constructor(terminal: Terminal | null = null) {
    const { forms, maxLength } = toForms(terminal)
    this.#forms = forms
    this.#maxFormLength = maxLength
  }

  /** What was scanned ends between two events. */
  get betweenEvents(): boolean {
    return !this.#inEvent && this.#lineLength === 0
  }

  /** The last chunk completed the mark of the terminal event, which may still lack its blank line. */
  get sawTerminal(): boolean {
    return this.#sawTerminal
  }

  /** Whether a byte order mark opened the stream. */
  get marked(): boolean {
    return this.#markLength === byteOrderMark.length
  }

  /** Whether this chunk begins with the LF of a CRLF whose CR has ended an event with the last chunk. */
  beginsLate(text: string): boolean {
    return this.#afterCr && !this.#inEvent && text.startsWith('\n')
  }

  /** `onEnd` is called for each event that ends in this chunk, in order. */
  scan(text: string, onEnd: OnEventEnd): void {
    this.#sawTerminal = false
    let at = this.#afterCr && text.startsWith('\n') ? 1 : 0
    let nextCr = text.indexOf('\r', at)
    let nextLf = text.indexOf('\n', at)
    if (text.length > 0) this.#afterCr = false
    while (nextCr >= 0 || nextLf >= 0) {
      const isCr = nextLf < 0 || (nextCr >= 0 && nextCr < nextLf)
      const lineEnd = isCr ? nextCr : nextLf
      const isCrLf = isCr && nextLf === lineEnd + 1
      const next = lineEnd + (isCrLf ? 2 : 1)
      this.#takeText(text, at, lineEnd)
      this.#endLine(next, onEnd)
      this.#afterCr = isCr && !isCrLf
      at = next
      if (isCr) nextCr = text.indexOf('\r', at)
      if (!isCr || isCrLf) nextLf = text.indexOf('\n', at)
    }
    this.#takeRest(text, at)
  }

  /** The line that this chunk leaves unfinished. */
  #takeRest(text: string, at: number): void {
    if (at >= text.length) return
    this.#takeText(text, at, text.length)
    this.#afterCr = false
  }

  #takeText(text: string, start: number, end: number): void {
    if (this.#firstLine) this.#takeMark(text, start, end)
    if (!this.#terminal && this.#lineLength < this.#maxFormLength && this.#startsTerminal(text, start, end)) {
      this.#terminal = true
      this.#sawTerminal = true
    }
    this.#lineLength += end - start
  }

  #startsTerminal(text: string, start: number, end: number): boolean {
    // Most lines are in one chunk, and are compared where they stand.
    if (this.#lineLength === 0) {
      for (const form of this.#forms) if (end - start >= form.length && text.startsWith(form, start)) return true
      if (end === text.length) this.#lineHead = text.slice(start, start + this.#maxFormLength)
      return false
    }
    this.#lineHead += text.slice(start, Math.min(end, start + this.#maxFormLength))
    return this.#forms.some((form) => this.#lineHead.startsWith(form))
  }

  #takeMark(text: string, start: number, end: number): void {
    for (let at = start; at < end && this.#markLength >= 0 && !this.marked; at++)
      this.#markLength = text[at] === byteOrderMark[this.#markLength] ? this.#markLength + 1 : -1
  }

  #endLine(next: number, onEnd: OnEventEnd): void {
    const length = this.#lineLength - (this.#firstLine && this.marked ? byteOrderMark.length : 0)
    this.#firstLine = false
    this.#lineLength = 0
    this.#inEvent = length > 0
    if (this.#inEvent) return
    const terminal = this.#terminal
    this.#terminal = false
    onEnd(next, terminal)
  }
}
