import type { ExperimentBaseline, ExperimentSettings } from '../../../db/words/experiment.ts'

export const hour = 3_600_000

/** The defaults of the configuration with the planning value of the reference figures. */
export const settings: ExperimentSettings = {
  direction: 'maximise',
  alpha: 0.05,
  expectedUnits: 2_000,
  minimumPairs: 50,
  maximumPairs: 5_000,
  ramp: [0.01, 0.05, 0.25, 0.5],
  stepMs: hour,
  stepUnits: 30,
  windowMs: 24 * hour,
  minimumRunMs: 24 * hour,
  maximumRunMs: 14 * 24 * hour,
  holdback: 0.05,
  holdbackMs: 14 * 24 * hour,
  guardrailAlpha: 0.01,
  fleetLevel: 0.05,
  fleetPeriodMs: 90 * 24 * hour,
  costIncrease: 0.25,
}

export const noBaseline: ExperimentBaseline = {
  exchanges: 0,
  unitsPerDay: null,
  exchangesPerUnit: null,
  latencyP95Ms: null,
  cachedLatencyP95Ms: null,
  latencyMeanMs: null,
  cachedLatencyMeanMs: null,
  costP95Usd: null,
  unitCostP99Usd: null,
}
