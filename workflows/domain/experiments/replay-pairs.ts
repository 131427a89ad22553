/**
 * What stored requests say of a proposal when each is sent again with the prompt as it was and with the changed one. A
 * request that failed once often works when it is sent again unchanged; only the difference within a request is the
 * proposal's. Pure.
 */
import type { ReplayComparison } from '../../../db/words/enhancement.ts'

/** The share of a request's samples that worked, under each prompt; `null` = none of them could be judged. */
export interface ReplayPair {
  original: number | null
  enhanced: number | null
}

/** How often each request is sent with each prompt. */
export const samplesPerPrompt = 2
/** Calls that one pair takes. */
export const callsPerPair = 2 * samplesPerPrompt
const z95 = 1.959964

/** `null` = no pair is whole. */
export function comparePairs(pairs: readonly ReplayPair[]): ReplayComparison | null {
  const whole = pairs.flatMap(({ original, enhanced }) =>
    original === null || enhanced === null ? [] : [{ original, enhanced }],
  )
  if (whole.length === 0) return null
  const differences = whole.map(({ original, enhanced }) => enhanced - original)
  // One pair more for and one against, after Agresti and Min (2005): a few pairs that agree are no certainty.
  const adjusted = [...differences, 1, -1]
  const middle = toMean(adjusted)
  const spread = toMean(adjusted.map((value) => (value - middle) ** 2))
  const half = z95 * Math.sqrt(spread / adjusted.length)
  return {
    pairs: whole.length,
    original: toMean(whole.map(({ original }) => original)),
    enhanced: toMean(whole.map(({ enhanced }) => enhanced)),
    difference: toMean(differences),
    low: Math.max(-1, middle - half),
    high: Math.min(1, middle + half),
    repaired: differences.filter((value) => value > 0).length,
    broken: differences.filter((value) => value < 0).length,
  }
}

function toMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
