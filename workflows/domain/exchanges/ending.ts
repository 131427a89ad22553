/** How an exchange ended: one place for the gateway's record, the shipper, scoring and replays. Pure. */
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import type { AnswerFailure } from './answer-failure.ts'

/** `status`: as the transport saw it; `failure`: what the answer says of itself. A failure is never an answer. */
export function decideEnding(
  status: ExchangeStatus,
  httpStatus: number | null,
  failure: AnswerFailure | null,
): ExchangeStatus {
  if (status !== 'ok') return status
  return failure !== null || (httpStatus !== null && httpStatus >= 400) ? 'error' : 'ok'
}
