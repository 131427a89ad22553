/** The bench's arithmetic. Pure: figures in, figures out. */

/** What one contender did in its turn of one round. */
export interface Turn {
  requestsPerSecond: number
  streamsPerSecond: number
  p50Ms: number
  p99Ms: number
  errors: number
}

/** One row of the table: medians over the rounds. */
export interface Row {
  name: string
  requestsOfNginx: number
  streamsOfNginx: number
  addedP50Ms: number
  addedP99Ms: number
  addedP50OfNginx: number
  addedP99OfNginx: number
  requestsPerSecond: number
  streamsPerSecond: number
  p50Ms: number
  p99Ms: number
  errors: number
}

/** Names of the two that everything is compared with. */
export const directName = 'direct'
export const nginxName = 'nginx'

/** Nearest rank; `NaN` of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** Middle value, or the mean of the two in the middle; `NaN` of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[upper] as number
  return ((sorted[upper - 1] ?? Number.NaN) + (sorted[upper] ?? Number.NaN)) / 2
}

/**
 * Compares within each round first and takes the median of the comparisons: a machine that is slow for ten seconds is
 * slow for all contenders of that round. `rounds[n]` maps a contender's name to its turn.
 */
export function toRows(rounds: readonly Readonly<Record<string, Turn>>[]): Row[] {
  const names = Object.keys(rounds[0] ?? {})
  return names.map((name) => {
    const over = (read: (turn: Turn, round: Readonly<Record<string, Turn>>) => number): number =>
      median(rounds.flatMap((round) => (round[name] === undefined ? [] : [read(round[name], round)])))
    const addedP50Ms = over((turn, round) => turn.p50Ms - (round[directName]?.p50Ms ?? Number.NaN))
    const addedP99Ms = over((turn, round) => turn.p99Ms - (round[directName]?.p99Ms ?? Number.NaN))
    return {
      name,
      requestsOfNginx: over(
        (turn, round) => turn.requestsPerSecond / (round[nginxName]?.requestsPerSecond ?? Number.NaN),
      ),
      streamsOfNginx: over((turn, round) => turn.streamsPerSecond / (round[nginxName]?.streamsPerSecond ?? Number.NaN)),
      addedP50Ms,
      addedP99Ms,
      addedP50OfNginx: over((turn, round) => addedRatio(turn, round, 'p50Ms')),
      addedP99OfNginx: over((turn, round) => addedRatio(turn, round, 'p99Ms')),
      requestsPerSecond: over((turn) => turn.requestsPerSecond),
      streamsPerSecond: over((turn) => turn.streamsPerSecond),
      p50Ms: over((turn) => turn.p50Ms),
      p99Ms: over((turn) => turn.p99Ms),
      errors: rounds.reduce((sum, round) => sum + (round[name]?.errors ?? 0), 0),
    }
  })
}

/** A ratio to nothing says nothing: where nginx adds less than the clock's noise, `NaN`. */
const noiseMs = 0.02

function addedRatio(turn: Turn, round: Readonly<Record<string, Turn>>, key: 'p50Ms' | 'p99Ms'): number {
  const direct = round[directName]?.[key] ?? Number.NaN
  const ofNginx = (round[nginxName]?.[key] ?? Number.NaN) - direct
  return ofNginx < noiseMs ? Number.NaN : (turn[key] - direct) / ofNginx
}
