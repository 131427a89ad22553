/**
 * The recorder's copy of an answer: its beginning up to a bound, and the digest of the whole where that is not all of
 * it.
 */
import { createHash, type Hash } from 'node:crypto'

export const tailBytes = 16 * 1024
export const maxKeptBytes = 8 * 1024 * 1024

const empty: Buffer = Buffer.alloc(0)

export class KeptAnswer {
  bytes = 0
  private chunks: Buffer[] = []
  private keptBytes = 0
  private hash: Hash | null = null

  add(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.hash === null && this.keptBytes + chunk.length <= maxKeptBytes) {
      this.chunks.push(chunk)
      this.keptBytes += chunk.length
      return
    }
    if (this.hash === null) {
      this.hash = createHash('sha256')
      for (const kept of this.chunks) this.hash.update(kept)
      const room = maxKeptBytes - this.keptBytes
      if (room > 0) this.chunks.push(chunk.subarray(0, room))
      this.keptBytes = maxKeptBytes
    }
    this.hash.update(chunk)
  }

  /** SHA-256 in hex where the kept body is only the beginning; may be asked again after more has come. */
  toDigest(): string | null {
    return this.hash === null ? null : this.hash.copy().digest('hex')
  }

  toBuffer(): Buffer {
    if (this.chunks.length > 1) this.chunks = [Buffer.concat(this.chunks, this.keptBytes)]
    return this.chunks[0] ?? empty
  }

  /** The last bytes that were kept, as text: enough to judge a stream that ended without its terminal event. */
  toTail(): string {
    const all = this.toBuffer()
    return all.toString('utf8', Math.max(0, all.length - tailBytes))
  }
}
