/**
 * What must not get worse while an enhancement is tried, and as long as units are held back from it: yes-or-no events of
 * each unit, whether its window closed with a value, and its mean cost. Pure.
 */
import type { ExperimentBaseline, ExperimentSettings } from '../../../db/words/experiment.ts'
import type { Arm } from './assignment.ts'
import { meanOf, toRho2, toSequence, withoutEvidence } from './confidence-sequence.ts'
import { addUnit, createEProcess, isHarmful, type EProcess } from './e-process.ts'
import { addWeighted, countPairs, createWeightedEffect, toEstimate, type WeightedEffect } from './weighted-effect.ts'
import { isWithoutValue, takeResolved, isOpen, type GuardrailName, type UnitOutcome } from './units.ts'

export interface GuardrailReading {
  name: GuardrailName | 'no_value' | 'mean_cost'
  /** Units of the smaller arm that were judged. */
  pairs: number
  units: Record<Arm, number>
  /** Events; for the mean cost US dollars a unit. */
  control: number
  treatment: number
  logE: number
  /** `unknown`: it cannot be judged, and `note` says why. */
  state: 'ok' | 'harm' | 'unknown'
  note: string | null
}

const guardrailNames: readonly GuardrailName[] = [
  'error',
  'refusal',
  'invalid_output',
  'slow',
  'dear',
  'left',
  'anomaly',
]

/** Unknown without its baseline or price; each says what is missing. */
const missing: Partial<Record<GuardrailName, string>> = {
  slow: 'no baseline: the pattern had no timed exchange before the start',
  dear: 'no price is known, so no cost',
  anomaly: 'no detector reports anomalies of exchanges yet',
}

/** `units` in exposure order. */
export function readGuardrails(
  units: readonly UnitOutcome[],
  settings: ExperimentSettings,
  baseline: ExperimentBaseline,
): GuardrailReading[] {
  return [
    ...guardrailNames.map((name) => readEvent(name, units, settings)),
    ...(units.some(isWithoutValue) ? [readMissingValues(units, settings)] : []),
    readMeanCost(units, settings, baseline),
  ]
}

function readEvent(
  name: GuardrailName,
  units: readonly UnitOutcome[],
  { guardrailAlpha }: ExperimentSettings,
): GuardrailReading {
  const process = createEProcess()
  for (const { arm, controlShare, events } of takeResolved(
    units,
    ({ events: seen, partial }) => seen !== null && (!partial || seen[name] !== undefined),
  )) {
    const event = events?.[name]
    if (event !== undefined) addUnit(process, arm, controlShare, event)
  }
  const judged = process.units.control + process.units.treatment > 0
  const closed = units.some(({ events, partial }) => events !== null && !partial && events[name] === undefined)
  return {
    ...toReading(name, process, guardrailAlpha),
    ...(!judged && closed && { state: 'unknown' }),
    note: judged ? null : (missing[name] ?? null),
  }
}

function toReading(name: GuardrailReading['name'], process: EProcess, alpha: number): GuardrailReading {
  const { units, events, logE } = process
  return {
    name,
    pairs: Math.min(units.control, units.treatment),
    units,
    ...events,
    logE,
    state: isHarmful(process, alpha) ? 'harm' : 'ok',
    note: null,
  }
}

/** A treatment after which fewer people answer is judged by those who do: that alone is harm. */
function readMissingValues(units: readonly UnitOutcome[], { guardrailAlpha }: ExperimentSettings): GuardrailReading {
  const process = createEProcess()
  for (const unit of takeResolved(units, (one) => !isOpen(one)))
    addUnit(process, unit.arm, unit.controlShare, isWithoutValue(unit) ? 1 : 0)
  return toReading('no_value', process, guardrailAlpha)
}

/** Whether the treatment changes who has a value at all, to either side: the effect is then one of two other crowds. */
export function isSelective(units: readonly UnitOutcome[], alpha: number): boolean {
  if (!units.some(isWithoutValue)) return false
  const fewer = createEProcess()
  const more = createEProcess()
  for (const unit of takeResolved(units, (one) => !isOpen(one))) {
    const event = isWithoutValue(unit) ? 1 : 0
    addUnit(fewer, unit.arm, unit.controlShare, event)
    addUnit(more, unit.arm === 'control' ? 'treatment' : 'control', 1 - unit.controlShare, event)
  }
  return isHarmful(fewer, alpha / 2) || isHarmful(more, alpha / 2)
}

/**
 * Mean cost per unit at list prices, cut off at the 99th percentile of what units cost before, so that a few giants do
 * not decide. The control's costs are raised by the increase that is allowed: what is tested is whether the treatment
 * costs more than that.
 */
function readMeanCost(
  units: readonly UnitOutcome[],
  { costIncrease, minimumPairs, guardrailAlpha, expectedUnits }: ExperimentSettings,
  { unitCostP99Usd }: ExperimentBaseline,
): GuardrailReading {
  const paid = createWeightedEffect()
  const allowed = createWeightedEffect()
  const cut = unitCostP99Usd === null ? Number.POSITIVE_INFINITY : unitCostP99Usd * (1 + costIncrease)
  for (const { arm, controlShare, costUsd } of takeResolved(units, ({ value }) => value !== null)) {
    if (costUsd === null) continue
    const raised = arm === 'control' ? costUsd * (1 + costIncrease) : costUsd
    addWeighted(paid, arm, controlShare, Math.min(costUsd, cut))
    addWeighted(allowed, arm, controlShare, Math.min(raised, cut))
  }
  const pairs = countPairs(allowed)
  const known = paid.control.count + paid.treatment.count > 0
  const { difference, logE } =
    pairs < minimumPairs
      ? withoutEvidence(0)
      : toSequence(toEstimate(allowed), guardrailAlpha, toRho2(guardrailAlpha, expectedUnits))
  const closed = units.some(({ value }) => value !== null)
  return {
    name: 'mean_cost',
    pairs,
    units: { control: paid.control.count, treatment: paid.treatment.count },
    control: toMean(paid, 'control'),
    treatment: toMean(paid, 'treatment'),
    logE,
    state: !known && closed ? 'unknown' : difference > 0 && logE > -Math.log(guardrailAlpha) ? 'harm' : 'ok',
    note: known ? null : 'no price is known, so no cost',
  }
}

function toMean(effect: WeightedEffect, arm: Arm): number {
  return effect[arm].count === 0 ? 0 : meanOf(effect[arm])
}
