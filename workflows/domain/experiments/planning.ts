/** What an experiment will take, said before its start. Pure. */
import { toRho2 } from './confidence-sequence.ts'

/**
 * Units per arm after which a difference of `effect` between two rates near `rate` is expected to show; `null` = more
 * than `most`. The interval's half width at equal arms, solved for the units.
 */
export function toUnitsNeeded(
  rate: number,
  effect: number,
  alpha: number,
  expectedUnits: number,
  most: number,
): number | null {
  const rho2 = toRho2(alpha, expectedUnits)
  const after = Math.min(1, Math.max(0, rate + effect))
  const spread = rate * (1 - rate) + after * (1 - after)
  for (let units = 50; units <= most; units = Math.ceil(units * 1.05)) {
    const scaled = 2 * units * rho2
    const halfWidth = Math.sqrt(
      (spread / units) * ((2 * (scaled + 1)) / scaled) * Math.log(Math.sqrt(scaled + 1) / alpha),
    )
    if (halfWidth <= Math.abs(effect)) return units
  }
  return null
}
