/** Whether learning keeps up with the traffic, said by what waits and by whether anything moves. Pure. */
import type { LearningLag } from '../../db/repositories/system/learning-lag.ts'

/**
 * `behind`: what the pages show of patterns and outcomes is old, and catches up. `stuck`: something waits, and nothing
 * moves it.
 */
export type LearningState = 'up' | 'behind' | 'stuck'
export type Learning = LearningLag & { state: LearningState }

/** In ordinary traffic an exchange is learned within a second or two. */
const behindSeconds = 30
/** A machine short of everything may take this long for one step; what takes longer stands still. */
const stuckSeconds = 60

export interface LearningSigns {
  /** Whether the learner is heard of and Temporal answers. */
  partsWork: boolean
  /** How long ago the learner finished learning something; `null` = it has not since it was started. */
  sinceLearnedSeconds: number | null
}

export function toLearning(lag: LearningLag, { partsWork, sinceLearnedSeconds }: LearningSigns): Learning {
  return { ...lag, state: decideState(lag.oldestSeconds ?? 0, partsWork, sinceLearnedSeconds) }
}

function decideState(oldestSeconds: number, partsWork: boolean, sinceLearnedSeconds: number | null): LearningState {
  const moves = sinceLearnedSeconds !== null && sinceLearnedSeconds < stuckSeconds
  if (oldestSeconds >= behindSeconds && !partsWork) return 'stuck'
  if (oldestSeconds >= stuckSeconds && !moves) return 'stuck'
  return oldestSeconds >= behindSeconds ? 'behind' : 'up'
}
