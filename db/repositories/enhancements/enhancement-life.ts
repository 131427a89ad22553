/**
 * The steps that an enhancement takes by itself while it waits for a person. Each is taken once, however often it is
 * asked for.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { EnhancementState } from '../../words/enhancement.ts'
import { announceLearning } from '../outcomes/learning.ts'

export interface StoredLife {
  state: EnhancementState
  /** Milliseconds since 1970, as all of them. */
  proposedAt: number
  remindedAt: number | null
  snoozedUntil: number | null
}

export async function readLife(database: Database, id: string): Promise<StoredLife | null> {
  const { rows } = await sql<StoredLife>`
    select state, (extract(epoch from coalesce(proposed_at, updated_at)) * 1000)::float8 as "proposedAt", (extract(epoch from reminded_at) * 1000)::float8 as "remindedAt",
      (extract(epoch from snoozed_until) * 1000)::float8 as "snoozedUntil"
    from enhancements where id = ${id}::uuid`.execute(database)
  return rows[0] ?? null
}

/**
 * Back to the inbox, where its time to wait begins anew. `null` = every one whose time has come by more than
 * `graceSeconds`.
 */
export async function returnSnoozed(database: Database, id: string | null, graceSeconds = 0): Promise<number> {
  const which = id === null ? sql`true` : sql`id = ${id}::uuid`
  return change(
    database,
    sql`state = 'proposed', version = version + 1, proposed_at = now(), snoozed_until = null, snoozed_by = null, reminded_at = null`,
    sql`${which} and state = 'snoozed' and snoozed_until <= now() - make_interval(secs => ${graceSeconds})`,
  )
}

/**
 * `sinceMs`: when the reminder before it was given, or the proposal made; another one meanwhile makes this one void.
 */
export async function remind(database: Database, id: string, sinceMs: number): Promise<number> {
  return change(
    database,
    sql`reminded_at = now()`,
    sql`id = ${id}::uuid and state = 'proposed'
    and greatest(coalesce(proposed_at, updated_at), reminded_at) <= to_timestamp(${sinceMs}::float8 / 1000) + interval '1 millisecond'`,
  )
}

export async function expire(database: Database, id: string, proposedAtMs: number): Promise<number> {
  return change(
    database,
    sql`state = 'expired', version = version + 1, failure = 'nobody decided in time'`,
    sql`id = ${id}::uuid and state = 'proposed'
    and coalesce(proposed_at, updated_at) <= to_timestamp(${proposedAtMs}::float8 / 1000) + interval '1 millisecond'`,
  )
}

async function change(database: Database, set: ReturnType<typeof sql>, where: ReturnType<typeof sql>): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql`update enhancements set ${set}, updated_at = now() where ${where} returning id`.execute(
      transaction,
    )
    if (rows.length > 0) await announceLearning(transaction, 'enhancements')
    return rows.length
  })
}
