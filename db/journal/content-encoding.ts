/**
 * Undoes `content-encoding`: of requests, of answers on their way, and of recorded bodies. One place, so that what the
 * record can read can also be read for a caller.
 */
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
  type BrotliDecompress,
  type Gunzip,
  type Inflate,
  type InflateRaw,
  type ZstdDecompress,
} from 'node:zlib'

/**
 * `unknown`: no decoder for that encoding. `damaged`: the bytes are not of it. `too_big`: more than the caller takes.
 */
export interface EncodingProblem {
  problem: 'unknown' | 'damaged' | 'too_big'
  /** The encoding that could not be undone, in lower case. */
  encoding: string
}

export type Decoded = { bytes: Buffer } | EncodingProblem

/** Each layer multiplies the work; nobody sends more. */
const maxLayers = 3

type Stream = Gunzip | Inflate | InflateRaw | BrotliDecompress | ZstdDecompress

interface Coding {
  /** `cut`: a missing end is accepted, and what came of it is decoded. */
  whole(bytes: Buffer, maxOutputLength: number, cut: boolean): Buffer
  stream(firstByte: number): Stream
}

const flushed = { finishFlush: constants.Z_SYNC_FLUSH }

const gzip: Coding = {
  whole: (bytes, maxOutputLength, cut) => gunzipSync(bytes, { maxOutputLength, ...(cut && flushed) }),
  stream: () => createGunzip({ flush: constants.Z_SYNC_FLUSH }),
}

const codings: Readonly<Record<string, Coding>> = {
  gzip,
  'x-gzip': gzip,
  deflate: {
    whole: (bytes, maxOutputLength, cut) =>
      (isZlib(bytes[0] ?? 0) ? inflateSync : inflateRawSync)(bytes, { maxOutputLength, ...(cut && flushed) }),
    stream: (firstByte) => (isZlib(firstByte) ? createInflate : createInflateRaw)({ flush: constants.Z_SYNC_FLUSH }),
  },
  br: {
    whole: (bytes, maxOutputLength, cut) =>
      brotliDecompressSync(bytes, {
        maxOutputLength,
        ...(cut && { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
      }),
    stream: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
  },
  zstd: {
    whole: (bytes, maxOutputLength, cut) =>
      zstdDecompressSync(bytes, { maxOutputLength, ...(cut && { finishFlush: constants.ZSTD_e_flush }) }),
    stream: () => createZstdDecompress({ flush: constants.ZSTD_e_flush }),
  },
}

/** `deflate` means zlib's format by the standard; some servers send the bare one, which has no such first byte. */
function isZlib(firstByte: number): boolean {
  return (firstByte & 0x0f) === 8
}

const none: readonly string[] = []

/** In the order they were applied, in lower case; a header that came several times counts as one list. */
export function readEncodings(contentEncoding: string | readonly string[] | null | undefined): readonly string[] {
  // Asked of every answer, and most are plain.
  if (contentEncoding === undefined || contentEncoding === null) return none
  return [contentEncoding]
    .flat()
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
}

/**
 * A whole body. `cut`: its end may be missing, by a bound or a broken connection, and what is there is decoded. Never
 * throws.
 */
export function decodeContent(
  bytes: Buffer,
  contentEncoding: string | readonly string[] | null | undefined,
  maxBytes: number,
  { cut = false }: { cut?: boolean } = {},
): Decoded {
  const encodings = readEncodings(contentEncoding)
  if (encodings.length === 0 && bytes.length <= maxBytes) return { bytes }
  const unknown = findUnknown(encodings)
  if (unknown !== null) return unknown
  let decoded = bytes
  for (const encoding of encodings.toReversed()) {
    if (decoded.length > maxBytes) return { problem: 'too_big', encoding }
    // Some servers name an encoding and send no body, as with 204.
    if (decoded.length === 0) break
    try {
      decoded = (codings[encoding] as Coding).whole(decoded, maxBytes, cut)
    } catch (error) {
      return { problem: isTooBig(error) ? 'too_big' : 'damaged', encoding }
    }
  }
  return decoded.length > maxBytes ? { problem: 'too_big', encoding: encodings[0] ?? 'identity' } : { bytes: decoded }
}

/** Bounds what a small recorded body may grow to. */
const maxRecordedBytes = 32 * 1024 * 1024

/** A recorded body as text. It may be cut, by its size or by a broken connection: what can be read of it is read. */
export function decodeRecorded(body: Buffer, headers: readonly [string, string][]): { text: string } | EncodingProblem {
  const encodings = headers.flatMap(([name, value]) => (name.toLowerCase() === 'content-encoding' ? [value] : []))
  const decoded = decodeContent(body, encodings, maxRecordedBytes, { cut: true })
  return 'problem' in decoded ? decoded : { text: decoded.bytes.toString('utf8') }
}

/** Decodes a body while it comes. */
export interface ContentDecoder {
  /**
   * Calls back with all that can be decoded so far and was not handed out yet. One chunk at a time: the next one only
   * after the call. Once there is a problem, each further chunk has it too.
   */
  push(chunk: Buffer, done: (decoded: Decoded) => void): void
  close(): void
}

/** `maxBytes` bounds what all chunks come to, in every layer. */
export function openContentDecoder(
  contentEncoding: string | readonly string[] | null | undefined,
  maxBytes = Number.POSITIVE_INFINITY,
): ContentDecoder | EncodingProblem {
  const encodings = readEncodings(contentEncoding)
  const unknown = findUnknown(encodings)
  if (unknown !== null) return unknown
  const layers = encodings.toReversed().map((encoding) => new Layer(encoding, maxBytes))
  const pass = (index: number, bytes: Buffer, done: (decoded: Decoded) => void): void => {
    const layer = layers[index]
    if (layer === undefined) return done({ bytes })
    layer.push(bytes, (decoded) => ('problem' in decoded ? done(decoded) : pass(index + 1, decoded.bytes, done)))
  }
  return {
    push: (chunk, done) => pass(0, chunk, done),
    close: () => {
      for (const layer of layers) layer.close()
    },
  }
}

class Layer {
  private readonly encoding: string
  private readonly maxBytes: number
  private stream: Stream | null = null
  private parts: Buffer[] = []
  private total = 0
  private problem: EncodingProblem | null = null
  private waiting: ((decoded: Decoded) => void) | null = null

  constructor(encoding: string, maxBytes: number) {
    this.encoding = encoding
    this.maxBytes = maxBytes
  }

  push(bytes: Buffer, done: (decoded: Decoded) => void): void {
    if (this.problem !== null) return done(this.problem)
    if (bytes.length === 0) return done({ bytes })
    this.waiting = done
    const stream = (this.stream ??= this.open(bytes[0] as number))
    // What the decoder makes of these bytes has been emitted when the flush behind them is through.
    stream.write(bytes)
    stream.flush(() => this.finish())
  }

  close(): void {
    this.stream?.destroy()
  }

  private open(firstByte: number): Stream {
    const stream = (codings[this.encoding] as Coding).stream(firstByte)
    stream.on('data', (part: Buffer) => {
      this.total += part.length
      if (this.total > this.maxBytes) return this.fail('too_big')
      this.parts.push(part)
    })
    stream.on('error', () => this.fail('damaged'))
    return stream
  }

  private fail(problem: EncodingProblem['problem']): void {
    this.problem ??= { problem, encoding: this.encoding }
    this.stream?.destroy()
    this.finish()
  }

  private finish(): void {
    const done = this.waiting
    this.waiting = null
    const bytes = Buffer.concat(this.parts)
    this.parts = []
    done?.(this.problem ?? { bytes })
  }
}

function findUnknown(encodings: readonly string[]): EncodingProblem | null {
  const unknown = encodings.find((encoding) => !Object.hasOwn(codings, encoding))
  if (unknown !== undefined) return { problem: 'unknown', encoding: unknown }
  return encodings.length > maxLayers ? { problem: 'unknown', encoding: encodings.join(', ') } : null
}

function isTooBig(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}
