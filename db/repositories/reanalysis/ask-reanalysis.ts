/**
 * What people ask of a reanalysis: to begin, to pause, go on or stop, and to try again what failed. The state itself is
 * left to its workflow: it alone knows when it really stands still.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { ExchangeFilter } from '../../words/exchange.ts'
import type { ReanalysisCaps, ReanalysisState } from '../../words/reanalysis.ts'
import { putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { jsonb } from '../jsonb.ts'
import { announceReanalysis, endedStates } from './reanalyses.ts'
import { findReanalysis, itemColumns, toItem, type ReanalysisItem } from './reanalysis-items.ts'

/** `ended`: it is over, and does nothing any more that could be asked of it. */
export type AskResult =
  | { kind: 'done'; item: ReanalysisItem }
  | { kind: 'missing' }
  | { kind: 'ended'; state: ReanalysisState }
export type RetryResult =
  | { kind: 'done'; item: ReanalysisItem }
  | { kind: 'missing' }
  | { kind: 'active'; state: ReanalysisState }
  | { kind: 'nothing' }

/** The row and the command that starts its workflow stand together or not at all. */
export async function startReanalysis(
  database: Database,
  { id, filter, caps, person }: { id: string; filter: ExchangeFilter; caps: ReanalysisCaps; person: string },
  command: OutgoingCommand,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('reanalyses')
      .values({ id, started_by: person, filter: jsonb(filter), caps: jsonb(caps), state: 'queued' })
      .execute()
    await putCommand(transaction, command)
    await announceReanalysis(transaction, id)
  })
}

export async function askReanalysis(
  database: Database,
  id: string,
  toCommand: (item: ReanalysisItem) => OutgoingCommand,
): Promise<AskResult> {
  return database.transaction().execute(async (transaction): Promise<AskResult> => {
    const item = await findReanalysis(transaction, id)
    if (item === null) return { kind: 'missing' }
    if (endedStates.includes(item.state)) return { kind: 'ended', state: item.state }
    await putCommand(transaction, toCommand(item))
    return { kind: 'done', item }
  })
}

/** Only what is over can be tried again; it goes on under the same id. */
export async function retryReanalysis(
  database: Database,
  id: string,
  toCommand: (item: ReanalysisItem) => OutgoingCommand,
): Promise<RetryResult> {
  return database.transaction().execute(async (transaction): Promise<RetryResult> => {
    const before = await transaction
      .selectFrom('reanalyses')
      .select('state')
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst()
    if (before === undefined) return { kind: 'missing' }
    if (!endedStates.includes(before.state)) return { kind: 'active', state: before.state }
    if (!(await hasFailures(transaction, id))) return { kind: 'nothing' }
    const row = await transaction
      .updateTable('reanalyses')
      .set((eb) => ({ state: 'queued', retries: eb('retries', '+', 1), updated_at: sql<string>`now()` }))
      .where('id', '=', id)
      .returning(itemColumns)
      .executeTakeFirstOrThrow()
    const item = toItem(row)
    await putCommand(transaction, toCommand(item))
    await announceReanalysis(transaction, id)
    return { kind: 'done', item }
  })
}

async function hasFailures(transaction: Database, id: string): Promise<boolean> {
  const first = await transaction
    .selectFrom('reanalysis_failures')
    .select('exchange_id')
    .where('reanalysis_id', '=', id)
    .limit(1)
    .executeTakeFirst()
  return first !== undefined
}
