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

export function toSequence(control: Moments, treatment: Moments, alpha: number, rho2: number): Sequence {
  const difference = meanOf(treatment) - meanOf(control)
  const variance = varianceOf(control) / control.count + varianceOf(treatment) / treatment.count
  if (!(variance > 0) || control.count < 2 || treatment.count < 2)
    return { difference, halfWidth: Number.POSITIVE_INFINITY, logE: Number.NEGATIVE_INFINITY }
  const units = control.count + treatment.count
  const scaled = units * rho2
  const halfWidth = Math.sqrt(variance * ((2 * (scaled + 1)) / scaled) * Math.log(Math.sqrt(scaled + 1) / alpha))
  const logE = (rho2 * ((difference * difference) / variance) * units) / (2 * (scaled + 1)) - 0.5 * Math.log(scaled + 1)
  return { difference, halfWidth, logE }
}
