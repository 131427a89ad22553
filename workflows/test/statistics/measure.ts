/** One figure of the statistics: how often something happened in many seeded runs, and what must hold. */

export interface Figure {
  /** What was simulated. */
  name: string
  /** As units paired by their order had it, where that can be told; else `null`. */
  before: Share | null
  after: Share
  /** A share that must not be exceeded, or must be reached. */
  atMost?: number
  atLeast?: number
}

export interface Share {
  hits: number
  runs: number
}

/** How much of the full number of runs is made: 1 for the command, less for the tests. */
export interface Scale {
  share: number
}

export function toRuns({ share }: Scale, full: number): number {
  return Math.max(1, Math.round(full * share))
}

export function toShare({ hits, runs }: Share): number {
  return hits / runs
}

/** 1.96 standard errors of the simulation itself. */
export function toError({ hits, runs }: Share): number {
  const share = hits / runs
  return 1.96 * Math.sqrt((share * (1 - share)) / runs)
}

/** Within the error that so many runs have: of the bound itself, because a share of 0 has none. */
export function holds({ after, atMost, atLeast }: Figure): boolean {
  const slack = (bound: number): number => 2.576 * Math.sqrt((bound * (1 - bound)) / after.runs)
  const share = toShare(after)
  return (
    (atMost === undefined || share <= atMost + slack(atMost)) &&
    (atLeast === undefined || share >= atLeast - slack(atLeast))
  )
}

/** Before and after of the same runs. */
export function countBoth(
  runs: number,
  one: () => { before: boolean; after: boolean },
): { before: Share; after: Share } {
  const before: Share = { hits: 0, runs }
  const after: Share = { hits: 0, runs }
  for (let run = 0; run < runs; run++) {
    const found = one()
    if (found.before) before.hits++
    if (found.after) after.hits++
  }
  return { before, after }
}

export function formatFigure(figure: Figure): string {
  const { name, before, after, atMost, atLeast } = figure
  const wanted = [
    ...(atMost === undefined ? [] : [`≤ ${toPercent(atMost)}`]),
    ...(atLeast === undefined ? [] : [`≥ ${toPercent(atLeast)}`]),
  ].join(' ')
  return [
    name.padEnd(64),
    (before === null ? '–' : toPercent(toShare(before))).padStart(8),
    `${toPercent(toShare(after))} ± ${toPercent(toError(after))}`.padStart(17),
    String(after.runs).padStart(7),
    wanted.padStart(9),
    holds(figure) ? '' : '  NOT REACHED',
  ].join(' ')
}

function toPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
