/** Which days may go. Pure. */

const dayMs = 86_400_000

export interface DayPartition {
  /** `YYYYMMDD`, UTC. */
  day: string
}

/**
 * The first moment that is kept, in milliseconds since 1970: whole UTC days, so `days` of 1 keeps today and yesterday.
 */
export function toKeptFrom(now: number, days: number): number {
  return Math.floor(now / dayMs) * dayMs - days * dayMs
}

/** The days before it, oldest first. */
export function findExpired(partitions: readonly DayPartition[], keptFrom: number): string[] {
  const days = partitions.map(({ day }) => day).filter((day) => toDayEnd(day) <= keptFrom)
  return [...new Set(days)].sort()
}

/** The end of a day, exclusive. `NaN` for what is no day, which is never expired. */
function toDayEnd(day: string): number {
  return /^\d{8}$/.test(day)
    ? Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`) + dayMs
    : Number.NaN
}
