/**
 * Recorded bytes as people read them: content encodings undone, JSON parsed. What cannot be read is said, never
 * guessed.
 */
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'

/** A small body may hold a huge one: decoding ends here. */
const decodedMostBytes = 32 * 1024 * 1024

/** JSON bodies as values, other ones as text; `null` = none was kept. */
export function toReadable(body: Buffer | null): unknown {
  if (body === null) return null
  const text = body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * Undoes `content-encoding`, outermost first, tolerating an end that is missing: cut answers are recorded as far as
 * they came.
 */
export function decodeBody(body: Buffer, headers: [string, string][]): { text: string | null; problem: string | null } {
  const encodings = headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.split(','))
    .map((encoding) => encoding.trim().toLowerCase())
    .filter((encoding) => encoding !== '' && encoding !== 'identity')
  let bytes = body
  for (const encoding of encodings.reverse()) {
    try {
      bytes = decode(bytes, encoding)
    } catch (error) {
      return {
        text: null,
        problem: `the answer's ${encoding} encoding could not be undone: ${error instanceof Error ? error.message : String(error)}`,
      }
    }
  }
  return { text: bytes.toString('utf8'), problem: null }
}

function decode(bytes: Buffer, encoding: string): Buffer {
  if (bytes.length === 0) return bytes
  const zlib = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: decodedMostBytes }
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes, zlib)
    case 'deflate':
      // Two formats go by this name; the first byte of a zlib header tells them apart.
      return ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, zlib) : inflateRawSync(bytes, zlib)
    case 'br':
      return brotliDecompressSync(bytes, {
        finishFlush: constants.BROTLI_OPERATION_FLUSH,
        maxOutputLength: decodedMostBytes,
      })
    case 'zstd':
      return zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush, maxOutputLength: decodedMostBytes })
    default:
      throw new Error('it is not known here')
  }
}
