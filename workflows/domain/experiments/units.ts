/**
 * Units in the order of their exposure. A unit counts once it and all units before it are resolved: whatever returns
 * first, slow or failing, cannot choose what is looked at. Pure.
 */
import type { Arm } from './assignment.ts'

/** Events of a unit's first exchange. `left`: the caller went away before the answer was complete. */
export type GuardrailName = 'error' | 'refusal' | 'invalid_output' | 'slow' | 'dear' | 'left' | 'anomaly'

/** What one exposed unit has come to, as far as it is known. */
export interface UnitOutcome {
  arm: Arm
  /** The probability of control when the unit's arm was drawn. */
  controlShare: number
  /**
   * The primary metric; `null` = its window is still open, `NaN` = it closed without a value, and the unit is left out.
   */
  value: number | null
  /** What happened to it, 1 = yes. `null` = not known yet. */
  events: Partial<Record<GuardrailName, 0 | 1>> | null
  /** More events may follow; else what is missing cannot be known for it. */
  partial?: boolean
  /** US dollars within its window at list prices, without discounts for cached prompts; `null` = unknown. */
  costUsd: number | null
}

/** An exposure or an outcome as it is delivered: perhaps twice, perhaps late. */
export interface ExposureReport {
  unit: string
  arm: Arm
  /** Time-ordered and unique, the exchange's id: the order of exposure is the order of these. */
  order: string
}

export interface Exposures {
  /** In exposure order, without units that were seen in both arms. */
  units: ExposureReport[]
  /** How many units were seen in both arms; they are left out. */
  mixed: number
}

/** The first exposure of each unit counts. The result does not depend on the order or the number of deliveries. */
export function orderExposures(reports: Iterable<ExposureReport>): Exposures {
  const first = new Map<string, ExposureReport>()
  const mixed = new Set<string>()
  for (const report of reports) {
    const known = first.get(report.unit)
    if (known !== undefined && known.arm !== report.arm) mixed.add(report.unit)
    if (known === undefined || report.order < known.order) first.set(report.unit, report)
  }
  const units = [...first.values()].filter(({ unit }) => !mixed.has(unit)).sort((a, b) => (a.order < b.order ? -1 : 1))
  return { units, mixed: mixed.size }
}

/** Whether its window is still open, so that its value may come. */
export function isOpen({ value }: UnitOutcome): boolean {
  return value === null
}

/** Whether its window closed and left no value: nobody said anything of it. */
export function isWithoutValue({ value }: UnitOutcome): boolean {
  return Number.isNaN(value)
}

export function countUnits(units: readonly Pick<UnitOutcome, 'arm'>[]): Record<Arm, number> {
  const counts = { control: 0, treatment: 0 }
  for (const { arm } of units) counts[arm]++
  return counts
}

/** The units in front of the first that is not resolved. `units` in exposure order. */
export function* takeResolved(
  units: readonly UnitOutcome[],
  isResolved: (unit: UnitOutcome) => boolean,
): Generator<UnitOutcome> {
  for (const unit of units) {
    if (!isResolved(unit)) return
    yield unit
  }
}
