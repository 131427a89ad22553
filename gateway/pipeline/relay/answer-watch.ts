/**
 * Looks at a streamed answer as it passes: when it is complete for its reader, and how it ended if it never said so.
 */
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import type { WireFacts } from '../../dialects/wire-facts.ts'
import type { KeptAnswer } from './kept-answer.ts'
import { SseScanner } from '../../bytes/sse-scanner.ts'
import { openEncodedWatcher, tailBytes } from './terminal.ts'

export interface AnswerWatch {
  /** Whether this chunk completes the terminal event. */
  look(chunk: Buffer): boolean
  /** The same of a compressed answer, by calling back; one chunk at a time. `null` = it is not compressed. */
  decodes: ((chunk: Buffer, done: (terminal: boolean) => void) => void) | null
  /** Of a stream that never carried its terminal event. */
  judge(kept: KeptAnswer): ExchangeStatus
  close(): void
}

/** `encoding`: of the body, where it is compressed. `null` = nothing can be seen of this answer. */
export function openAnswerWatch({ terminal, judgeUnfinished }: WireFacts, encoding: string | null): AnswerWatch | null {
  if (terminal === null) return null
  const judge = (tail: string): ExchangeStatus => {
    const verdict = judgeUnfinished(tail)
    return verdict === 'complete' ? 'ok' : verdict === 'error' ? 'error' : 'truncated'
  }
  if (encoding === null) {
    const scanner = new SseScanner(terminal)
    return {
      look: (chunk) => scanner.sees(chunk),
      decodes: null,
      judge: (kept) => judge(kept.toTail(tailBytes)),
      close: () => {},
    }
  }
  const encoded = openEncodedWatcher(terminal, encoding)
  return encoded && { look: () => false, decodes: encoded.see, judge: () => judge(encoded.tail), close: encoded.close }
}
