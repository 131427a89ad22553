/** An experiment: control against enhancement, on units. Types only: every folder may import this file. */
import type { PromptTemplate } from './enhancement.ts'

/** An experiment as gateways need it: a test of an enhancement, or the hold-back after its promotion. */
export interface ServedExperiment {
  experimentId: string
  /**
   * What its pattern has become part of, where it was merged: requests are identified by it. Units are drawn by the
   * pattern it was made for.
   */
  mergedInto?: string | null
  /** Counts the splits: a promotion makes a new one, with a new salt. */
  version: number
  enhancementId: string
  patternId: string
  /** Of the opening it was made for; null = for a learned pattern. */
  openingHash: string | null
  team: string
  salt: string
  /** Share of the units that take part, 0 to 1. */
  share: number
  /** Of those, the share that keeps its prompt. */
  controlShare: number
  /** Only requests for this model take part; `null` = for any. */
  model: string | null
  original: PromptTemplate
  enhanced: PromptTemplate
}

export type ExperimentArm = 'control' | 'treatment'

/** What an exchange says of its experiment; an exchange that takes part in none has no mark. */
export interface ExperimentMark {
  id: string
  version: number
  /** 32 hex digits of a hash. */
  unit: string
  /** As it was drawn: also where the enhancement could not be applied, and the prompt went as it was. */
  arm: ExperimentArm
}

export type ExperimentState =
  | 'proposed'
  | 'ramping'
  | 'running'
  | 'won'
  | 'promoted'
  | 'no_effect'
  | 'lost'
  | 'rolled_back'
  | 'blocked_srm'
  | 'expired'
  | 'stopped'

/** What an experiment is held to, frozen when it is made. */
export interface ExperimentSettings {
  direction: 'maximise' | 'minimise'
  /** Chance of a false verdict, two-sided. */
  alpha: number
  /** Units of both arms at which the interval is tightest: a plan, which the verdict's validity does not hang on. */
  expectedUnits: number
  /** Units of the smaller arm (pairs, one of each arm) below which nothing is said of the effect. */
  minimumPairs: number
  /** Pairs after which it ends without effect. */
  maximumPairs: number
  /**
   * Shares of the traffic that are exposed, step after step; half of them is control. Small traffic skips the steps that
   * would show nothing.
   */
  ramp: number[]
  /** Time that a step lasts at least. */
  stepMs: number
  /** Units per arm after which a step has shown that nothing goes wrong. */
  stepUnits: number
  /** How long after its exposure a unit's outcome is taken. */
  windowMs: number
  /** No win before this; a roll-back never waits. */
  minimumRunMs: number
  maximumRunMs: number
  /** Share of control after promotion, and how long. */
  holdback: number
  holdbackMs: number
  /** Chance of a false alarm of each guardrail. */
  guardrailAlpha: number
  /** Share of false wins among all wins of one period, in the mean, and how long a period is. */
  fleetLevel: number
  fleetPeriodMs: number
  /**
   * By how much the mean cost and the bound of a dear unit may rise, as a share: a better prompt may be a longer one,
   * which its approver saw.
   */
  costIncrease: number
}

/**
 * `experiments:` of the configuration: what new experiments are held to, and how often the running ones are looked at.
 */
export interface ExperimentsConfig extends Omit<ExperimentSettings, 'direction'> {
  evaluateEveryMs: number
}

/** What the pattern's exchanges were like before; `null` = not known, and the guardrail that needs it says so. */
export interface ExperimentBaseline {
  exchanges: number
  /** Units of the pattern's traffic a day; `null` = too little was seen to say. */
  unitsPerDay: number | null
  exchangesPerUnit: number | null
  /** Of answers whose prompt was read anew, and of those whose prompt came from the provider's cache. */
  latencyP95Ms: number | null
  cachedLatencyP95Ms: number | null
  latencyMeanMs: number | null
  cachedLatencyMeanMs: number | null
  /** Of an exchange, at list prices. */
  costP95Usd: number | null
  /** Of all exchanges of a unit, at list prices. */
  unitCostP99Usd: number | null
}
