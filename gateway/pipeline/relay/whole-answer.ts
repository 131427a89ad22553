/** An answer that can only be changed once it is whole. */
import type { Usage } from '../../../db/words/exchange.ts'
import type { ErrorCode } from '../../dialects/refusals.ts'

export interface WholeAnswer {
  status: number
  contentType: string | null
  body: Buffer
  dropped: readonly string[]
  errorCode: ErrorCode | null
  /** As in a stream. */
  usage: Usage | null | undefined
  /** Of an answer of 2xx; some providers state an error in one. */
  ended: 'ok' | 'error' | 'truncated'
}

export interface ShapedWhole {
  readonly kind: 'whole'
  finish(body: Buffer): WholeAnswer
}
