/** A reanalysis as its workflow sees it: its state, its slices, and one page of exchanges after the other. */
import { sql } from 'kysely'
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

/** So many at most, however much there is: each is a workflow of its own. */
const slicesMost = 200

export const endedStates: ReanalysisState[] = ['completed', 'cancelled', 'failed']

/** Counts what is to be done, the first time; answers the state. */
export async function begin(database: Database, id: string): Promise<ReanalysisState> {
  return database.transaction().execute(async (transaction) => {
    const row = await lockReanalysis(transaction, id)
    if (row === null) return 'failed'
    if (endedStates.includes(row.state)) return row.state
    await sql`
      update reanalyses set state = 'running', updated_at = now(),
        total = coalesce(total, (select count(*) from requests r where ${covered(row.filter)})) where id = ${id}::uuid`.execute(
      transaction,
    )
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
  await sql`update reanalyses set state = ${state}, updated_at = now() where id = ${id}::uuid`.execute(transaction)
  await announceReanalysis(transaction, id)
}

/**
 * Held to the end of the transaction: who pauses or cancels waits for the page under way, and none begins behind him.
 */
export async function lockReanalysis(transaction: Database, id: string): Promise<ReanalysisRow | null> {
  const { rows } = await sql<ReanalysisRow>`
    select id, filter, caps, state, proposals from reanalyses where id = ${id}::uuid for update`.execute(transaction)
  return rows[0] ?? null
}

/**
 * Cuts what is to be done into slices of about `size`, once; answers the numbers of those that are not over, in the
 * order of time.
 */
export async function planSlices(database: Database, id: string, size: number): Promise<number[]> {
  return database.transaction().execute(async (transaction) => {
    const row = await lockReanalysis(transaction, id)
    if (row === null) return []
    const planned = await sql`select from reanalysis_slices where reanalysis_id = ${id}::uuid limit 1`.execute(
      transaction,
    )
    if (planned.rows.length === 0) await cut(transaction, row, size)
    const { rows } = await sql<{ number: number }>`
      select number from reanalysis_slices where reanalysis_id = ${id}::uuid and not over order by number`.execute(
      transaction,
    )
    return rows.map(({ number }) => number)
  })
}

async function cut(transaction: Database, { id, filter }: ReanalysisRow, size: number): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    with wanted as (select r.id, row_number() over (order by r.id) as place, count(*) over () as total from requests r where ${covered(filter)})
    select id from wanted where place % greatest(${size}::bigint, ceil(total / ${slicesMost}::numeric)::bigint) = 0 order by id`.execute(
    transaction,
  )
  const bounds = [null, ...rows.map((row) => row.id), null]
  const slices = bounds.slice(1).map((through, number) => ({ number, after: bounds[number] ?? null, through }))
  await sql`
    insert into reanalysis_slices (reanalysis_id, number, after, through)
    select ${id}::uuid, number, after, through from jsonb_to_recordset(${JSON.stringify(slices)}::jsonb) as s(number integer, after uuid, through uuid)`.execute(
    transaction,
  )
}

export async function findSlice(transaction: Database, id: string, number: number): Promise<Slice | null> {
  const { rows } = await sql<Slice>`
    select after, through, cursor, over from reanalysis_slices where reanalysis_id = ${id}::uuid and number = ${number}`.execute(
    transaction,
  )
  return rows[0] ?? null
}

export async function turnSlice(
  transaction: Database,
  id: string,
  number: number,
  cursor: string | null,
  over: boolean,
): Promise<void> {
  await sql`
    update reanalysis_slices set cursor = coalesce(${cursor}::uuid, cursor), over = ${over}
    where reanalysis_id = ${id}::uuid and number = ${number}`.execute(transaction)
}

/** The ids between the bounds, oldest first. */
export async function findPage(
  transaction: Database,
  filter: ExchangeFilter,
  { after, through }: PageBounds,
  limit: number,
): Promise<string[]> {
  const behind = after === null ? sql`true` : sql`r.id > ${after}::uuid`
  const upTo = through === null ? sql`true` : sql`r.id <= ${through}::uuid`
  const { rows } = await sql<{ id: string }>`
    select r.id from requests r where ${covered(filter)} and ${behind} and ${upTo} order by r.id limit ${limit}`.execute(
    transaction,
  )
  return rows.map(({ id }) => id)
}

/** In the page's own transaction: progress and counters stand together or not at all. */
export async function countPage(
  transaction: Database,
  id: string,
  { done, failed, workedMs }: PageResult,
): Promise<void> {
  await sql`
    update reanalyses set done = done + ${done}, failed = failed + ${failed}, worked_ms = worked_ms + ${workedMs},
      total = greatest(total, done + ${done} + failed + ${failed}), updated_at = now() where id = ${id}::uuid`.execute(
    transaction,
  )
  await announceReanalysis(transaction, id)
}

/** Whether every slice is over; without slices there is nothing left either. */
export async function isWhole(transaction: Database, id: string): Promise<boolean> {
  const { rows } =
    await sql`select from reanalysis_slices where reanalysis_id = ${id}::uuid and not over limit 1`.execute(transaction)
  return rows.length === 0
}

export async function announceReanalysis(transaction: Database, id: string): Promise<void> {
  await notifyOnCommit(transaction, 'sinew_learning', id)
}

/** What the filter names and has ended: nothing can be said yet of the others. */
export function covered(filter: ExchangeFilter) {
  return sql`r.finished_at is not null and ${toExchangeConditions(filter)}`
}
