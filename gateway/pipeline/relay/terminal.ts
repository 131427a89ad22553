/**
 * Finds the event that completes a compressed answer while its chunks pass. The client may act on that event before the
 * body ends, so the chunk that carries it has to wait for the record.
 */
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { SseScanner, type Terminal } from '../../bytes/sse-scanner.ts'

/** What is looked at to judge a stream that ended without its terminal event. */
export const tailBytes = 16 * 1024

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
  const scanner = new SseScanner(terminal)
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
    if (scanner.sees(text)) seen = true
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
