/**
 * Whether a success rate lies below a bound beyond doubt. It is asked after every exchange, so the upper end of an
 * interval that holds at every look has to be below: a test martingale with a Beta(½, ½) mixture (Robbins 1970; Howard,
 * Ramdas, McAuliffe, Sekhon, Ann. Stat. 49, 2021). Pure.
 */
import { logGamma } from '../experiments/sample-ratio.ts'

/** Chance that a rate at the bound is ever called below it. */
const alpha = 0.05
const prior = 0.5

/** Counts may be weighed, so they need not be whole. */
export function isBelow(successes: number, failures: number, bound: number): boolean {
  const judged = successes + failures
  if (judged === 0 || successes / judged >= bound) return false
  const logE =
    logBeta(successes + prior, failures + prior) -
    logBeta(prior, prior) -
    (successes === 0 ? 0 : successes * Math.log(bound)) -
    (failures === 0 ? 0 : failures * Math.log(1 - bound))
  return logE > -Math.log(alpha)
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}
