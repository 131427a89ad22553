/** A reanalysis as its workflow sees it: its state, its slices, and one page of exchanges after the other. */
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Database } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'
import type { ExchangeFilter } from '../../words/exchange.ts'
import type { ReanalysisCaps, ReanalysisState } from '../../words/reanalysis.ts'
import { toExchangeConditions } from '../exchanges/exchange-conditions.ts'

export interface ReanalysisRow {
  id: string
  filter: ExchangeFilter
  caps: ReanalysisCaps
  state: ReanalysisState
  /** Enhancements it gave rise to already. */
  proposals: number
}

/** Where a page begins and where it must end. */
export interface PageBounds {
  /** Exclusive; `null` = from the first one on. */
  after: string | null
  /** Inclusive; `null` = to the last one. */
  through: string | null
}

export interface Slice extends PageBounds {
  cursor: string | null
  over: boolean
}

/** What a page came to. */
export interface PageResult {
  done: number
  failed: number
  workedMs: number
}

/** However many exchanges there are: each slice is a workflow of its own. */
const maxSlices = 200

export const endedStates: ReanalysisState[] = ['completed', 'cancelled', 'failed']

/** Counts what is to be done, the first time; answers the state. */
export async function begin(database: Database, id: string): Promise<ReanalysisState> {
  return database.transaction().execute(async (transaction) => {
    const row = await lockReanalysis(transaction, id)
    if (row === null) return 'failed'
    if (endedStates.includes(row.state)) return row.state
    await transaction
      .updateTable('reanalyses')
      .set(({ selectFrom, fn, ref }) => ({
        state: 'running',
        updated_at: sql<string>`now()`,
        total: fn.coalesce(
          ref('total'),
          selectFrom('requests as r').select(fn.countAll<number>().as('count')).where(covered(row.filter)),
        ),
      }))
      .where('id', '=', id)
      .execute()
    await announceReanalysis(transaction, id)
    return 'running'
  })
}

/** A reanalysis that is over stays as it is. Answers the state that stands then. */
export async function setState(database: Database, id: string, state: ReanalysisState): Promise<ReanalysisState> {
  return database.transaction().execute(async (transaction) => {
    const row = await lockReanalysis(transaction, id)
    if (row === null) return 'failed'
    if (endedStates.includes(row.state)) return row.state
    await writeState(transaction, id, state)
    return state
  })
}

export async function writeState(transaction: Database, id: string, state: ReanalysisState): Promise<void> {
  await transaction
    .updateTable('reanalyses')
    .set({ state, updated_at: sql<string>`now()` })
    .where('id', '=', id)
    .execute()
  await announceReanalysis(transaction, id)
}

/**
 * Held to the end of the transaction: whoever pauses or cancels waits for the page under way, and no page begins after
 * that.
 */
export async function lockReanalysis(transaction: Database, id: string): Promise<ReanalysisRow | null> {
  const row = await transaction
    .selectFrom('reanalyses')
    .select(['id', 'filter', 'caps', 'state', 'proposals'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row ?? null
}

/**
 * Cuts what is to be done into slices of about `size`, once; answers the numbers of those that are not over, in the
 * order of time.
 */
export async function planSlices(database: Database, id: string, size: number): Promise<number[]> {
  return database.transaction().execute(async (transaction) => {
    const row = await lockReanalysis(transaction, id)
    if (row === null) return []
    const slices = transaction.selectFrom('reanalysis_slices').select('number').where('reanalysis_id', '=', id)
    if ((await slices.limit(1).execute()).length === 0) await cut(transaction, row, size)
    const open = await slices.where('over', '=', false).orderBy('number').execute()
    return open.map(({ number }) => number)
  })
}

async function cut(transaction: Database, { id, filter }: ReanalysisRow, size: number): Promise<void> {
  // Raw: the builder cannot divide by what a window counts.
  const { rows } = await sql<{ id: string }>`
    with wanted as (select r.id, row_number() over (order by r.id) as place, count(*) over () as total from requests r where ${covered(filter)})
    select id from wanted where place % greatest(${size}::bigint, ceil(total / ${maxSlices}::numeric)::bigint) = 0 order by id`.execute(
    transaction,
  )
  const bounds = [null, ...rows.map((row) => row.id), null]
  const slices = bounds.slice(1).map((through, number) => ({ number, after: bounds[number] ?? null, through }))
  await transaction
    .insertInto('reanalysis_slices')
    .values(slices.map((slice) => ({ reanalysis_id: id, ...slice })))
    .execute()
}

export async function findSlice(transaction: Database, id: string, number: number): Promise<Slice | null> {
  const slice = await transaction
    .selectFrom('reanalysis_slices')
    .select(['after', 'through', 'cursor', 'over'])
    .where('reanalysis_id', '=', id)
    .where('number', '=', number)
    .executeTakeFirst()
  return slice ?? null
}

export async function turnSlice(
  transaction: Database,
  id: string,
  number: number,
  cursor: string | null,
  over: boolean,
): Promise<void> {
  await transaction
    .updateTable('reanalysis_slices')
    .set({ over, ...(cursor !== null && { cursor }) })
    .where('reanalysis_id', '=', id)
    .where('number', '=', number)
    .execute()
}

/** The ids between the bounds, oldest first. */
export async function findPage(
  transaction: Database,
  filter: ExchangeFilter,
  { after, through }: PageBounds,
  limit: number,
): Promise<string[]> {
  const page = await transaction
    .selectFrom('requests as r')
    .select('r.id')
    .where(covered(filter))
    .$if(after !== null, (query) => query.where('r.id', '>', after))
    .$if(through !== null, (query) => query.where('r.id', '<=', through))
    .orderBy('r.id')
    .limit(limit)
    .execute()
  return page.map(({ id }) => id)
}

/** In the page's own transaction: progress and counters stand together or not at all. */
export async function countPage(
  transaction: Database,
  id: string,
  { done, failed, workedMs }: PageResult,
): Promise<void> {
  await transaction
    .updateTable('reanalyses')
    .set((eb) => ({
      done: eb('done', '+', done),
      failed: eb('failed', '+', failed),
      worked_ms: eb('worked_ms', '+', workedMs),
      total: sql<number>`greatest(total, done + ${done} + failed + ${failed})`,
      updated_at: sql<string>`now()`,
    }))
    .where('id', '=', id)
    .execute()
  await announceReanalysis(transaction, id)
}

/** Whether every slice is over; without slices there is nothing left either. */
export async function isWhole(transaction: Database, id: string): Promise<boolean> {
  const open = await transaction
    .selectFrom('reanalysis_slices')
    .select('number')
    .where('reanalysis_id', '=', id)
    .where('over', '=', false)
    .executeTakeFirst()
  return open === undefined
}

export async function announceReanalysis(transaction: Database, id: string): Promise<void> {
  await notifyOnCommit(transaction, 'sinew_learning', id)
}

/** Exchanges that the filter names and that have ended: the others cannot be judged yet. */
export function covered(filter: ExchangeFilter): RawBuilder<SqlBool> {
  return sql<SqlBool>`r.finished_at is not null and ${toExchangeConditions(filter)}`
}
