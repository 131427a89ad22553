/**
 * How well an exchange worked, as far as can be seen: one score from 0 to 1, the verdict that follows from it, and why.
 * Pure.
 *
 * What is seen first is how it ended; of an answer that came, the worst fault found counts. What people say of it comes
 * last and decides: they know what was wanted.
 */
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import type { OutcomeReason, Verdict } from '../../../db/words/outcome.ts'
import { scoreFeedback, type GivenFeedback } from './feedback.ts'

export interface Scored {
  verdict: Verdict
  /** 0 = did not work, 1 = worked; `null` = nothing tells. */
  score: number | null
  /** In words for people; `null` for a success that nothing is to be said of. */
  reason: string | null
  /** Everything that was found, what decided first. */
  reasons: OutcomeReason[]
}

export interface ExchangeFacts {
  status: ExchangeStatus
  httpStatus: number | null
  /** Sinew's own error, by its code. */
  errorCode: string | null
  /** `null` = no answer is recorded. */
  answer: AnswerFacts | null
  /** The call passes through (embeddings, files, batches, …): no answer is read from it, so how it ended tells all. */
  opaque?: boolean
  /** What is wrong with the answer's form, by what the request asked for. */
  faults?: AnswerFault[]
  /** The same session asked the same thing again in other words soon after. */
  askedAgain?: boolean
  /** A judge that saw request and answer, without knowing whose they are. */
  judgement?: { score: number; reason: string } | null
  feedback?: GivenFeedback[]
}

export interface AnswerFacts {
  hasText: boolean
  hasToolCalls: boolean
  refusal: boolean
  stopReason: string | null
  /** Only a beginning of the answer was kept, so what is missing from it proves nothing. */
  cut: boolean
}

export interface AnswerFault {
  code: 'invalid_json' | 'schema_violation' | 'unknown_tool' | 'invalid_arguments' | 'arguments_violation'
  message: string
}

/** An exchange of this score or more is a success. */
export const successScoreMin = 0.5

/** The formats' words for "there was no room for more". */
const lengthStops = new Set(['length', 'max_tokens', 'max_output_tokens', 'model_context_window_exceeded'])
/** How a response of the Responses format stands when it is no answer (yet). */
const openStops = new Set(['queued', 'in_progress'])
const brokenStops = new Set(['failed', 'cancelled'])

const scores = {
  rejected: 0,
  refusal: 0,
  empty: 0,
  length: 0.3,
  askedAgain: 0.25,
  abandoned: 0.4,
  invalid_json: 0.1,
  schema_violation: 0.2,
  unknown_tool: 0.1,
  invalid_arguments: 0.1,
  arguments_violation: 0.2,
} as const

export function scoreExchange(facts: ExchangeFacts): Scored {
  const seen = improveOn(scoreSeen(facts), facts)
  const said = scoreFeedback(facts.feedback ?? [])
  if (said === null) return seen
  const reasons = [said.reason, ...seen.reasons]
  return {
    verdict: toVerdict(said.score),
    score: said.score,
    reason: said.score >= successScoreMin ? null : said.reason.message,
    reasons,
  }
}

const success: Scored = { verdict: 'success', score: 1, reason: null, reasons: [] }

/** By how it ended alone; `null` = it went well, so the answer decides. */
// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
function scoreStatus({ status, httpStatus, errorCode, answer }: ExchangeFacts): Scored | null {
  // Whoever leaves while the answer comes has perhaps seen enough of it: no verdict, but a low score for those who
  // look.
  if (status === 'cancelled')
    return none('cancelled', 'the caller left', answer?.hasText || answer?.hasToolCalls ? scores.abandoned : null)
  if (status === 'truncated') return none('truncated', 'the answer broke off')
  if (errorCode !== null) return none('own_error', `answered by Sinew itself: ${errorCode}`)
  if (status === 'unknown') return none('unknown_end', 'how it ended is not known')
  if (httpStatus === 400 || httpStatus === 422)
    return failure('rejected', `the provider answered ${httpStatus}`, scores.rejected)
  if (httpStatus === null || httpStatus < 200 || httpStatus > 299)
    return none('provider_error', `the provider answered ${httpStatus ?? 'nothing'}`)
  return status === 'error' ? none('provider_error', 'the provider reported an error') : null
}

function scoreSeen(facts: ExchangeFacts): Scored {
  const ended = scoreStatus(facts)
  if (ended !== null) return ended
  if (facts.opaque) return success
  const { answer } = facts
  if (answer === null) return none('no_answer', 'no answer is recorded')
  if (answer.refusal) return failure('refusal', 'refusal', scores.refusal)
  if (answer.stopReason !== null && lengthStops.has(answer.stopReason))
    return failure('length', 'cut at the length limit', scores.length)
  if (answer.stopReason !== null && brokenStops.has(answer.stopReason))
    return none('provider_error', 'the provider reported an error')
  if (answer.stopReason !== null && openStops.has(answer.stopReason))
    return none('background', 'the provider goes on with it in the background')
  if (answer.hasText || answer.hasToolCalls) return success
  return answer.cut ? none('too_big', 'too big to be read') : failure('empty', 'empty answer', scores.empty)
}

/** Further faults can only lower what looked like a success; where there is no verdict they change nothing. */
function improveOn(seen: Scored, { faults = [], askedAgain = false, judgement = null }: ExchangeFacts): Scored {
  if (seen.verdict !== 'success') return seen
  const found: { score: number; reason: OutcomeReason }[] = faults.map(({ code, message }) => ({
    score: scores[code],
    reason: { code, message },
  }))
  if (askedAgain)
    found.push({ score: scores.askedAgain, reason: { code: 'asked_again', message: 'asked again in other words' } })
  if (judgement !== null)
    found.push({ score: judgement.score, reason: { code: 'judged', message: `judged: ${judgement.reason}` } })
  found.sort((a, b) => a.score - b.score)
  const worst = found[0]
  if (worst === undefined) return seen
  const verdict = toVerdict(worst.score)
  return {
    verdict,
    score: worst.score,
    reason: verdict === 'success' ? null : worst.reason.message,
    reasons: found.map(({ reason }) => reason),
  }
}

function toVerdict(score: number): Verdict {
  return score >= successScoreMin ? 'success' : 'failure'
}

function none(code: string, message: string, score: number | null = null): Scored {
  return { verdict: 'none', score, reason: message, reasons: [{ code, message }] }
}

function failure(code: string, message: string, score: number): Scored {
  return { verdict: 'failure', score, reason: message, reasons: [{ code, message }] }
}
