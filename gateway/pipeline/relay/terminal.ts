/**
 * Finds the event that completes a streamed answer while its chunks pass. The client may act on that event before the
 * body ends, so the chunk that carries it has to wait for the record.
 */
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Terminal } from '../../dialects/wire-facts.ts'

/** What is looked at to judge a stream that ended without its terminal event. */
export const tailBytes = 16 * 1024

const empty: Buffer = Buffer.alloc(0)

export class TerminalWatcher {
  private readonly values: Buffer[]
  private readonly forms: Buffer[]
  private readonly carryBytes: number
  private carry: Buffer = Buffer.from('\n')

  constructor({ field, values }: Terminal) {
    this.values = values.map((value) => Buffer.from(value))
    // A line ends in LF, CR or CRLF, and the space behind the colon may be left out. Inside an event's JSON a line
    // break is written as an escape, so text of the model never stands at the beginning of a line.
    this.forms = ['\n', '\r'].flatMap((end) =>
      values.flatMap((value) => [Buffer.from(`${end}${field}: ${value}`), Buffer.from(`${end}${field}:${value}`)]),
    )
    this.carryBytes = Math.max(...values.map((value) => Buffer.byteLength(`\n${field}: ${value}`))) - 1
  }

  /** Whether the terminal event is completed by this chunk, wherever earlier chunks were split. */
  see(chunk: Buffer): boolean {
    const seam = Buffer.concat([this.carry, chunk.subarray(0, this.carryBytes)])
    const found = this.isIn(seam) || (chunk.length > this.carryBytes && this.isIn(chunk))
    const whole = chunk.length >= this.carryBytes ? chunk : seam
    // What has been seen is not to be seen again with the next chunk.
    this.carry = found ? empty : whole.subarray(Math.max(0, whole.length - this.carryBytes))
    return found
  }

  private isIn(bytes: Buffer): boolean {
    return this.values.some((value) => bytes.includes(value)) && this.forms.some((form) => bytes.includes(form))
  }
}

export interface EncodedWatcher {
  /** Calls back whether this chunk, once decoded, completes the terminal event. One chunk at a time. */
  see(chunk: Buffer, done: (terminal: boolean) => void): void
  /** The last of the decoded text. */
  readonly tail: string
  close(): void
}

/**
 * Watches a compressed stream through a decoder of its own; `null` = the encoding is not known, so nothing can be seen.
 */
export function openEncodedWatcher(terminal: Terminal, encoding: string): EncodedWatcher | null {
  const decoder = openDecoder(encoding)
  if (decoder === null) return null
  const watcher = new TerminalWatcher(terminal)
  let tail: Buffer = Buffer.alloc(0)
  let seen = false
  let waiting: ((terminal: boolean) => void) | null = null
  let broken = false

  const finish = (): void => {
    const done = waiting
    waiting = null
    const terminal = seen
    seen = false
    done?.(terminal)
  }
  decoder.on('data', (text: Buffer) => {
    if (watcher.see(text)) seen = true
    tail = Buffer.concat([tail, text]).subarray(-tailBytes)
  })
  // Bytes that cannot be decoded pass like any others; only nothing is seen in them any more.
  decoder.on('error', () => {
    broken = true
    finish()
  })
  return {
    see(chunk, done) {
      waiting = done
      if (broken) return finish()
      // The decoder's output of a chunk has been emitted when the empty write behind it is through.
      decoder.write(chunk)
      decoder.flush(finish)
    },
    get tail() {
      return tail.toString('utf8')
    },
    close: () => decoder.destroy(),
  }
}

function openDecoder(encoding: string) {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ flush: constants.Z_SYNC_FLUSH })
    case 'deflate':
      return createInflate({ flush: constants.Z_SYNC_FLUSH })
    case 'br':
      return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH })
    case 'zstd':
      return createZstdDecompress({ flush: constants.ZSTD_e_flush })
    default:
      return null
  }
}
