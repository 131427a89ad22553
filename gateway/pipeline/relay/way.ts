/** How an answer that has begun is handled: passed on as it comes, or collected and changed as a whole. */
import type { AnswerHeaders } from '../headers.ts'

export interface Way {
  data(chunk: Buffer): void
  end(trailers: AnswerHeaders): void
  fail(error: Error): void
  /** The caller takes more again. */
  resume(): void
  /** For its reader the answer is complete, whatever happens now. */
  readonly completed: boolean
}
