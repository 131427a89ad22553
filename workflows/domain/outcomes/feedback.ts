/** What callers say of an exchange: which words are good news, and what they come to together. Pure. */
import type { FeedbackValue, OutcomeReason } from '../../../db/words/outcome.ts'

export interface GivenFeedback {
  metric: string
  value: FeedbackValue
  keyName: string
  /** ISO 8601; of one key's feedback on one metric the latest counts. */
  givenAt: string
}

/** Metrics whose value says whether the exchange worked. Any other name is kept and shown, and moves no verdict. */
const successMetrics = new Set([
  'success',
  'successful',
  'outcome',
  'score',
  'rating',
  'quality',
  'thumbs',
  'thumbs_up',
  'thumbsup',
  'helpful',
  'correct',
  'accepted',
  'resolved',
  'solved',
  'satisfaction',
])
const goodLabels = new Set([
  'success',
  'successful',
  'good',
  'great',
  'up',
  'thumbs_up',
  'thumbs-up',
  'yes',
  'true',
  'positive',
  'accepted',
  'correct',
  'helpful',
  'resolved',
  'solved',
  'pass',
])
const badLabels = new Set([
  'failure',
  'failed',
  'bad',
  'poor',
  'down',
  'thumbs_down',
  'thumbs-down',
  'no',
  'false',
  'negative',
  'rejected',
  'incorrect',
  'wrong',
  'unhelpful',
  'unresolved',
  'unsolved',
  'fail',
])

/** 0 to 1; `null` = the metric or the label tells nothing of success. */
export function toSuccessScore(metric: string, value: FeedbackValue): number | null {
  if (!successMetrics.has(metric.toLowerCase())) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  const label = value.trim().toLowerCase()
  return goodLabels.has(label) ? 1 : badLabels.has(label) ? 0 : null
}

/**
 * One key has one voice a metric, so that nobody outweighs others by saying it often; the voices' mean counts. `null` =
 * nothing was said.
 */
export function scoreFeedback(given: GivenFeedback[]): { score: number; reason: OutcomeReason } | null {
  const voices = new Map<string, { at: string; score: number }>()
  for (const { metric, value, keyName, givenAt } of given) {
    const score = toSuccessScore(metric, value)
    if (score === null) continue
    const voice = `${keyName}\n${metric.toLowerCase()}`
    const before = voices.get(voice)
    if (before === undefined || before.at <= givenAt) voices.set(voice, { at: givenAt, score })
  }
  if (voices.size === 0) return null
  const score = [...voices.values()].reduce((sum, voice) => sum + voice.score, 0) / voices.size
  return {
    score,
    reason: { code: 'feedback', message: score >= 0.5 ? 'feedback: it worked' : 'feedback: it did not work' },
  }
}
