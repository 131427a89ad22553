/** Letting go of old days: whole partitions, and in small steps what does not lie in one. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { partitionedTables, toLowestUuid } from '../../partitions.ts'
import { within } from '../exchanges/ingest.ts'

/** A partition is dropped under a lock on its table: if that is not free at once, traffic goes first. */
const lockTimeoutMs = 2_000
const batchMost = 5_000

/** The days that have partitions of their own, of any of the tables; `YYYYMMDD`. */
export async function findPartitionDays(database: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class parent on parent.oid = i.inhparent
    where parent.relname = any(${[...partitionedTables]}::text[])`.execute(database)
  return [...new Set(rows.flatMap(({ name }) => /_(\d{8})$/.exec(name)?.[1] ?? []))].sort()
}

/**
 * Finished exchanges that are still to be learned, by their outcome or by the miner; what was set aside never will be.
 */
const unlearned = (from: ReturnType<typeof sql>) => sql`
  select r.id from ${from} r where r.finished_at is not null and (
    (r.learned_at is null and not exists (select from quarantine q where q.exchange_id = r.id))
    or r.id in (select q.exchange_id from pattern_queue q where q.sequence is null and not q.skipped))`

/** Whether the day's exchanges are all learned. */
export async function isDayLearned(database: Database, day: string): Promise<boolean> {
  if (!(await exists(database, `requests_${day}`))) return true
  const { rows } = await sql`${unlearned(sql`${sql.table(`requests_${day}`)}`)} limit 1`.execute(database)
  return rows.length === 0
}

/**
 * All tables of the day in one transaction, so that no half of an exchange stays behind. False = something of it is not
 * learned yet.
 */
export async function dropDay(database: Database, day: string): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    await sql`select set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true)`.execute(transaction)
    if (await exists(transaction, `requests_${day}`)) {
      // From here on nothing can come to it any more: what was looked at before may have changed.
      await sql`lock table ${sql.table(`requests_${day}`)} in access exclusive mode`.execute(transaction)
      if (!(await isDayLearned(transaction, day))) return false
      const gone = sql`(select id from ${sql.table(`requests_${day}`)})`
      for (const [table, column] of belongings)
        await sql`delete from ${sql.table(table)} where ${sql.ref(column)} in ${gone}`.execute(transaction)
      for (const table of ofExperiments)
        await sql`delete from ${sql.table(table)} where ${endedExperiments} and exchange_id in ${gone}`.execute(
          transaction,
        )
    }
    for (const table of partitionedTables)
      await sql`drop table if exists ${sql.table(`${table}_${day}`)}`.execute(transaction)
    return true
  })
}

/** What is kept of an exchange outside the partitioned tables. */
const belongings: [table: string, column: string][] = [
  ['feedback', 'exchange_id'],
  ['judgements', 'exchange_id'],
  ['session_links', 'exchange_id'],
  ['quarantine', 'exchange_id'],
  ['anomalies', 'exchange_id'],
  ['reanalysis_failures', 'exchange_id'],
]

/** Who took part in what; as long as an experiment runs, its verdict rests on them. */
const ofExperiments = ['experiment_exchanges', 'experiment_exposures'] as const
const endedExperiments = sql`experiment_id in (select id from experiments where ended_at is not null)`

/** One step of what does not lie in a day's partition; answers whether there may be more. */
export async function dropLeftovers(database: Database, keptFromMs: number): Promise<boolean> {
  const before = toLowestUuid(keptFromMs)
  const kept = new Date(keptFromMs).toISOString()
  const deleted = await database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: string }>`
      select r.id from requests_default r where r.id < ${before}::uuid and not exists (select from (${unlearned(sql`requests_default`)}) u where u.id = r.id)
      order by r.id limit ${batchMost}`.execute(transaction)
    const ids = rows.map(({ id }) => id)
    if (ids.length > 0) {
      for (const [table, column] of belongings)
        await sql`delete from ${sql.table(table)} where ${sql.ref(column)} = any(${ids}::uuid[])`.execute(transaction)
      for (const table of ofExperiments)
        await sql`delete from ${sql.table(table)} where ${endedExperiments} and exchange_id = any(${ids}::uuid[])`.execute(
          transaction,
        )
      await sql`delete from responses where id = any(${ids}::uuid[]) and ${within(ids)}`.execute(transaction)
      await sql`delete from requests_default where id = any(${ids}::uuid[])`.execute(transaction)
    }
    return ids.length
  })
  const others = await Promise.all([
    // A session lives as long as one of its exchanges.
    deleteSome(
      database,
      sql`sessions`,
      sql`id in (select s.id from sessions s where s.last_seen < ${kept}::timestamptz
      and not exists (select from requests r where r.session_id = s.id) limit ${batchMost})`,
    ),
    deleteSome(
      database,
      sql`workflow_commands`,
      sql`id in (select id from workflow_commands where done_at < ${kept}::timestamptz limit ${batchMost})`,
    ),
    deleteSome(
      database,
      sql`findings`,
      sql`id in (select id from findings where resolved_at < ${kept}::timestamptz limit ${batchMost})`,
    ),
    deleteSome(
      database,
      sql`analytics_events_default`,
      sql`id in (select id from analytics_events_default where id < ${before}::uuid limit ${batchMost})`,
    ),
  ])
  return [deleted, ...others].some((count) => count >= batchMost)
}

async function deleteSome(
  database: Database,
  table: ReturnType<typeof sql>,
  condition: ReturnType<typeof sql>,
): Promise<number> {
  const { numAffectedRows } = await sql`delete from ${table} where ${condition}`.execute(database)
  return Number(numAffectedRows ?? 0)
}

async function exists(database: Database, table: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select to_regclass(${table}) is not null as found`.execute(database)
  return rows[0]?.found === true
}
