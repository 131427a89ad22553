/** What callers say of exchanges. Stored once an id and team; it may come before the exchange it speaks of. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { Feedback } from '../../journal/records.ts'
import { toJsonb } from '../jsonb.ts'
import { toTimestamp } from '../page.ts'

/** The first of an id stands; whatever comes again changes nothing. Answers how many were new. */
export async function storeFeedback(database: Database, given: Feedback[]): Promise<number> {
  if (given.length === 0) return 0
  const records = given.map((one) => ({ ...one, at: toTimestamp(one.at) }))
  const { numAffectedRows } = await sql`
    insert into feedback (team, id, exchange_id, key_name, metric, value, comment, given_at)
    select team, id, "exchangeId", "keyName", metric, value, comment, at
    from jsonb_to_recordset(${toJsonb(records)}::jsonb) as r(team text, id text, "exchangeId" uuid, "keyName" text, metric text, value jsonb, comment text, at timestamptz)
    order by team, id
    on conflict (team, id) do nothing`.execute(database)
  return Number(numAffectedRows ?? 0n)
}

/**
 * Exchanges that are learned and have feedback which is not counted yet; of another team's exchange nothing is taken.
 */
export async function findRatedExchanges(database: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct r.id from feedback f join requests r on r.id = f.exchange_id and r.team = f.team
    where f.applied_at is null and r.learned_at is not null order by r.id limit ${limit}`.execute(database)
  return rows.map(({ id }) => id)
}

/** In the transaction that counts it. */
export async function markApplied(transaction: Database, exchangeIds: string[]): Promise<void> {
  await sql`
    update feedback f set applied_at = now() from requests r
    where r.id = f.exchange_id and r.team = f.team and f.applied_at is null and r.id = any(${exchangeIds}::uuid[])`.execute(
    transaction,
  )
}

/** Feedback whose exchange has not come in time, or is another team's. Answers how much it was. */
export async function dropUnknown(database: Database, olderThanSeconds: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from feedback f where f.applied_at is null and f.recorded_at < now() - make_interval(secs => ${olderThanSeconds})
      and not exists (select from requests r where r.id = f.exchange_id and r.team = f.team)`.execute(database)
  return Number(numAffectedRows ?? 0n)
}
