/**
 * How well an exchange worked, as far as can be seen: one score from 0 to 1, the verdict that follows from it, why, and
 * how sure that is. Pure.
 *
 * What is seen first is how it ended; of an answer that came, the worst fault found counts, then what the user said
 * next. What people say of it comes last and decides: they know what was wanted.
 */
import type { ExchangeStatus } from '../../../db/words/exchange.ts'
import type { AnswerFailureWords, NextTurn, OutcomeReason, Verdict } from '../../../db/words/outcome.ts'
import { faultScores, minFaultConfidence, type AnswerFault } from './answer-fault.ts'
import { findEnding } from './endings.ts'
import { scoreFeedback, type GivenFeedback } from './feedback.ts'

export interface Scored {
  verdict: Verdict
  /** 0 = did not work, 1 = worked; `null` = nothing tells. */
  score: number | null
  /** From 0 to 1: how sure the verdict is. The judge sees those first that are not. */
  confidence: number
  /** In words for people; `null` for a success that nothing is to be said of. */
  reason: string | null
  /** Everything that was found, what decided first. */
  reasons: OutcomeReason[]
  /** What the verdict is without the words of people and judges: what their words are compared with. */
  ownVerdict: Verdict
}

export interface ExchangeFacts {
  status: ExchangeStatus
  httpStatus: number | null
  /** Sinew's own error, by its code. */
  errorCode: string | null
  /** What the provider said of a failure; `null` or absent = nothing. */
  failure?: AnswerFailureWords | null
  /** `null` = no answer is recorded. */
  answer: AnswerFacts | null
  /** The call passes through (embeddings, files, batches, …): no answer is read from it, so how it ended tells all. */
  opaque?: boolean
  /** What is wrong with the answer, by what the request asked for. */
  faults?: AnswerFault[]
  /** What the same session said next, soon after. */
  nextTurn?: NextTurn | null
  /** A judge that saw request and answer, without knowing whose they are. */
  judgement?: { score: number; reason: string } | null
  feedback?: GivenFeedback[]
}

export interface AnswerFacts {
  /** Words, pictures or sound. */
  hasText: boolean
  hasToolCalls: boolean
  /** The model or its provider declared that it declines. */
  refusal: boolean
  stopReason: string | null
  /** Only a beginning of the answer was kept, so what is missing from it proves nothing. */
  cut: boolean
  /** Where its limit ended it: whether the caller wanted no more than that. `null` = it cannot be known. */
  wantedShort?: boolean | null
}

/** An exchange of this score or more is a success. */
export const minSuccessScore = 0.5

/** Verdicts that are less sure than this are shown to the judge first, and it may turn them. */
export const sureConfidence = 0.7

/** The formats' words for "there was no room for more". */
const lengthStops = new Set([
  'length',
  'max_tokens',
  'max_output_tokens',
  'model_context_window_exceeded',
  'MAX_TOKENS',
])
/** How a response of the Responses format stands when it is no answer (yet). */
const openStops = new Set(['queued', 'in_progress'])
const brokenStops = new Set(['failed', 'cancelled'])

const lengthScore = 0.3
const abandonedScore = 0.4

/** What the next message of the user says of the answer before it. */
const nextTurns: Readonly<Record<NextTurn, { score: number; confidence: number; reason: OutcomeReason | null }>> = {
  asked_again: {
    score: 0.25,
    confidence: 0.75,
    reason: { code: 'asked_again', message: 'asked again in other words' },
  },
  corrected: {
    score: 0.2,
    confidence: 0.8,
    reason: { code: 'corrected', message: 'the user said next that it was wrong or did not work' },
  },
  thanked: { score: 1, confidence: 0.95, reason: null },
  went_on: { score: 1, confidence: 0.85, reason: null },
}

/** How sure a success is of which nothing bad was seen. */
const plainConfidence = 0.75
const calledConfidence = 0.85
const doubtfulConfidence = 0.55

export function scoreExchange(facts: ExchangeFacts): Scored {
  const own = improveOn(scoreSeen(facts), facts)
  const seen = weighJudgement(own, facts.judgement ?? null)
  const said = scoreFeedback(facts.feedback ?? [])
  if (said === null) return seen
  return {
    verdict: toVerdict(said.score),
    score: said.score,
    confidence: 1,
    reason: said.score >= minSuccessScore ? null : said.reason.message,
    reasons: [said.reason, ...seen.reasons],
    ownVerdict: own.verdict,
  }
}

/** By how it ended alone; `null` = it went well, so the answer decides. */
function scoreStatus(facts: ExchangeFacts): Scored | null {
  const { status, errorCode, answer } = facts
  // Whoever leaves while the answer comes has perhaps seen enough of it: no verdict, but a low score for those who
  // look.
  if (status === 'cancelled')
    return none('cancelled', 'the caller left', answer?.hasText || answer?.hasToolCalls ? abandonedScore : null)
  if (status === 'truncated') return none('truncated', 'the answer broke off')
  if (errorCode !== null) return none('own_error', `answered by Sinew itself: ${errorCode}`)
  if (status === 'unknown') return none('unknown_end', 'how it ended is not known')
  return scoreFailure(facts)
}

function scoreFailure({ status, httpStatus, failure = null }: ExchangeFacts): Scored | null {
  const good = httpStatus !== null && httpStatus >= 200 && httpStatus <= 299
  if (good && status !== 'error') return null
  const rule = findEnding(httpStatus, failure)
  if (rule?.verdict === 'failure') return failed(rule.code, rule.message, rule.score ?? 0, rule.confidence)
  const said = good ? 'the provider reported an error' : `the provider answered ${httpStatus ?? 'nothing'}`
  if (rule === null || good) return none(rule?.code ?? 'provider_error', said)
  const reasons = [{ code: rule.code, message: `${said}: ${rule.message}` }]
  return { ...none(rule.code, said, null, rule.confidence), reasons }
}

function scoreSeen(facts: ExchangeFacts): Scored {
  const ended = scoreStatus(facts)
  if (ended !== null) return ended
  if (facts.opaque) return success(plainConfidence)
  const { answer } = facts
  if (answer === null) return none('no_answer', 'no answer is recorded')
  if (answer.refusal) return failed('refusal', 'the model or its provider declined', faultScores.refusal, 0.98)
  if (answer.stopReason !== null && lengthStops.has(answer.stopReason)) return scoreLength(answer)
  if (answer.stopReason !== null && brokenStops.has(answer.stopReason))
    return none('provider_error', 'the provider reported an error')
  if (answer.stopReason !== null && openStops.has(answer.stopReason))
    return none('background', 'the provider goes on with it in the background')
  if (answer.hasText || answer.hasToolCalls) return success(answer.hasToolCalls ? calledConfidence : plainConfidence)
  return answer.cut ? none('too_big', 'too big to be read') : failed('empty', 'empty answer', faultScores.empty, 0.95)
}

function scoreLength({ wantedShort = false }: AnswerFacts): Scored {
  if (wantedShort === null)
    return none('length', 'cut at a very small length limit: nothing tells whether more was wanted')
  return wantedShort ? success(plainConfidence) : failed('length', 'cut at the length limit', lengthScore, 0.9)
}

/** Further faults can only lower what looked like a success; where there is no verdict they change nothing. */
function improveOn(seen: Scored, { faults = [], nextTurn = null }: ExchangeFacts): Scored {
  if (seen.verdict !== 'success') return seen
  const next = nextTurn === null ? null : nextTurns[nextTurn]
  const weighed = faults.map((fault) => ({
    ...fault,
    confidence: fault.confidence ?? 0.95,
    score: faultScores[fault.code],
  }))
  // Somebody who says thanks saw the answer; what is not sure then counts for nothing.
  const lowest = nextTurn === 'thanked' ? 0.9 : minFaultConfidence
  const found: { score: number; confidence: number; reason: OutcomeReason }[] = weighed
    .filter(({ confidence }) => confidence >= lowest)
    .map(({ code, message, score, confidence }) => ({ score, confidence, reason: { code, message } }))
  if (next?.reason) found.push({ score: next.score, confidence: next.confidence, reason: next.reason })
  found.sort((a, b) => a.score - b.score)
  const worst = found[0]
  if (worst === undefined) return withDoubts(seen, next?.confidence ?? null, weighed)
  // Two that agree are surer than one.
  const unsure = found.reduce((product, { confidence }) => product * (1 - confidence), 1)
  const reasons = found.map(({ reason }) => reason)
  return toScored(worst.score, reasons, Math.min(0.99, 1 - unsure))
}

/** A success, surer by what the user said next, less sure by what might be a fault. */
function withDoubts(seen: Scored, next: number | null, doubts: readonly AnswerFault[]): Scored {
  if (next !== null) return { ...seen, confidence: Math.max(seen.confidence, next) }
  const doubt = doubts[0]
  if (doubt === undefined) return seen
  return {
    ...seen,
    confidence: doubtfulConfidence,
    reasons: [{ code: 'unsure', message: `perhaps not: ${doubt.message}` }],
  }
}

/** It lowers a success; where the rules themselves are not sure it may raise a failure as well. */
function weighJudgement(own: Scored, judgement: ExchangeFacts['judgement']): Scored {
  if (!judgement || own.verdict === 'none' || own.score === null) return own
  const raises = own.verdict === 'failure'
  if (raises && (own.confidence >= sureConfidence || judgement.score < minSuccessScore)) return own
  const reason = { code: 'judged', message: `judged: ${judgement.reason}` }
  if (raises) return { ...toScored(judgement.score, [reason, ...own.reasons], 0.85), ownVerdict: own.verdict }
  const score = Math.min(own.score, judgement.score)
  return { ...toScored(score, [reason, ...own.reasons], 0.85), ownVerdict: own.verdict }
}

function toScored(score: number, reasons: OutcomeReason[], confidence: number): Scored {
  const verdict = toVerdict(score)
  return {
    verdict,
    score,
    confidence,
    reason: verdict === 'success' ? null : (reasons[0]?.message ?? null),
    reasons,
    ownVerdict: verdict,
  }
}

function toVerdict(score: number): Verdict {
  return score >= minSuccessScore ? 'success' : 'failure'
}

function success(confidence: number): Scored {
  return toScored(1, [], confidence)
}

function none(code: string, message: string, score: number | null = null, confidence = 0.9): Scored {
  return { verdict: 'none', score, confidence, reason: message, reasons: [{ code, message }], ownVerdict: 'none' }
}

function failed(code: string, message: string, score: number, confidence: number): Scored {
  return toScored(score, [{ code, message }], confidence)
}
