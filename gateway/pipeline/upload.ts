/**
 * A body that is too large to be held: it goes on to the provider as it comes, and the provider's pace is its sender's.
 * What of it is not on the record is counted and digested on the way.
 */
import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Transform, type TransformCallback } from 'node:stream'

export const bodyTooLarge = 'SINEW_BODY_TOO_LARGE'

export class Upload extends Transform {
  private readonly hash: Hash = createHash('sha256')
  private readonly maxBytes: number
  private bytes: number

  /** `begun` has been read already; `start` takes its place on the way out. */
  constructor(request: IncomingMessage, begun: Buffer, start: Buffer, maxBytes: number) {
    super()
    this.maxBytes = maxBytes
    this.bytes = begun.length
    this.hash.update(begun)
    this.push(start)
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
      const error = new Error(`the body is larger than ${this.maxBytes / 1024 / 1024} MiB`)
      return done(Object.assign(error, { code: bodyTooLarge }))
    }
    this.hash.update(chunk)
    done(null, chunk)
  }

  /** All that came of the caller's body so far. */
  toDigest(): { bytes: number; digest: string } {
    return { bytes: this.bytes, digest: this.hash.copy().digest('hex') }
  }
}
