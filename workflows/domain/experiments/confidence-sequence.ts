/**
 * Asymptotic confidence sequence for a difference of means: valid at every look, so it may be shown and acted on at any
 * time. Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas: Time-uniform central limit theory, Ann. Stat. 52(6), 2024. Pure.
 */

/** One arm's per-unit values: count, sum, sum of squares. */
export interface Moments {
  count: number
  sum: number
  sumOfSquares: number
}

export interface Sequence {
  /** Treatment minus control. */
  difference: number
  /** Half the width of the interval around it; `Infinity` while there is no spread to judge by. */
  halfWidth: number
  /** Logarithm of the e-value; `-Infinity` = no evidence yet. */
  logE: number
}

/** A difference as it is estimated, with the variance of the estimate. */
export interface Estimate {
  difference: number
  variance: number
  /** Of both arms together. */
  units: number
}

export function createMoments(): Moments {
  return { count: 0, sum: 0, sumOfSquares: 0 }
}

export function addValue(moments: Moments, value: number): void {
  moments.count++
  moments.sum += value
  moments.sumOfSquares += value * value
}

export function meanOf({ count, sum }: Moments): number {
  return count === 0 ? Number.NaN : sum / count
}

/** Sample variance; 0 where there are fewer than two values. */
export function varianceOf({ count, sum, sumOfSquares }: Moments): number {
  return count < 2 ? 0 : Math.max(0, (sumOfSquares - (sum * sum) / count) / (count - 1))
}

/**
 * ρ²: makes the interval tightest when `expectedUnits` of both arms together are in. A planning value: validity does
 * not hang on it.
 */
export function toRho2(alpha: number, expectedUnits: number): number {
  const l = -2 * Math.log(alpha)
  return (l + Math.log(l + 1)) / expectedUnits
}

/** The second mean minus the first, of values that have nothing to do with each other. */
export function toMeansEstimate(before: Moments, after: Moments): Estimate {
  const known = before.count >= 2 && after.count >= 2
  return {
    difference: meanOf(after) - meanOf(before),
    variance: known ? varianceOf(before) / before.count + varianceOf(after) / after.count : 0,
    units: before.count + after.count,
  }
}

/**
 * Of an estimate from `units` units of both arms with this variance of its own. Without any spread there is no evidence
 * yet.
 */
export function toSequence({ difference, variance, units }: Estimate, alpha: number, rho2: number): Sequence {
  if (!(variance > 0) || units < 2) return withoutEvidence(difference)
  const scaled = units * rho2
  const halfWidth = Math.sqrt(variance * ((2 * (scaled + 1)) / scaled) * Math.log(Math.sqrt(scaled + 1) / alpha))
  const logE = (rho2 * ((difference * difference) / variance) * units) / (2 * (scaled + 1)) - 0.5 * Math.log(scaled + 1)
  return { difference, halfWidth, logE }
}

export function withoutEvidence(difference: number): Sequence {
  return { difference, halfWidth: Number.POSITIVE_INFINITY, logE: Number.NEGATIVE_INFINITY }
}
