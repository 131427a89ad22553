/** Whether a pattern is used more or less lately. Pure. */

export interface DayCount {
  /** ISO date, UTC. */
  day: string
  exchanges: number
}

export interface Trend {
  /** Exchanges of the last seven days, and of the seven before. */
  recent: number
  before: number
  direction: 'new' | 'rising' | 'falling' | 'steady'
}

const dayMs = 86_400_000
const windowDays = 7
/** A change of less than a quarter, or within twice the spread of a count (Poisson), is none. */
const changeMin = 0.25

/** `today`: ISO date, UTC. */
export function readTrend(days: readonly DayCount[], today: string): Trend {
  const end = Date.parse(today) + dayMs
  const sum = (from: number, to: number): number =>
    days.reduce(
      (total, { day, exchanges }) => (Date.parse(day) >= from && Date.parse(day) < to ? total + exchanges : total),
      0,
    )
  const recent = sum(end - windowDays * dayMs, end)
  const before = sum(end - 2 * windowDays * dayMs, end - windowDays * dayMs)
  const older = days.some(({ day }) => Date.parse(day) < end - windowDays * dayMs)
  if (!older) return { recent, before, direction: 'new' }
  const change = recent - before
  const real = Math.abs(change) > 2 * Math.sqrt(recent + before) && Math.abs(change) > changeMin * Math.max(1, before)
  return { recent, before, direction: !real ? 'steady' : change > 0 ? 'rising' : 'falling' }
}
