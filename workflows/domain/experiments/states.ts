/**
 * Where an experiment may go, and what moves it there. By itself it only moves towards safety or waits: promotion is a
 * person's. Every arrow carries the numbers that caused it. Pure.
 */
import type { Evaluation } from './evaluate.ts'
import { sampleRatioLimit } from './sample-ratio.ts'
import type { ExperimentSettings, ExperimentState } from '../../../db/words/experiment.ts'

export const experimentStates = [
  'proposed',
  'ramping',
  'running',
  'won',
  'promoted',
  'no_effect',
  'lost',
  'rolled_back',
  'blocked_srm',
  'expired',
  'stopped',
] as const satisfies readonly ExperimentState[]

/** In these some units get the treatment. */
export const servingStates: readonly ExperimentState[] = ['ramping', 'running', 'won', 'promoted']

export type PersonsAct = 'start' | 'stop' | 'rollback' | 'promote'

const acts: Record<PersonsAct, { from: readonly ExperimentState[]; to: ExperimentState }> = {
  start: { from: ['proposed'], to: 'ramping' },
  stop: { from: ['proposed', 'ramping', 'running', 'won'], to: 'stopped' },
  rollback: { from: servingStates, to: 'rolled_back' },
  promote: { from: ['won'], to: 'promoted' },
}

/** `null` = what the person wants is not possible from here. */
export function decideAct(state: ExperimentState, act: PersonsAct): ExperimentState | null {
  return acts[act].from.includes(state) ? acts[act].to : null
}

export interface Standing {
  state: ExperimentState
  /** Index into the ramp. */
  step: number
  /** Milliseconds since 1970. */
  startedAt: number
  stepStartedAt: number
  /** Exposures at the beginning of the step. */
  stepFrom: { control: number; treatment: number }
  /** What the pattern's traffic was before the start; `null` = not known. */
  unitsPerDay?: number | null
}

export interface Arrow {
  to: ExperimentState
  step: number
  /** In words for people. */
  cause: string
  numbers: Record<string, number | string>
}

/**
 * What happens next by itself; `null` = nothing. Safety comes first: guardrails, then the split, then a loss.
 * `fleetLimit`: the evidence that a win needs beside all other experiments.
 */
export function decideArrow(
  standing: Standing,
  evaluation: Evaluation,
  settings: ExperimentSettings,
  fleetLimit: number,
  now: number,
): Arrow | null {
  if (!servingStates.includes(standing.state)) return null
  const rollBack = decideRollBack(standing, evaluation, settings)
  // What a person promoted is watched by its guardrails alone.
  if (rollBack !== null || standing.state === 'promoted') return rollBack
  return (
    decideBlock(standing, evaluation) ??
    (standing.state === 'won'
      ? null
      : (decideVerdict(standing, evaluation, settings, fleetLimit, now) ??
        decideStep(standing, evaluation, settings, now)))
  )
}

/** Of a hold-back too: only its guardrails are read before its end. */
export function decideRollBack(
  { step }: Pick<Standing, 'step'>,
  { guardrails }: Pick<Evaluation, 'guardrails'>,
  { guardrailAlpha }: ExperimentSettings,
): Arrow | null {
  const harm = guardrails.find(({ state }) => state === 'harm')
  if (harm === undefined) return null
  const { name, units, control, treatment, logE } = harm
  return {
    to: 'rolled_back',
    step,
    cause: `the guardrail ${name} was crossed`,
    numbers: {
      guardrail: name,
      control,
      treatment,
      controlUnits: units.control,
      treatmentUnits: units.treatment,
      logE,
      limit: -Math.log(guardrailAlpha),
    },
  }
}

function decideBlock({ step }: Standing, { exposed, sampleRatio }: Evaluation): Arrow | null {
  if (!sampleRatio.alarm) return null
  return {
    to: 'blocked_srm',
    step,
    cause: 'the split between the arms is not the one that was drawn',
    numbers: {
      control: exposed.control,
      treatment: exposed.treatment,
      logFactor: sampleRatio.logFactor,
      limit: sampleRatioLimit,
    },
  }
}

function decideVerdict(
  { step, startedAt }: Standing,
  { pairs, sequence: { difference, halfWidth, logE }, direction, selective }: Evaluation,
  { alpha, minimumRunMs, maximumRunMs, maximumPairs }: ExperimentSettings,
  fleetLimit: number,
  now: number,
): Arrow | null {
  const numbers = { pairs, difference, halfWidth, logE, limit: -Math.log(alpha) }
  if (direction === 'worse') return { step, to: 'lost', cause: 'the treatment is worse', numbers }
  const ranMs = now - startedAt
  if (direction === 'better' && logE >= fleetLimit && ranMs >= minimumRunMs && !selective)
    return {
      step,
      to: 'won',
      cause: 'the treatment is better',
      numbers: { ...numbers, limit: Math.max(numbers.limit, fleetLimit), ranMs },
    }
  // One that is better but waits for its minimum run, or for the fleet, may end with its time, never with its units.
  if (pairs >= maximumPairs && direction === null)
    return { step, to: 'no_effect', cause: `no difference was found in ${pairs} pairs`, numbers }
  if (ranMs >= maximumRunMs)
    return { step, to: 'expired', cause: 'its time is over without a verdict', numbers: { ...numbers, ranMs } }
  return null
}

/** A guardrail with more evidence than this holds the ramp: one in ten harmless experiments ever sees it. */
const doubt = Math.log(10)
/** Steps that no longer wait for a doubt to go: it may be chance, and chance leaves slowly. */
const patienceSteps = 24
const dayMs = 86_400_000

/**
 * The ramp limits how many units are exposed before a harm shows, and that takes the same few units at any share. So a
 * step ends when its units have shown no harm, and steps that would show nothing within two of them are skipped.
 */
function decideStep(
  { state, step, stepStartedAt, stepFrom, unitsPerDay = null }: Standing,
  { exposed, guardrails }: Evaluation,
  { ramp, stepMs, stepUnits }: ExperimentSettings,
  now: number,
): Arrow | null {
  if (state !== 'ramping') return null
  const last = ramp.length - 1
  if (step >= last)
    return { to: 'running', step: last, cause: 'the ramp is at its end', numbers: { share: ramp[last] as number } }
  const lasted = now - stepStartedAt
  const control = exposed.control - stepFrom.control
  const treatment = exposed.treatment - stepFrom.treatment
  const seen = { control, treatment, lastedMs: lasted }
  const inDoubt = guardrails.some(({ logE, name }) => name !== 'mean_cost' && logE > doubt)
  if (inDoubt && lasted < patienceSteps * stepMs) return null
  if (lasted >= stepMs && Math.min(control, treatment) >= stepUnits)
    return toStep(step + 1, 'the step saw enough and no guardrail was crossed', ramp, seen)
  // What was measured goes before what was expected; the one unit more stands for those that are not there yet.
  const measured = lasted >= 2 * stepMs ? (control + treatment + 1) / (ramp[step] as number) / lasted : null
  const pace = measured ?? (step === 0 && unitsPerDay !== null ? unitsPerDay / dayMs : null)
  if (pace === null) return null
  const needed = toStepFor(ramp, pace, stepMs, stepUnits)
  if (needed <= step) return null
  return toStep(needed, 'so few units come that a smaller share would show nothing', ramp, {
    ...seen,
    unitsPerDay: Math.round(pace * dayMs),
  })
}

/** The first step that sees its units in both arms within the time of two. `pace`: units a millisecond, of all traffic. */
export function toStepFor(ramp: readonly number[], pace: number, stepMs: number, stepUnits: number): number {
  const enough = ramp.findIndex((share) => pace * share * 2 * stepMs >= 2 * stepUnits)
  return enough === -1 ? ramp.length - 1 : enough
}

function toStep(step: number, cause: string, ramp: readonly number[], numbers: Record<string, number>): Arrow {
  return {
    to: step === ramp.length - 1 ? 'running' : 'ramping',
    step,
    cause,
    numbers: { share: ramp[step] as number, ...numbers },
  }
}
