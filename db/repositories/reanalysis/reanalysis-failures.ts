/**
 * Exchanges that a reanalysis could not judge, each with the reason; they stay as they were learned and can be tried
 * again.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { toText } from '../jsonb.ts'
import { toIso, toPage, type Page } from '../page.ts'

export interface Failure {
  exchangeId: string
  reason: string
}

export interface FailureItem extends Failure {
  at: string
}

const maxReasonCharacters = 500

/** `retry`: the attempt it failed in; 0 is the run itself. */
export async function keepFailures(
  transaction: Database,
  id: string,
  failures: Failure[],
  retry: number,
): Promise<void> {
  if (failures.length === 0) return
  const rows = failures.map(({ exchangeId, reason }) => ({
    reanalysis_id: id,
    exchange_id: exchangeId,
    reason: toText(reason.slice(0, maxReasonCharacters)),
    retry,
  }))
  await transaction
    .insertInto('reanalysis_failures')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['reanalysis_id', 'exchange_id']).doUpdateSet(({ ref }) => ({
        reason: ref('excluded.reason'),
        retry: ref('excluded.retry'),
        updated_at: sql<string>`now()`,
      })),
    )
    .execute()
}

export async function forgetFailures(transaction: Database, id: string, exchangeIds: string[]): Promise<void> {
  if (exchangeIds.length === 0) return
  await transaction
    .deleteFrom('reanalysis_failures')
    .where('reanalysis_id', '=', id)
    .where('exchange_id', 'in', exchangeIds)
    .execute()
}

/** Those that this attempt has not tried yet. */
export async function findFailuresBefore(
  transaction: Database,
  id: string,
  retry: number,
  limit: number,
): Promise<string[]> {
  const rows = await transaction
    .selectFrom('reanalysis_failures')
    .select('exchange_id as exchangeId')
    .where('reanalysis_id', '=', id)
    .where('retry', '<', retry)
    .orderBy('exchange_id')
    .limit(limit)
    .execute()
  return rows.map(({ exchangeId }) => exchangeId)
}

export async function listFailures(
  database: Database,
  id: string,
  limit: number,
  cursor: string | null,
): Promise<Page<FailureItem>> {
  const rows = await database
    .selectFrom('reanalysis_failures')
    .select(['exchange_id as exchangeId', 'reason', 'updated_at as at'])
    .where('reanalysis_id', '=', id)
    .$if(cursor !== null, (query) => query.where('exchange_id', '<', cursor))
    .orderBy('exchange_id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(
    rows,
    limit,
    (row) => ({ ...row, at: toIso(row.at) }),
    (row) => row.exchangeId,
  )
}
