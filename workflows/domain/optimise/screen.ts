/**
 * Whether a candidate is worth another call. Pure. Three failed items of the cause it is meant for come first; then
 * calls go on one at a time until they speak clearly for or against it; then 24 items, then all of validation.
 */
import type { JudgeErrors } from './judge-calibration.ts'

/** Against the original on one item: 1 = better, 0 = alike, -1 = worse. */
export type Outcome = -1 | 0 | 1

export const firstBatch = 3
/** No candidate may cost more than this before it is let on. */
export const maxScreenItems = 14
export const halfwayItems = 24

/** What a useful candidate mends of the failures of its cause, at least. */
const hopedShare = 0.5
const acceptAt = Math.log(8)
const rejectAt = Math.log(0.12)
const smallest = 0.01

export type Screening = 'on' | 'out' | 'more'

export interface Screened {
  outcome: Outcome
  judged: boolean
}

/**
 * A sequential likelihood ratio between "mends half of what its parent leaves" and "mends no more than its parent",
 * with the judge's measured errors. `parentShare` is what the parent mends of the cause already.
 */
export function decideScreening(outcomes: readonly Screened[], errors: JudgeErrors, parentShare = 0): Screening {
  if (outcomes.length < firstBatch) return 'more'
  const share = Math.min(1, Math.max(0, parentShare))
  const risen = outcomes.reduce((total, { outcome }) => total + outcome, 0)
  if (outcomes.length === firstBatch && risen <= share * firstBatch) return 'out'
  const evidence = outcomes.reduce(
    (total, one) =>
      total + Math.log(toLikelihood(one, errors, share + (1 - share) * hopedShare) / toLikelihood(one, errors, share)),
    0,
  )
  if (evidence >= acceptAt) return 'on'
  return evidence <= rejectAt || outcomes.length >= maxScreenItems ? 'out' : 'more'
}

/** How likely the outcome is for a candidate that mends `share` of the cause. */
function toLikelihood({ outcome, judged }: Screened, errors: JudgeErrors, share: number): number {
  const flaky = Math.max(smallest, errors.flakiness)
  const { right, wrong, noise } = judged ? errors : { right: 1 - 2 * flaky, wrong: smallest, noise: flaky }
  const mended = { '1': right, '0': Math.max(smallest, 1 - right - wrong), '-1': wrong }[outcome]
  const unmended = { '1': noise, '0': 1 - 2 * noise, '-1': noise }[outcome]
  return share * mended + (1 - share) * Math.max(smallest, unmended)
}
