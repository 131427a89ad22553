/**
 * Units in the order of their exposure, made into pairs. A pair counts once both of its units are resolved and all
 * pairs before it count: whatever returns first, slow or failing, cannot choose what is looked at. Pure.
 */
import type { Arm } from './assignment.ts'

export const guardrailNames = ['error', 'refusal', 'invalid_output', 'slow', 'dear', 'anomaly'] as const
export type GuardrailName = (typeof guardrailNames)[number]

/** What one exposed unit has come to, as far as it is known. */
export interface UnitOutcome {
  arm: Arm
  /**
   * The primary metric; `null` = its window is still open, `NaN` = it closed without a value, and the unit is left out.
   */
  value: number | null
  /** What happened to it, 1 = yes. `null` = not known yet. */
  events: Partial<Record<GuardrailName, 0 | 1>> | null
  /** More events may follow; else what is missing cannot be known for it. */
  partial?: boolean
  /** US dollars within its window; `null` = unknown. */
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

/** Calls `onPair` for each pair that counts, in order; answers their number. `units` in exposure order. */
export function eachPair<T extends { arm: Arm }>(
  units: readonly T[],
  isResolved: (unit: T) => boolean,
  onPair: (control: T, treatment: T) => void,
): number {
  const waiting: { control: T[]; treatment: T[] } = { control: [], treatment: [] }
  for (const unit of units) waiting[unit.arm].push(unit)
  const most = Math.min(waiting.control.length, waiting.treatment.length)
  for (let pair = 0; pair < most; pair++) {
    const control = waiting.control[pair] as T
    const treatment = waiting.treatment[pair] as T
    if (!isResolved(control) || !isResolved(treatment)) return pair
    onPair(control, treatment)
  }
  return most
}
