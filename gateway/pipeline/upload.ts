/**
 * A body that is too large to be held: it goes on to the provider as it comes, and the provider's pace is its sender's.
 * What of it is not on the record is counted and digested on the way.
 */
import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Transform, type TransformCallback } from 'node:stream'
import type { UploadWatch } from './upload-watch.ts'

export const bodyTooLarge = 'SINEW_BODY_TOO_LARGE'
export const bodyForbidden = 'SINEW_BODY_FORBIDDEN'

export class Upload extends Transform {
  private readonly hash: Hash = createHash('sha256')
  private readonly maxBytes: number
  private readonly watch: UploadWatch | null
  private bytes: number

  /** `begun` has been read already; `start` takes its place on the way out. */
  constructor(
    request: IncomingMessage,
    begun: Buffer,
    start: Buffer,
    maxBytes: number,
    watch: UploadWatch | null = null,
  ) {
    super()
    this.maxBytes = maxBytes
    this.watch = watch
    this.bytes = begun.length
    this.hash.update(begun)
    const found = watch?.look(begun) ?? null
    if (found === null) this.push(start)
    else this.destroy(toFault(bodyForbidden, found))
    request.on('close', () => {
      if (!request.complete) this.destroy(new Error('the caller left before its body was whole'))
    })
    this.on('close', () => {
      // An answer that comes early is read only by a sender that can finish.
      request.unpipe(this)
      request.resume()
    })
    // Whoever sends it on is told; without a listener of its own it would end the process.
    this.on('error', () => {})
    request.pipe(this)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length
    if (this.bytes > this.maxBytes) {
      return done(toFault(bodyTooLarge, `the body is larger than ${this.maxBytes / 1024 / 1024} MiB`))
    }
    const found = this.watch?.look(chunk) ?? null
    if (found !== null) return done(toFault(bodyForbidden, found))
    this.hash.update(chunk)
    done(null, chunk)
  }

  /** All that came of the caller's body so far. */
  toDigest(): { bytes: number; digest: string } {
    return { bytes: this.bytes, digest: this.hash.copy().digest('hex') }
  }
}

function toFault(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
