/** Which candidates a person is shown. Pure. */
import { estimateGain, type Estimate, type JudgeErrors } from './judge-calibration.ts'
import type { Outcome } from './screen.ts'

export interface Tried {
  outcome: Outcome
  judged: boolean
  subgroup: string
  /** Whether the original had worked on it. */
  worked: boolean
}

export const maxSealedCandidates = 3
/** A subgroup may lose so much at most, and so many of the former successes. */
const maxSubgroupLoss = 0.05
const maxLostSuccesses = 0.02
/** Fewer items of a subgroup say nothing of it. */
const minSubgroupItems = 8
/** An approval leads into an experiment, which proves it; this only keeps noise from people. */
const shownAlpha = 0.1

/** Why it must not be shown whatever it gains elsewhere; `null` = nothing speaks against it. */
export function findVeto(tried: readonly Tried[], errors: JudgeErrors): string | null {
  for (const [subgroup, items] of Map.groupBy(tried, (one) => one.subgroup)) {
    if (items.length < minSubgroupItems) continue
    const { gain, high } = estimateGain(items, errors, items.length)
    if (gain < -maxSubgroupLoss && high < 0) return `it is worse for ${subgroup}`
  }
  // Nothing can do better on what worked already: what seems to gain there measures the noise of what seems to lose.
  const { high } = estimateGain(
    tried.filter(({ worked }) => worked),
    errors,
    tried.length,
  )
  return high < -maxLostSuccesses ? 'it loses what worked' : null
}

/** What the checks say weighs twice what the judge says. */
const checkedWeight = 2
const judgedWeight = 1

/**
 * Chance of so large a weighted sum or a larger one, were there no effect: each item that differs could as well have
 * come out the other way round. Exact, by the distribution of all signs.
 */
export function toSignP(tried: readonly Pick<Tried, 'outcome' | 'judged'>[]): number {
  const differing = tried
    .filter(({ outcome }) => outcome !== 0)
    .map(({ outcome, judged }) => ({ outcome, weight: judged ? judgedWeight : checkedWeight }))
  const total = differing.reduce((sum, { weight }) => sum + weight, 0)
  const observed = differing.reduce((sum, { outcome, weight }) => sum + outcome * weight, 0)
  let chances = new Map([[0, 1]])
  for (const { weight } of differing) {
    const next = new Map<number, number>()
    for (const [sum, chance] of chances)
      for (const sign of [-weight, weight]) next.set(sum + sign, (next.get(sum + sign) ?? 0) + chance / 2)
    chances = next
  }
  if (total === 0) return 1
  return [...chances].reduce((p, [sum, chance]) => (sum >= observed ? p + chance : p), 0)
}

export interface Finalist {
  candidate: number
  validation: readonly Tried[]
  /** Items that nobody has looked at before. */
  sealed: readonly Tried[]
}

export interface Shown extends Estimate {
  candidate: number
  p: number
}

/**
 * Holm over all that were validated, on validation and sealed items together; the search has seen neither. What is
 * expected is estimated on the sealed ones alone.
 */
export function selectShown(
  finalists: readonly Finalist[],
  errors: JudgeErrors,
  labels: number,
  validated: number,
): Shown[] {
  const ordered = finalists
    .slice(0, maxSealedCandidates)
    .map((finalist) => ({ ...finalist, p: toSignP([...finalist.validation, ...finalist.sealed]) }))
    .sort((a, b) => a.p - b.p)
  const shown: Shown[] = []
  for (const [index, { candidate, sealed, p }] of ordered.entries()) {
    if (p > shownAlpha / Math.max(1, Math.max(validated, ordered.length) - index)) break
    if (findVeto(sealed, errors) === null) shown.push({ candidate, p, ...estimateGain(sealed, errors, labels) })
  }
  return shown
}
