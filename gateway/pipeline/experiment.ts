/**
 * Step 5, before an approved enhancement is looked for: whether the request takes part in an experiment, and in which arm.
 * Two short hashes for the unit's numbers and one for its name; nothing waits. The pattern is that of the request as it came.
 */
import type { ExperimentMark, ServedExperiment } from '../../db/types.ts'
import { drawNumber, isExposed, toArm, toUnit } from '../../workflows/domain/experiments/assignment.ts'

/** A team's experiments: at most one for each pattern. */
export interface ExperimentsOfTeam {
  byPattern: ReadonlyMap<string, ServedExperiment>
  /** By the hash of the pattern, for prompts that are known by it alone. */
  byHash: ReadonlyMap<string, ServedExperiment>
}

export interface Participant {
  team: string
  keyName: string
  /** As the client gave it; a derived one is none. */
  sessionKey: string | null
  endUser: string | null
  requestedModel: string | null
}

/** Units that this gateway has exposed, by the numbers drawn for them. */
export interface ExposedUnits {
  add(drawn: number): void
  has(drawn: number): boolean
}

export interface Participation {
  experiment: ServedExperiment
  mark: ExperimentMark
}

/**
 * `mayExpose`: the gateway has heard of PostgreSQL lately. Where it has not, units that take part already go on in their arm
 * and nobody joins them: a roll-back could not be heard. `null` = the request goes as if there were no experiment.
 */
export function takePart(experiment: ServedExperiment, participant: Participant, exposed: ExposedUnits, mayExpose: boolean): Participation | null {
  if (experiment.model !== null && experiment.model !== participant.requestedModel) return null
  const unit = toUnit({ ...participant, patternId: experiment.patternId })
  if (!isExposed(experiment, unit)) return null
  const drawn = drawNumber(experiment, unit)
  if (!mayExpose && !exposed.has(drawn)) return null
  exposed.add(drawn)
  return { experiment, mark: { id: experiment.experimentId, version: experiment.version, unit, arm: toArm(experiment, drawn) } }
}

/** `null` = the pattern has no experiment, or the prompt no pattern. */
export function findExperiment(experiments: ExperimentsOfTeam | undefined, patternId: string | null, patternHash: string | null): ServedExperiment | null {
  if (experiments === undefined) return null
  return (patternId !== null && experiments.byPattern.get(patternId)) || (patternHash !== null && experiments.byHash.get(patternHash)) || null
}

export function groupExperiments(experiments: readonly ServedExperiment[]): Map<string, ExperimentsOfTeam> {
  const teams = new Map<string, { byPattern: Map<string, ServedExperiment>; byHash: Map<string, ServedExperiment> }>()
  for (const experiment of experiments) {
    const team = teams.get(experiment.team) ?? { byPattern: new Map(), byHash: new Map() }
    teams.set(experiment.team, team)
    team.byPattern.set(experiment.patternId, experiment)
    team.byHash.set(experiment.patternHash, experiment)
  }
  return teams
}
