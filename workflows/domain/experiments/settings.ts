/** What an experiment is held to, frozen when it is made. */
export type Direction = 'maximise' | 'minimise'

export interface ExperimentSettings {
  direction: Direction
  /** Chance of a false verdict, two-sided. */
  alpha: number
  /** Units of both arms at which the interval is tightest. */
  expectedUnits: number
  /** Pairs below which nothing is said of the effect. */
  minimumPairs: number
  /** Pairs after which it ends without effect. */
  maximumPairs: number
  /** Shares of the traffic that are exposed, step after step; half of them is control. */
  ramp: number[]
  stepMs: number
  /** Units per arm that a step must have seen. */
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
  /** Share of false discoveries over all experiments. */
  fleetLevel: number
  /** By how much the mean cost and the bound of a dear unit may rise, as a share: a better prompt may be a longer one, which its approver saw. */
  costIncrease: number
}

/** What the pattern's exchanges were like before; `null` = not known, and the guardrail that needs it says so. */
export interface Baseline {
  exchanges: number
  latencyP95Ms: number | null
  costP95Usd: number | null
  costP99Usd: number | null
}
