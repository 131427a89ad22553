/**
 * What a promoted enhancement is worth, from units that were held back from it at random. A fixed-horizon estimate: it
 * is made once, at the end, and not from the data that stopped the test, which overstate the effect. Pure.
 */
import { addValue, createMoments, meanOf, varianceOf, type Moments } from './confidence-sequence.ts'
import type { ExperimentSettings } from '../../../db/words/experiment.ts'
import type { UnitOutcome } from './units.ts'

export interface HoldbackEstimate {
  heldBack: number
  treated: number
  /** In the metric's better direction, with its 95 % interval. */
  effect: number
  low: number
  high: number
  /** Units that did better for it: effect × treated. */
  gainedUnits: number
  /** More (or less) paid per treated unit; `null` = no price is known. */
  addedCostUsd: number | null
  /** Paid for one more success; `null` where there is no gain, no price, or it got cheaper. */
  costPerGainUsd: number | null
}

const z95 = 1.959964

/** `null` = too few units to say anything (fewer than 2 resolved in an arm). */
export function estimateHoldback(
  units: readonly UnitOutcome[],
  { direction }: Pick<ExperimentSettings, 'direction'>,
): HoldbackEstimate | null {
  const values = { control: createMoments(), treatment: createMoments() }
  const costs = { control: createMoments(), treatment: createMoments() }
  for (const { arm, value, costUsd } of units) {
    if (value !== null && !Number.isNaN(value)) addValue(values[arm], value)
    if (value !== null && costUsd !== null) addValue(costs[arm], costUsd)
  }
  const { control, treatment } = values
  if (control.count < 2 || treatment.count < 2) return null
  const sign = direction === 'maximise' ? 1 : -1
  const effect = sign * (meanOf(treatment) - meanOf(control))
  const half = z95 * Math.sqrt(toError(control) + toError(treatment))
  const gainedUnits = effect * treatment.count
  const addedCostUsd =
    costs.control.count > 0 && costs.treatment.count > 0 ? meanOf(costs.treatment) - meanOf(costs.control) : null
  return {
    heldBack: control.count,
    treated: treatment.count,
    effect,
    low: effect - half,
    high: effect + half,
    gainedUnits,
    addedCostUsd,
    costPerGainUsd: addedCostUsd !== null && addedCostUsd > 0 && effect > 0 ? addedCostUsd / effect : null,
  }
}

function toError(moments: Moments): number {
  return varianceOf(moments) / moments.count
}
