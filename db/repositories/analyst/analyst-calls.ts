/**
 * Daily caps on calls to models that Sinew makes for itself, for each purpose its own: a call is reserved before it is
 * made, so that they hold across workers and restarts.
 */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { CallPurpose } from '../../words/analyst.ts'
import type { Database } from '../../database.ts'

export interface Caps {
  maxCallsPerDay: number
  maxTokensPerDay: number
}

export interface Reservation {
  purpose?: CallPurpose
  /** `null` = it is for none. */
  enhancementId: string | null
  model: string
  /** The most that the call may use. */
  tokens: number
}

/** Any constant will do, as long as nobody else on this database uses it. */
const reservationLock = 7_316_884

/** The reservation's id, or `null` when the caps of this UTC day leave no room for it. */
export async function reserveCall(
  database: Database,
  { purpose = 'proposal', enhancementId, model, tokens }: Reservation,
  caps: Caps,
  dayStartIso: string,
): Promise<string | null> {
  return database.transaction().execute(async (transaction) => {
    // One at a time: two that counted at once would both find the last free call.
    await sql`select pg_advisory_xact_lock(${reservationLock})`.execute(transaction)
    const { rows } = await sql<{ calls: number; tokens: number }>`
      select count(*)::float8 as calls, coalesce(sum(tokens), 0)::float8 as tokens from analyst_calls
      where purpose = ${purpose} and created_at >= ${dayStartIso}::timestamptz`.execute(transaction)
    const used = rows[0] ?? { calls: 0, tokens: 0 }
    if (used.calls + 1 > caps.maxCallsPerDay || used.tokens + tokens > caps.maxTokensPerDay) return null
    const id = v7()
    await sql`
      insert into analyst_calls (id, purpose, enhancement_id, model, tokens, created_at) values (${id}::uuid, ${purpose}, ${enhancementId}::uuid, ${model}, ${tokens}, now())`.execute(
      transaction,
    )
    return id
  })
}

/** What the call used in the end; a call that was never settled keeps all that was reserved for it. */
export async function settleCall(database: Database, id: string, tokens: number): Promise<void> {
  await sql`update analyst_calls set tokens = ${tokens}, finished_at = now() where id = ${id}::uuid`.execute(database)
}
