/**
 * The effect of a treatment from one unit after the other, each weighted by the probability with which its arm was
 * drawn. Only the draw is random here: outages, slow hours and bursts hit whichever arm the draw gave, so they add
 * spread and no bias, at any split and also where the split changes. Pure.
 */
import type { Arm } from './assignment.ts'
import { addValue, createMoments, meanOf, varianceOf, type Estimate, type Moments } from './confidence-sequence.ts'

export interface WeightedEffect {
  /** What was measured, by arm. */
  control: Moments
  treatment: Moments
  /** One increment a unit; their mean is the effect. */
  increments: Moments
  /** Sum of the increments' squares as the draw alone would spread them. */
  drawnSpread: number
}

export function createWeightedEffect(): WeightedEffect {
  return { control: createMoments(), treatment: createMoments(), increments: createMoments(), drawnSpread: 0 }
}

/** Units in the order of their exposure. `controlShare`: the probability of control when this unit was drawn. */
export function addWeighted(effect: WeightedEffect, arm: Arm, controlShare: number, value: number): void {
  const { control, treatment, increments } = effect
  const seen = control.count + treatment.count
  // The first unit has no mean before it to be compared with, so it only starts that mean.
  if (seen > 0) {
    const away = value - (control.sum + treatment.sum) / seen
    addValue(increments, (arm === 'treatment' ? 1 / (1 - controlShare) : -1 / controlShare) * away)
    effect.drawnSpread += (away * away) / (controlShare * (1 - controlShare))
  }
  addValue(effect[arm], value)
}

/**
 * The larger of two variances: with few units in the small arm of an uneven split, what these units happen to show may
 * be far too little.
 */
export function toEstimate({ increments, drawnSpread }: WeightedEffect): Estimate {
  const units = increments.count
  return {
    difference: meanOf(increments),
    variance: units === 0 ? 0 : Math.max(varianceOf(increments), drawnSpread / units) / units,
    units,
  }
}

/** Units of the smaller arm: as many pairs could be made, one unit of each arm. */
export function countPairs({ control, treatment }: Pick<WeightedEffect, 'control' | 'treatment'>): number {
  return Math.min(control.count, treatment.count)
}
