/** How the world's experiments are set: the rules of production, with their times compressed. */
import type { Price } from '../../../db/words/config.ts'
import type { ExperimentsConfig } from '../../../db/words/experiment.ts'
import { models } from './truth.ts'

const second = 1_000
const minute = 60 * second

/** Before it is asked for, a pattern must have been seen so often and work less often than this. */
export const weakness = { minExchanges: 40, maxSuccessRate: 0.75 }

/** US dollars per million tokens. */
export const prices: Record<string, Price> = Object.fromEntries(models.map((model) => [model, { input: 1, output: 4 }]))

/** An hour becomes some seconds, a day ten, and the ramp ends with all of the traffic: half of it is control anyway. */
export const wholeSettings: ExperimentsConfig = {
  ramp: [0.2, 1],
  stepMs: 5 * second,
  stepUnits: 5,
  windowMs: 10 * second,
  minimumRunMs: 20 * second,
  maximumRunMs: 45 * minute,
  expectedUnits: 1_000,
  minimumPairs: 50,
  maximumPairs: 1_500,
  alpha: 0.05,
  guardrailAlpha: 0.01,
  costIncrease: 0.25,
  fleetLevel: 0.05,
  fleetPeriodMs: 24 * 60 * minute,
  holdback: 0.1,
  holdbackMs: 60 * minute,
  evaluateEveryMs: 5 * second,
}

export const smallSettings: ExperimentsConfig = {
  ...wholeSettings,
  ramp: [0.3, 1],
  stepMs: second,
  windowMs: 3 * second,
  minimumRunMs: 5 * second,
  // Longer than its run, so that a machine that is short of time decides late and not by running out.
  maximumRunMs: 15 * minute,
  expectedUnits: 400,
  maximumPairs: 600,
  evaluateEveryMs: second,
}
