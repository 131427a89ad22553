/**
 * All that can be said of an experiment from its units. Pure: the same units give the same numbers, whatever died in
 * between.
 */
import type { ExperimentBaseline, ExperimentSettings } from '../../../db/words/experiment.ts'
import { toRho2, toSequence, withoutEvidence, type Moments, type Sequence } from './confidence-sequence.ts'
import { isSelective, readGuardrails, type GuardrailReading } from './guardrails.ts'
import { readSampleRatio, type SampleRatio } from './sample-ratio.ts'
import { countUnits, takeResolved, isOpen, type UnitOutcome } from './units.ts'
import { addWeighted, countPairs, createWeightedEffect, toEstimate } from './weighted-effect.ts'

export interface Evaluation {
  exposed: { control: number; treatment: number; mixed: number }
  /** Units of the smaller arm whose outcomes are in: as many pairs could be made, one unit of each arm. */
  pairs: number
  control: Moments
  treatment: Moments
  /** Of treatment minus control, as measured. */
  sequence: Sequence
  /** The same difference with its sign turned where less is better: above 0 the treatment is better. */
  effect: number
  /** Whether it is better or worse beyond doubt; `null` = not yet. */
  direction: 'better' | 'worse' | null
  sampleRatio: SampleRatio
  /** The treatment changes who has a value (who answers): the effect compares other people, and is no win. */
  selective: boolean
  guardrails: GuardrailReading[]
}

/** `units` in exposure order, those seen in both arms left out and counted in `mixed`. */
export function evaluate(
  units: readonly UnitOutcome[],
  mixed: number,
  settings: ExperimentSettings,
  baseline: ExperimentBaseline,
): Evaluation {
  const { alpha, expectedUnits, minimumPairs, direction: wanted } = settings
  const measured = createWeightedEffect()
  for (const { arm, controlShare, value } of takeResolved(units, (unit) => !isOpen(unit)))
    if (value !== null && !Number.isNaN(value)) addWeighted(measured, arm, controlShare, value)
  const pairs = countPairs(measured)
  const estimate = toEstimate(measured)
  const sequence =
    pairs < minimumPairs
      ? withoutEvidence(estimate.difference)
      : toSequence(estimate, alpha, toRho2(alpha, expectedUnits))
  const effect = wanted === 'maximise' ? sequence.difference : -sequence.difference
  return {
    exposed: { ...countUnits(units), mixed },
    pairs,
    control: measured.control,
    treatment: measured.treatment,
    sequence,
    effect,
    direction: sequence.logE > -Math.log(alpha) ? (effect > 0 ? 'better' : 'worse') : null,
    sampleRatio: readSampleRatio(units),
    selective: isSelective(units, settings.guardrailAlpha),
    guardrails: readGuardrails(units, settings, baseline),
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
