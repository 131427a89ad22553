/** One event of a stream with exactly the bytes it came in: it passes as it is, or is changed in one place. */
import type { Block } from './block.ts'
import type { Splice } from './json-edit.ts'
import type { SseEvent } from './sse.ts'

const lf = 0x0a
const cr = 0x0d

interface Span {
  start: number
  end: number
}

/** What is known of a block beside its bytes. */
export interface BlockFacts {
  /** Where its first line begins: behind a byte order mark. */
  from?: number
  terminal?: boolean
  /** Not an event, but the LF of a CRLF whose CR ended the one before. */
  late?: boolean
  /** A piece of an event that is too long to be read. */
  unread?: boolean
  /** The stream was over before its blank line came. */
  unfinished?: boolean
  /** Its bytes as `latin1` text, where whoever made it has them so. */
  latin1?: string
}

/** The bytes from an event's first line to the blank line that ends it; or comments alone. */
export class SseBlock implements Block {
  readonly bytes: Buffer
  readonly terminal: boolean
  readonly late: boolean
  readonly unread: boolean
  readonly #unfinished: boolean
  readonly #from: number
  #latin1: string | undefined
  #event: SseEvent | null | undefined

  constructor(bytes: Buffer, facts: BlockFacts = {}) {
    this.bytes = bytes
    this.terminal = facts.terminal ?? false
    this.late = facts.late ?? false
    this.unread = facts.unread ?? false
    this.#unfinished = facts.unfinished ?? false
    this.#latin1 = facts.latin1
    this.#from = this.late || this.unread ? bytes.length : (facts.from ?? 0)
  }

  get endsEvent(): boolean {
    return !this.unread && !this.#unfinished
  }

  /** One character a byte: a text is searched several times as fast as its bytes. */
  get latin1(): string {
    return (this.#latin1 ??= this.bytes.toString('latin1'))
  }

  /** The same event in other bytes. */
  withBytes(bytes: Buffer): SseBlock {
    if (bytes === this.bytes) return this
    return new SseBlock(bytes, { from: this.#from, terminal: this.terminal, unfinished: this.#unfinished })
  }

  /**
   * What a lenient reader takes it for. `null` = nothing: comments, an event without data, or one that the end of the
   * stream cut off in the middle of its data.
   */
  get event(): SseEvent | null {
    this.#event ??= this.#readEvent()
    return this.#event
  }

  /** Ids and waits count even where the block is no event. */
  readField(name: 'id' | 'retry'): string | undefined {
    return this.#findValues(name)
      .map(({ start, end }) => this.bytes.toString('utf8', start, end))
      .findLast((value) => (name === 'id' ? !value.includes('\0') : /^\d{1,9}$/.test(value)))
  }

  #readEvent(): SseEvent | null {
    const data = this.toData().toString('utf8')
    if (data.trim() === '' || (this.#unfinished && !isWhole(data))) return null
    const named = this.#findValues('event').at(-1)
    const event = named === undefined ? '' : this.bytes.toString('utf8', named.start, named.end)
    return { event: event === '' ? 'message' : event, data }
  }

  /** Where the values of its `data` lines stand in its bytes. */
  get data(): Span[] {
    return this.#findValues('data')
  }

  /** The event's data as the standard joins it: its lines with LF between them. */
  toData(): Buffer {
    const spans = this.data
    if (spans.length === 1) return this.bytes.subarray(spans[0]?.start, spans[0]?.end)
    return Buffer.concat(
      spans.flatMap(({ start, end }, index) => [
        Buffer.alloc(index === 0 ? 0 : 1, lf),
        this.bytes.subarray(start, end),
      ]),
    )
  }

  /** Its bytes with places of its data changed. The new texts hold no line ends. */
  splice(splices: readonly Splice[]): Buffer {
    const spans = this.data
    const parts: Buffer[] = []
    let at = 0
    for (const { start, end, text } of splices) {
      parts.push(this.bytes.subarray(at, toRawPlace(spans, start)), Buffer.from(text))
      at = toRawPlace(spans, end)
    }
    parts.push(this.bytes.subarray(at))
    return Buffer.concat(parts)
  }

  /** The field's name must be the whole text in front of the colon, or the whole line. */
  #findValues(name: string): Span[] {
    const spans: Span[] = []
    const { bytes } = this
    for (let at = this.#from; at < bytes.length;) {
      const end = findLineEnd(bytes, at)
      const colon = at + name.length
      if (
        bytes[at] === name.charCodeAt(0) &&
        (end === colon || bytes[colon] === 0x3a) &&
        bytes.toString('latin1', at, colon) === name
      ) {
        const value = Math.min(colon + 1, end)
        spans.push({ start: bytes[value] === 0x20 ? value + 1 : value, end })
      }
      at = end + 1
    }
    return spans
  }
}

function findLineEnd(bytes: Buffer, at: number): number {
  let end = at
  while (end < bytes.length && bytes[end] !== lf && bytes[end] !== cr) end++
  return end
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

/** Whether data that the end of the stream cut off from its blank line is all there: official clients take it then. */
function isWhole(data: string): boolean {
  if (data.trim() === '[DONE]') return true
  if (!/^\s*\{/.test(data)) return false
  try {
    JSON.parse(data)
    return true
  } catch {
    return false
  }
}
