/** Reanalyses as people see them in lists and on their pages. */
import type { Database } from '../../database.ts'
import type { ExchangeFilter } from '../../words/exchange.ts'
import type { ReanalysisCaps, ReanalysisState } from '../../words/reanalysis.ts'
import { toIso, toPage, type Page } from '../page.ts'

export interface ReanalysisItem {
  id: string
  state: ReanalysisState
  /** `null` until the exchanges are counted. */
  total: number | null
  done: number
  failed: number
  filter: ExchangeFilter
  caps: ReanalysisCaps
  /** How often what failed was tried again. */
  retries: number
  /** Enhancements it gave rise to. */
  proposals: number
  startedBy: string
  failure: string | null
  createdAt: string
  updatedAt: string
}

export const itemColumns = [
  'id',
  'state',
  'total',
  'done',
  'failed',
  'filter',
  'caps',
  'retries',
  'proposals',
  'started_by as startedBy',
  'failure',
  'created_at as createdAt',
  'updated_at as updatedAt',
] as const

export async function findReanalysis(database: Database, id: string): Promise<ReanalysisItem | null> {
  const row = await database.selectFrom('reanalyses').select(itemColumns).where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toItem(row)
}

/** Newest first. */
export async function listReanalyses(
  database: Database,
  limit: number,
  cursor: string | null,
): Promise<Page<ReanalysisItem>> {
  const rows = await database
    .selectFrom('reanalyses')
    .select(itemColumns)
    .$if(cursor !== null, (query) => query.where('id', '<', cursor))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows, limit, toItem, (row) => row.id)
}

export function toItem(row: ReanalysisItem): ReanalysisItem {
  return { ...row, createdAt: toIso(row.createdAt), updatedAt: toIso(row.updatedAt) }
}
