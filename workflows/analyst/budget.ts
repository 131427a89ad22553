/** Calls that Sinew makes for itself are reserved by the UTC day, each purpose within its own caps. */
import type { Database } from '../../db/database.ts'
import { reserveCall, type Caps, type Reservation } from '../../db/repositories/analyst/analyst-calls.ts'

const dayMs = 86_400_000

/** The reservation's id; `null` = the day's caps leave no room. */
export function reserveToday(
  database: Database,
  call: Reservation,
  caps: Caps,
  nowMs = Date.now(),
): Promise<string | null> {
  return reserveCall(database, call, caps, new Date(nowMs - (nowMs % dayMs)).toISOString())
}

/** A second past midnight, so that clocks that differ a little agree on the day. */
export function toNextDayMs(nowMs: number): number {
  return nowMs - (nowMs % dayMs) + dayMs + 1_000
}
