/** The recorder's own decoded copy of an answer; what goes to the caller is never decoded. */
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'

/** Bounds what a small compressed body may grow to. */
const decodedBytesMax = 32 * 1024 * 1024
const encodingsMax = 3

// A kept body may be cut, by its size or by a broken connection: what can be read of it is read.
const zlib = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: decodedBytesMax }
const brotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: decodedBytesMax }
const zstd = { finishFlush: constants.ZSTD_e_flush, maxOutputLength: decodedBytesMax }

/** `null` = the encoding is unknown, damaged, or the text would be too big. */
export function decodeBody(body: Buffer, contentEncoding: string | null): string | null {
  const encodings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  if (encodings.length > encodingsMax || body.length > decodedBytesMax) return null
  try {
    return encodings.reduceRight(decodeOnce, body).toString('utf8')
  } catch {
    return null
  }
}

function decodeOnce(body: Buffer, encoding: string): Buffer {
  if (body.length === 0) return body
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(body, zlib)
    case 'deflate':
      // The standard means zlib's format; some servers send the bare one, which has no such first byte.
      return ((body[0] ?? 0) & 0x0f) === 8 ? inflateSync(body, zlib) : inflateRawSync(body, zlib)
    case 'br':
      return brotliDecompressSync(body, brotli)
    case 'zstd':
      return zstdDecompressSync(body, zstd)
    default:
      throw new Error(`unknown encoding ${encoding}`)
  }
}
