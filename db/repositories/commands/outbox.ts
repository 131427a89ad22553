/** What waits for Temporal: recorded exchanges without their workflow, and commands for workflows. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { within } from '../exchanges/ingest.ts'
import { attemptsMax } from '../system/quarantine.ts'

export interface WaitingExchange {
  id: string
  model: string | null
  /** A hash: what callers put into session keys does not enter Temporal. */
  session: string | null
}

/** Oldest first. What was refused too often waits no more. */
export async function findWaitingExchanges(database: Database, limit: number): Promise<WaitingExchange[]> {
  // Raw: the condition must read as its partial index does, its bound included.
  const { rows } = await sql<WaitingExchange>`
    select r.id, r.model, left(encode(sha256(convert_to(s.team || E'\n' || s.session_key, 'UTF8')), 'hex'), 32) as session
    from requests r left join sessions s on s.id = r.session_id
    where r.workflow_started_at is null and r.finished_at is not null and r.workflow_attempts < ${sql.lit(attemptsMax)}
    order by r.id limit ${limit}`.execute(database)
  return rows
}

export async function markStarted(database: Database, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  await database
    .updateTable('requests')
    .set({ workflow_started_at: sql<string>`now()` })
    .where('id', 'in', ids)
    .where(sql<boolean>`${within(ids)}`)
    .where('workflow_started_at', 'is', null)
    .execute()
}

/** Answers how often its start has been refused by now. */
export async function countRefusedStart(database: Database, id: string): Promise<number> {
  const row = await database
    .updateTable('requests')
    .set((eb) => ({ workflow_attempts: eb('workflow_attempts', '+', 1) }))
    .where('id', '=', id)
    .returning('workflow_attempts as attempts')
    .executeTakeFirst()
  return row?.attempts ?? attemptsMax
}

/** Counts no further than `most`: it costs the same however much waits. */
export async function countWaitingExchanges(database: Database, most: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (select from requests where workflow_started_at is null and finished_at is not null
      and workflow_attempts < ${sql.lit(attemptsMax)} limit ${most}) w`.execute(database)
  return rows[0]?.count ?? 0
}

export interface WaitingCommand {
  id: string
  kind: 'start' | 'signal'
  workflowId: string
  name: string
  argument: Record<string, unknown>
  attempts: number
}

/** In the order they were put; of each workflow the earliest that waits comes first. */
export async function findWaitingCommands(database: Database, limit: number): Promise<WaitingCommand[]> {
  return database
    .selectFrom('workflow_commands')
    .select(['id', 'kind', 'workflow_id as workflowId', 'name', 'argument', 'attempts'])
    .where('done_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** `note`: why there was nothing to deliver. */
export async function markDelivered(database: Database, id: string, note: string | null): Promise<void> {
  await database
    .updateTable('workflow_commands')
    .set({ done_at: sql<string>`now()`, last_error: note })
    .where('id', '=', id)
    .execute()
}

/** Answers how often it has been refused by now. */
export async function countRefusedCommand(database: Database, id: string, error: string): Promise<number> {
  const row = await database
    .updateTable('workflow_commands')
    .set((eb) => ({ attempts: eb('attempts', '+', 1), last_error: error }))
    .where('id', '=', id)
    .returning('attempts')
    .executeTakeFirst()
  return row?.attempts ?? attemptsMax
}
