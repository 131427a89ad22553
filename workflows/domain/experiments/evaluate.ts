/**
 * All that can be said of an experiment from its units. Pure: the same units give the same numbers, whatever died in
 * between.
 */
import {
  addValue,
  createMoments,
  meanOf,
  toRho2,
  toSequence,
  type Moments,
  type Sequence,
} from './confidence-sequence.ts'
import { addPair, createEProcess, isHarmful } from './e-process.ts'
import { sampleRatioLimit, toSampleRatioLogFactor } from './sample-ratio.ts'
import type { ExperimentBaseline, ExperimentSettings } from '../../../db/words/experiment.ts'
import { eachPair, guardrailNames, type GuardrailName, type UnitOutcome } from './units.ts'

export interface GuardrailReading {
  name: GuardrailName | 'mean_cost'
  pairs: number
  control: number
  treatment: number
  logE: number
  /** `unknown`: it cannot be judged, and `note` says why. */
  state: 'ok' | 'harm' | 'unknown'
  note: string | null
}

export interface Evaluation {
  exposed: { control: number; treatment: number; mixed: number }
  /** Pairs whose outcomes are in. */
  pairs: number
  control: Moments
  treatment: Moments
  /** Of treatment minus control, as measured. */
  sequence: Sequence
  /** The same difference with its sign turned where less is better: above 0 the treatment is better. */
  effect: number
  /** Whether it is better or worse beyond doubt; `null` = not yet. */
  direction: 'better' | 'worse' | null
  sampleRatio: { logFactor: number; alarm: boolean }
  guardrails: GuardrailReading[]
}

/** Unknown without its baseline or price; each says what is missing. */
const missing: Partial<Record<GuardrailName, string>> = {
  slow: 'no baseline: the pattern had no timed exchange before the start',
  dear: 'no price is known, so no cost',
  anomaly: 'no detector reports anomalies of exchanges yet',
}

/** `units` in exposure order, those seen in both arms left out and counted in `mixed`. */
export function evaluate(
  units: readonly UnitOutcome[],
  mixed: number,
  settings: ExperimentSettings,
  baseline: ExperimentBaseline,
): Evaluation {
  const control = createMoments()
  const treatment = createMoments()
  const valued = units.filter(({ value }) => !Number.isNaN(value))
  const pairs = eachPair(
    valued,
    ({ value }) => value !== null,
    (c, t) => {
      addValue(control, c.value as number)
      addValue(treatment, t.value as number)
    },
  )
  const sequence =
    pairs < settings.minimumPairs
      ? withoutEvidence(control, treatment)
      : toSequence(control, treatment, settings.alpha, toRho2(settings.alpha, settings.expectedUnits))
  const effect = settings.direction === 'maximise' ? sequence.difference : -sequence.difference
  const exposed = { control: 0, treatment: 0, mixed }
  for (const { arm } of units) exposed[arm]++
  const logFactor = toSampleRatioLogFactor(exposed.control, exposed.treatment)
  return {
    exposed,
    pairs,
    control,
    treatment,
    sequence,
    effect,
    direction: sequence.logE > -Math.log(settings.alpha) ? (effect > 0 ? 'better' : 'worse') : null,
    sampleRatio: { logFactor, alarm: logFactor > sampleRatioLimit },
    guardrails: readGuardrails(units, settings, baseline),
  }
}

function withoutEvidence(control: Moments, treatment: Moments): Sequence {
  return {
    difference: meanOf(treatment) - meanOf(control),
    halfWidth: Number.POSITIVE_INFINITY,
    logE: Number.NEGATIVE_INFINITY,
  }
}

/** Also of a hold-back: regressions are looked for as long as both arms exist. */
export function readGuardrails(
  units: readonly UnitOutcome[],
  settings: ExperimentSettings,
  baseline: ExperimentBaseline,
): GuardrailReading[] {
  const processes = guardrailNames.map((name) => {
    const process = createEProcess()
    eachPair(
      units,
      ({ events, partial }) => events !== null && (!partial || events[name] !== undefined),
      (c, t) => {
        const before = c.events?.[name]
        const after = t.events?.[name]
        if (before !== undefined && after !== undefined) addPair(process, before, after)
      },
    )
    return { name, process }
  })
  const binary = processes.map(({ name, process }): GuardrailReading => ({
    name,
    pairs: process.pairs,
    control: process.controlEvents,
    treatment: process.treatmentEvents,
    logE: process.logE,
    state:
      process.pairs === 0 &&
      units.some(({ events, partial }) => events !== null && !partial && events[name] === undefined)
        ? 'unknown'
        : isHarmful(process, settings.guardrailAlpha)
          ? 'harm'
          : 'ok',
    note: process.pairs === 0 ? (missing[name] ?? null) : null,
  }))
  return [...binary, readMeanCost(units, settings, baseline)]
}

/**
 * Mean cost per unit, cut off at the baseline's 99th percentile so that a few giants do not decide. The control's costs
 * are raised by the increase that is allowed: what is tested is whether the treatment costs more than that.
 */
function readMeanCost(
  units: readonly UnitOutcome[],
  settings: ExperimentSettings,
  { costP99Usd }: ExperimentBaseline,
): GuardrailReading {
  const control = createMoments()
  const treatment = createMoments()
  const allowed = createMoments()
  const cut = costP99Usd === null ? Number.POSITIVE_INFINITY : costP99Usd * (1 + settings.costIncrease)
  let pairs = 0
  eachPair(
    units,
    ({ value }) => value !== null,
    (c, t) => {
      if (c.costUsd === null || t.costUsd === null) return
      pairs++
      addValue(control, Math.min(c.costUsd, cut))
      addValue(allowed, Math.min(c.costUsd * (1 + settings.costIncrease), cut))
      addValue(treatment, Math.min(t.costUsd, cut))
    },
  )
  const known = pairs > 0
  const { difference, logE } =
    pairs < settings.minimumPairs
      ? withoutEvidence(allowed, treatment)
      : toSequence(allowed, treatment, settings.guardrailAlpha, toRho2(settings.guardrailAlpha, settings.expectedUnits))
  return {
    name: 'mean_cost',
    pairs,
    control: known ? meanOf(control) : 0,
    treatment: known ? meanOf(treatment) : 0,
    logE,
    state:
      !known && units.some(({ value }) => value !== null)
        ? 'unknown'
        : difference > 0 && logE > -Math.log(settings.guardrailAlpha)
          ? 'harm'
          : 'ok',
    note: known ? null : 'no price is known, so no cost',
  }
}

/** What JSON made of an evaluation: it knows neither infinity nor what is not a number. */
export function reviveEvaluation(stored: Evaluation): Evaluation {
  const { sequence, guardrails } = stored
  const revived = (value: number | null, absent: number): number => value ?? absent
  return {
    ...stored,
    effect: revived(stored.effect, Number.NaN),
    sequence: {
      difference: revived(sequence.difference, Number.NaN),
      halfWidth: revived(sequence.halfWidth, Number.POSITIVE_INFINITY),
      logE: revived(sequence.logE, Number.NEGATIVE_INFINITY),
    },
    guardrails: guardrails.map((reading) => ({ ...reading, logE: revived(reading.logE, Number.NEGATIVE_INFINITY) })),
  }
}
