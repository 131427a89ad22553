/** What is served to each team, found by pattern or by the opening it was written for. */
import type { ServedEnhancement } from '../../db/words/enhancement.ts'
import type { ServedExperiment } from '../../db/words/experiment.ts'

/** A team's approved enhancements. */
export interface ServedOfTeam {
  byPattern: ReadonlyMap<string, readonly ServedEnhancement[]>
  /**
   * Those that were written for an opening go on with its prompts, whichever patterns these are found to be of later.
   */
  byOpening: ReadonlyMap<string, readonly ServedEnhancement[]>
}

/** A team's experiments: at most one for each pattern. */
export interface ExperimentsOfTeam {
  byPattern: ReadonlyMap<string, ServedExperiment>
  /**
   * Those that were written for an opening go on with its prompts, whichever patterns these are found to be of later.
   */
  byOpening: ReadonlyMap<string, ServedExperiment>
}

export function groupExperiments(experiments: readonly ServedExperiment[]): Map<string, ExperimentsOfTeam> {
  const teams = new Map<
    string,
    { byPattern: Map<string, ServedExperiment>; byOpening: Map<string, ServedExperiment> }
  >()
  for (const experiment of experiments) {
    const team = teams.get(experiment.team) ?? { byPattern: new Map(), byOpening: new Map() }
    teams.set(experiment.team, team)
    team.byPattern.set(experiment.mergedInto ?? experiment.patternId, experiment)
    if (experiment.openingHash !== null) team.byOpening.set(experiment.openingHash, experiment)
  }
  return teams
}

export function groupEnhancements(enhancements: readonly ServedEnhancement[]): Map<string, ServedOfTeam> {
  const served = new Map<
    string,
    { byPattern: Map<string, ServedEnhancement[]>; byOpening: Map<string, ServedEnhancement[]> }
  >()
  for (const enhancement of enhancements) {
    const team = served.get(enhancement.team) ?? { byPattern: new Map(), byOpening: new Map() }
    served.set(enhancement.team, team)
    push(team.byPattern, enhancement.patternId, enhancement)
    if (enhancement.openingHash !== null) push(team.byOpening, enhancement.openingHash, enhancement)
  }
  return served
}

function push(map: Map<string, ServedEnhancement[]>, key: string, enhancement: ServedEnhancement): void {
  map.set(key, [...(map.get(key) ?? []), enhancement])
}
