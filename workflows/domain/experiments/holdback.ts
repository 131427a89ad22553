/**
 * What a promoted enhancement is worth, from units that were held back from it at random. A fixed-horizon estimate: it
 * is made once, at the end, and not from the data that stopped the test, which overstate the effect. Pure.
 */
import type { ExperimentSettings } from '../../../db/words/experiment.ts'
import { addValue, createMoments, meanOf, varianceOf, type Moments } from './confidence-sequence.ts'
import { isOpen, isWithoutValue, type UnitOutcome } from './units.ts'

export interface Interval {
  low: number
  high: number
}

export interface HoldbackEstimate extends Interval {
  heldBack: number
  treated: number
  /** In the metric's better direction, with its 95 % interval. */
  effect: number
  /** Units that did better for it: effect × treated. */
  gainedUnits: number
  /** More (or less) a treated unit costs at list prices; `null` = no price is known. */
  addedCostUsd: number | null
  /** Its 95 % interval. */
  addedCostInterval: Interval | null
  /** Paid for one more success; `null` where there is no gain, no price, or it got cheaper. */
  costPerGainUsd: number | null
}

/** Held back and resolved units below which nothing is said. */
export const minimumHeldBack = 100
const z95 = 1.959964

/** How many held-back units have an outcome: what an estimate waits for. */
export function countHeldBack(units: readonly UnitOutcome[]): number {
  return units.filter((unit) => unit.arm === 'control' && hasValue(unit)).length
}

/** `null` = not yet: too few units to say anything. `metric` tells rates from amounts. */
export function estimateHoldback(
  units: readonly UnitOutcome[],
  { direction }: Pick<ExperimentSettings, 'direction'>,
  metric: string,
): HoldbackEstimate | null {
  const values = { control: createMoments(), treatment: createMoments() }
  const costs = { control: createMoments(), treatment: createMoments() }
  for (const unit of units) {
    if (hasValue(unit)) addValue(values[unit.arm], unit.value as number)
    if (!isOpen(unit) && unit.costUsd !== null) addValue(costs[unit.arm], unit.costUsd)
  }
  const { control, treatment } = values
  if (Math.min(control.count, treatment.count) < minimumHeldBack) return null
  const measured = toDifference(control, treatment, metric === 'success' || metric === 'score')
  const { difference, low, high } =
    direction === 'maximise' ? measured : { difference: -measured.difference, low: -measured.high, high: -measured.low }
  const cost =
    Math.min(costs.control.count, costs.treatment.count) < 2
      ? null
      : toDifference(costs.control, costs.treatment, false)
  return {
    heldBack: control.count,
    treated: treatment.count,
    effect: difference,
    low,
    high,
    gainedUnits: difference * treatment.count,
    addedCostUsd: cost?.difference ?? null,
    addedCostInterval: cost && { low: cost.low, high: cost.high },
    costPerGainUsd: cost !== null && cost.difference > 0 && difference > 0 ? cost.difference / difference : null,
  }
}

function hasValue(unit: UnitOutcome): boolean {
  return !isOpen(unit) && !isWithoutValue(unit)
}

/**
 * Newcombe's hybrid score interval for rates, right also where nearly all succeed: Newcombe, Interval estimation for the
 * difference between independent proportions, Statistics in Medicine 17 (1998), method 10. Means of several exchanges
 * spread less than single ones, so for them it is wide enough as well. Amounts have the plain interval.
 */
export function toDifference(
  control: Moments,
  treatment: Moments,
  areRates: boolean,
): Interval & { difference: number } {
  const [before, after] = [meanOf(control), meanOf(treatment)]
  const difference = after - before
  if (!areRates) {
    const half = z95 * Math.sqrt(varianceOf(control) / control.count + varianceOf(treatment) / treatment.count)
    return { difference, low: difference - half, high: difference + half }
  }
  const [c, t] = [toScoreInterval(before, control.count), toScoreInterval(after, treatment.count)]
  return {
    difference,
    low: difference - Math.hypot(after - t.low, c.high - before),
    high: difference + Math.hypot(t.high - after, before - c.low),
  }
}

/** Wilson's interval of a rate. */
function toScoreInterval(rate: number, count: number): Interval {
  const square = z95 * z95
  const middle = (rate + square / (2 * count)) / (1 + square / count)
  const half = (z95 / (1 + square / count)) * Math.sqrt((rate * (1 - rate)) / count + square / (4 * count * count))
  return { low: middle - half, high: middle + half }
}
