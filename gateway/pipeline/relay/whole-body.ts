/** An answer that is collected because it can only be changed as a whole. */
import { maxWholeBytes, type ShapedWhole, type WholeAnswer } from './shape-answer.ts'

export class WholeBody {
  private readonly shape: ShapedWhole
  private readonly head: string[]
  private readonly chunks: Buffer[] = []
  private bytes = 0

  /** `head`: the answer's headers (flat), without those that follow from the body. */
  constructor(shape: ShapedWhole, head: string[]) {
    this.shape = shape
    this.head = head
  }

  /** `false` = it is larger than can be kept. */
  add(chunk: Buffer): boolean {
    this.bytes += chunk.length
    if (this.bytes > maxWholeBytes) return false
    this.chunks.push(chunk)
    return true
  }

  finish(): WholeAnswer & { head: string[] } {
    const answer = this.shape.finish(Buffer.concat(this.chunks, this.bytes))
    const head = [...this.head, 'content-length', String(answer.body.length)]
    if (answer.contentType !== null) head.push('content-type', answer.contentType)
    return { ...answer, head }
  }
}
