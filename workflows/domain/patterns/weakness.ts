/**
 * Whether a success rate lies below a bound beyond doubt. It is asked after every exchange, so the upper end of an
 * interval that holds at every look has to be below: a test martingale that mixes over all rates below the bound, with
 * Jeffreys' weights (Robbins 1970; Howard, Ramdas, McAuliffe, Sekhon, Ann. Stat. 49, 2021). Pure.
 */
import { logGamma } from '../experiments/sample-ratio.ts'

/** Chance that a rate at the bound is ever called below it; what comes of it is a proposal, which people look at. */
const alpha = 0.1
const prior = 0.5

/** Counts may be weighed, so they need not be whole. */
export function isBelow(successes: number, failures: number, bound: number): boolean {
  const judged = successes + failures
  if (judged === 0 || successes / judged >= bound) return false
  const logE =
    logBetaBelow(bound, successes + prior, failures + prior) -
    logBetaBelow(bound, prior, prior) -
    (successes === 0 ? 0 : successes * Math.log(bound)) -
    (failures === 0 ? 0 : failures * Math.log(1 - bound))
  return logE > -Math.log(alpha)
}

/** Logarithm of the integral of p^(a−1)·(1−p)^(b−1) from 0 to `bound`. */
function logBetaBelow(bound: number, a: number, b: number): number {
  if (bound >= 1) return logBeta(a, b)
  // The fraction converges fast on its own side only (Numerical Recipes, 6.4).
  if (bound < (a + 1) / (a + b + 2)) return logFront(bound, a, b) + Math.log(continuedFraction(bound, a, b) / a)
  const above = Math.exp(logFront(1 - bound, b, a) - logBeta(a, b)) * (continuedFraction(1 - bound, b, a) / b)
  return logBeta(a, b) + Math.log1p(-Math.min(above, 1 - Number.EPSILON))
}

function logFront(x: number, a: number, b: number): number {
  return a * Math.log(x) + b * Math.log1p(-x)
}

const maxTerms = 300
const tiny = 1e-300

/** Lentz's method for the continued fraction of the incomplete beta function. */
function continuedFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let term = 1; term <= maxTerms; term++) {
    for (const factor of [
      (term * (b - term) * x) / ((a + 2 * term - 1) * (a + 2 * term)),
      (-(a + term) * (a + b + term) * x) / ((a + 2 * term) * (a + 2 * term + 1)),
    ]) {
      d = 1 / awayFromZero(1 + factor * d)
      c = awayFromZero(1 + factor / c)
      value *= c * d
    }
    if (Math.abs(c * d - 1) < 1e-12) break
  }
  return value
}

function awayFromZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}
