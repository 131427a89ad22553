/** The snapshot: what gateways serve of all that was learned. Types only: every folder may import this file. */
import type { ServedEnhancement } from './enhancement.ts'
import type { ServedExperiment } from './experiment.ts'
import type { TransformationRule } from './rule.ts'

/** What gateways serve of the learned; read whole, replaced whole. */
export interface SnapshotContent {
  enhancements: ServedEnhancement[]
  experiments: ServedExperiment[]
  /** Active ones, in their order. */
  rules: TransformationRule[]
}
