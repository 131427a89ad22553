/** A reanalysis as its workflow sees it: its state, and one page of exchanges after the other. */
import { sql, type Kysely, type RawBuilder } from 'kysely'
import { toLowestUuid } from '../partitions.ts'
import type { ExchangeFilter, ReanalysisState } from '../types.ts'

export interface ReanalysisRow {
  id: string
  filter: ExchangeFilter
  state: ReanalysisState
  cursor: string | null
}

const over: ReanalysisState[] = ['completed', 'cancelled', 'failed']

/** Counts what is to be done, the first time; answers the state. */
export async function begin(database: Kysely<any>, id: string): Promise<ReanalysisState> {
  return database.transaction().execute(async (transaction) => {
    const row = await lockReanalysis(transaction, id)
    if (row === null) return 'failed'
    if (over.includes(row.state)) return row.state
    await sql`
      update reanalyses set state = 'running', updated_at = now(),
        total = coalesce(total, (select count(*) from requests r where ${matches(row.filter)})) where id = ${id}::uuid`.execute(transaction)
    await announce(transaction, id)
    return 'running'
  })
}

/** A reanalysis that is over stays as it is. Answers the state that stands then. */
export async function setState(database: Kysely<any>, id: string, state: ReanalysisState): Promise<ReanalysisState> {
  return database.transaction().execute(async (transaction) => {
    const row = await lockReanalysis(transaction, id)
    if (row === null) return 'failed'
    if (over.includes(row.state)) return row.state
    await sql`update reanalyses set state = ${state}, updated_at = now() where id = ${id}::uuid`.execute(transaction)
    await announce(transaction, id)
    return state
  })
}

export async function lockReanalysis(transaction: Kysely<any>, id: string): Promise<ReanalysisRow | null> {
  const { rows } = await sql<ReanalysisRow>`select id, filter, state, cursor from reanalyses where id = ${id}::uuid for update`.execute(transaction)
  return rows[0] ?? null
}

/** The ids behind the cursor, oldest first. */
export async function findPage(transaction: Kysely<any>, { filter, cursor }: ReanalysisRow, limit: number): Promise<string[]> {
  const behind = cursor === null ? sql`true` : sql`r.id > ${cursor}::uuid`
  const { rows } = await sql<{ id: string }>`
    select r.id from requests r where ${matches(filter)} and ${behind} order by r.id limit ${limit}`.execute(transaction)
  return rows.map(({ id }) => id)
}

/** In the page's own transaction: progress and counters stand together or not at all. */
export async function turnPage(transaction: Kysely<any>, id: string, page: { done: number; failed: number; cursor: string | null; state: ReanalysisState }): Promise<void> {
  await sql`
    update reanalyses set done = done + ${page.done}, failed = failed + ${page.failed}, cursor = coalesce(${page.cursor}::uuid, cursor), state = ${page.state},
      total = greatest(total, done + ${page.done}), updated_at = now() where id = ${id}::uuid`.execute(transaction)
  await announce(transaction, id)
}

async function announce(transaction: Kysely<any>, id: string): Promise<void> {
  await sql`select pg_notify('sinew_learning', ${id})`.execute(transaction)
}

/** Finished exchanges that the filter names; ids carry their time, so a range is one of ids and spares the other days' partitions. */
function matches(filter: ExchangeFilter): RawBuilder<unknown> {
  const conditions = [sql`r.finished_at is not null`]
  if (filter.from) conditions.push(sql`r.id >= ${toLowestUuid(Date.parse(filter.from))}::uuid`)
  if (filter.to) conditions.push(sql`r.id < ${toLowestUuid(Date.parse(filter.to))}::uuid`)
  if (filter.model) conditions.push(sql`r.model = ${filter.model}`)
  if (filter.provider) conditions.push(sql`r.provider = ${filter.provider}`)
  if (filter.patternId) conditions.push(sql`r.pattern_id = ${filter.patternId}::uuid`)
  if (filter.sessionId) conditions.push(sql`r.session_id = ${filter.sessionId}::uuid`)
  if (filter.status) conditions.push(sql`r.status = ${filter.status}`)
  return sql.join(conditions, sql` and `)
}
