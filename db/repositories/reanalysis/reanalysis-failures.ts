/**
 * Exchanges that a reanalysis could not judge, each with the reason; they stay as they were learned and can be tried
 * again.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { toJsonb } from '../jsonb.ts'
import { toIso, toPage, type Page } from '../page.ts'

export interface Failure {
  exchangeId: string
  reason: string
}

export interface FailureItem extends Failure {
  at: string
}

const reasonCharactersMax = 500

/** `retry`: the attempt it failed in; 0 is the run itself. */
export async function keepFailures(
  transaction: Database,
  id: string,
  failures: Failure[],
  retry: number,
): Promise<void> {
  if (failures.length === 0) return
  const rows = failures.map(({ exchangeId, reason }) => ({ exchangeId, reason: reason.slice(0, reasonCharactersMax) }))
  await sql`
    insert into reanalysis_failures (reanalysis_id, exchange_id, reason, retry)
    select ${id}::uuid, "exchangeId", reason, ${retry} from jsonb_to_recordset(${toJsonb(rows)}::jsonb) as f("exchangeId" uuid, reason text)
    on conflict (reanalysis_id, exchange_id) do update set reason = excluded.reason, retry = excluded.retry, updated_at = now()`.execute(
    transaction,
  )
}

export async function forgetFailures(transaction: Database, id: string, exchangeIds: string[]): Promise<void> {
  await sql`delete from reanalysis_failures where reanalysis_id = ${id}::uuid and exchange_id = any(${exchangeIds}::uuid[])`.execute(
    transaction,
  )
}

/** Those that this attempt has not tried yet. */
export async function findFailuresBefore(
  transaction: Database,
  id: string,
  retry: number,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ exchangeId: string }>`
    select exchange_id as "exchangeId" from reanalysis_failures where reanalysis_id = ${id}::uuid and retry < ${retry} order by exchange_id limit ${limit}`.execute(
    transaction,
  )
  return rows.map(({ exchangeId }) => exchangeId)
}

export async function listFailures(
  database: Database,
  id: string,
  limit: number,
  cursor: string | null,
): Promise<Page<FailureItem>> {
  const before = cursor === null ? sql`true` : sql`exchange_id < ${cursor}::uuid`
  const { rows } = await sql<FailureItem>`
    select exchange_id as "exchangeId", reason, updated_at as at from reanalysis_failures
    where reanalysis_id = ${id}::uuid and ${before} order by exchange_id desc limit ${limit + 1}`.execute(database)
  return toPage(
    rows,
    limit,
    (row) => ({ ...row, at: toIso(row.at) }),
    (row) => row.exchangeId,
  )
}
