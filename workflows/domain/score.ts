/** Whether an exchange worked, as far as its status and its answer tell. Pure. */
import type { ExchangeStatus, Verdict } from '../../db/types.ts'

export interface Scored {
  verdict: Verdict
  /** In words for people; `null` for a success. */
  reason: string | null
}

export interface ExchangeFacts {
  status: ExchangeStatus
  httpStatus: number | null
  /** Sinew's own error, by its code. */
  errorCode: string | null
  /** `null` = no answer is recorded. */
  answer: AnswerFacts | null
}

export interface AnswerFacts {
  hasText: boolean
  hasToolCalls: boolean
  refusal: boolean
  stopReason: string | null
  /** Only a beginning of the answer was kept, so what is missing from it proves nothing. */
  cut: boolean
}

/** The formats' words for "there was no room for more". */
const lengthStops = new Set(['length', 'max_tokens', 'max_output_tokens', 'model_context_window_exceeded'])
/** How a response of the Responses format stands when it is no answer (yet). */
const openStops = new Set(['queued', 'in_progress'])
const brokenStops = new Set(['failed', 'cancelled'])

export const success: Scored = { verdict: 'success', reason: null }

/** By how it ended alone; `null` = it went well, so the answer decides. */
export function scoreStatus({ status, httpStatus, errorCode }: Omit<ExchangeFacts, 'answer'>): Scored | null {
  if (status === 'cancelled') return none('the caller left')
  if (status === 'truncated') return none('the answer broke off')
  if (errorCode !== null) return none(`answered by Sinew itself: ${errorCode}`)
  if (status === 'unknown') return none('how it ended is not known')
  if (httpStatus === 400 || httpStatus === 422) return failure(`the provider answered ${httpStatus}`)
  if (httpStatus === null || httpStatus < 200 || httpStatus > 299) return none(`the provider answered ${httpStatus ?? 'nothing'}`)
  return status === 'error' ? none('the provider reported an error') : null
}

export function scoreExchange({ answer, ...facts }: ExchangeFacts): Scored {
  const ended = scoreStatus(facts)
  if (ended !== null) return ended
  if (answer === null) return none('no answer is recorded')
  if (answer.refusal) return failure('refusal')
  if (answer.stopReason !== null && lengthStops.has(answer.stopReason)) return failure('cut at the length limit')
  if (answer.stopReason !== null && brokenStops.has(answer.stopReason)) return none('the provider reported an error')
  if (answer.stopReason !== null && openStops.has(answer.stopReason)) return none('the provider goes on with it in the background')
  if (answer.hasText || answer.hasToolCalls) return success
  return answer.cut ? none('too big to be read') : failure('empty answer')
}

function none(reason: string): Scored {
  return { verdict: 'none', reason }
}

function failure(reason: string): Scored {
  return { verdict: 'failure', reason }
}
