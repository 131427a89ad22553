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
 * `discovered`: this experiment is among the discoveries of the whole fleet.
 */
export function decideArrow(
  standing: Standing,
  evaluation: Evaluation,
  settings: ExperimentSettings,
  discovered: boolean,
  now: number,
): Arrow | null {
  if (!servingStates.includes(standing.state)) return null
  const stay = { step: standing.step }
  const harm = evaluation.guardrails.find(({ state }) => state === 'harm')
  if (harm) {
    const { name, pairs, control, treatment, logE } = harm
    return {
      ...stay,
      to: 'rolled_back',
      cause: `the guardrail ${name} was crossed`,
      numbers: { guardrail: name, pairs, control, treatment, logE, limit: -Math.log(settings.guardrailAlpha) },
    }
  }
  // What a person promoted is watched by its guardrails alone.
  if (standing.state === 'promoted') return null
  const {
    pairs,
    sequence: { difference, halfWidth, logE },
    exposed,
    sampleRatio,
    direction,
  } = evaluation
  if (sampleRatio.alarm) {
    return {
      ...stay,
      to: 'blocked_srm',
      cause: 'the split between the arms is not the one that was drawn',
      numbers: {
        control: exposed.control,
        treatment: exposed.treatment,
        logFactor: sampleRatio.logFactor,
        limit: sampleRatioLimit,
      },
    }
  }
  if (standing.state === 'won') return null
  const numbers = { pairs, difference, halfWidth, logE, limit: -Math.log(settings.alpha) }
  if (direction === 'worse') return { ...stay, to: 'lost', cause: 'the treatment is worse', numbers }
  const ranMs = now - standing.startedAt
  if (direction === 'better' && discovered && ranMs >= settings.minimumRunMs)
    return { ...stay, to: 'won', cause: 'the treatment is better', numbers: { ...numbers, ranMs } }
  // One that is better but waits for its minimum run, or for the fleet, may end with its time, never with its units.
  if (pairs >= settings.maximumPairs && direction === null)
    return { ...stay, to: 'no_effect', cause: `no difference was found in ${pairs} pairs`, numbers }
  if (ranMs >= settings.maximumRunMs)
    return { ...stay, to: 'expired', cause: 'its time is over without a verdict', numbers: { ...numbers, ranMs } }
  return decideStep(standing, evaluation, settings, now)
}

function decideStep(
  { state, step, stepStartedAt, stepFrom }: Standing,
  { exposed }: Evaluation,
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
  if (lasted < stepMs || Math.min(control, treatment) < stepUnits) return null
  const next = step + 1
  return {
    to: next === last ? 'running' : 'ramping',
    step: next,
    cause: 'the step saw enough and no guardrail was crossed',
    numbers: { share: ramp[next] as number, control, treatment, lastedMs: lasted },
  }
}
