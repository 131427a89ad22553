/** The reanalysis workflow's steps. A page is one transaction, so a page that is tried again is never counted twice. */
import type { Database } from '../../db/database.ts'
import {
  begin,
  countPage,
  endedStates,
  findPage,
  findSlice,
  isWhole,
  lockReanalysis,
  planSlices,
  setState,
  turnSlice,
  writeState,
  type ReanalysisRow,
} from '../../db/repositories/reanalysis/reanalyses.ts'
import {
  findFailuresBefore,
  forgetFailures,
  keepFailures,
} from '../../db/repositories/reanalysis/reanalysis-failures.ts'
import {
  findTouchedWeak,
  startProposals,
  touchPatterns,
} from '../../db/repositories/reanalysis/reanalysis-proposals.ts'
import { readTokensPerCall } from '../../db/repositories/reanalysis/reanalysis-estimate.ts'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import type { Price } from '../../db/words/config.ts'
import type { ReanalysisState } from '../../db/words/reanalysis.ts'
import { toEnhancementWorkflowId, workflowNames, type ReanalysisPart } from '../contract.ts'
import { findPrice } from '../domain/exchanges/cost.ts'
import type { EnhanceThresholds } from '../domain/patterns/pattern.ts'
import { toAllowedCalls, toCallUsd, toPageSize, toRestMs } from '../domain/reanalysis/reanalysis-budget.ts'
import type { OutcomeDependencies } from '../domain/outcomes/schemas.ts'
import { rederive } from './rederive.ts'

export interface ReanalysisDependencies extends OutcomeDependencies {
  database: Database
  /** Exchanges a page; at most 200, so that a page ends in bounded time. */
  pageSize: number
  /** Exchanges a slice, and with it a child workflow. */
  sliceSize: number
  thresholds: EnhanceThresholds
  resolveAnalyst: () => Promise<AnalystConfig | null>
  prices: Record<string, Price>
}

/** `over`: nothing is left of this part, or the whole reanalysis has ended. */
export interface PartStep {
  state: 'more' | 'paused' | 'over'
  /** To wait before the next page, so that the rate keeps to its cap. */
  restMs: number
}

const over: PartStep = { state: 'over', restMs: 0 }

export function createReanalysisActivities(dependencies: ReanalysisDependencies) {
  const { database, sliceSize } = dependencies
  return {
    beginReanalysis: (reanalysisId: string): Promise<ReanalysisState> => begin(database, reanalysisId),

    setReanalysisState: (reanalysisId: string, state: ReanalysisState): Promise<ReanalysisState> =>
      setState(database, reanalysisId, state),

    planReanalysis: (reanalysisId: string): Promise<number[]> => planSlices(database, reanalysisId, sliceSize),

    reanalysePart: (reanalysisId: string, part: ReanalysisPart): Promise<PartStep> =>
      database.transaction().execute((transaction) => reanalysePage(dependencies, transaction, reanalysisId, part)),

    /** Puts patterns that turned out weak before the analyst, as far as the caps go, and ends the run. */
    async finishReanalysis(reanalysisId: string): Promise<ReanalysisState> {
      const analyst = await dependencies.resolveAnalyst()
      return database
        .transaction()
        .execute((transaction) => finish(dependencies, transaction, reanalysisId, analyst?.model ?? null))
    },
  }
}

export type ReanalysisActivities = ReturnType<typeof createReanalysisActivities>

async function reanalysePage(
  dependencies: ReanalysisDependencies,
  transaction: Database,
  reanalysisId: string,
  part: ReanalysisPart,
): Promise<PartStep> {
  const startedAt = performance.now()
  const row = await lockReanalysis(transaction, reanalysisId)
  if (row === null || endedStates.includes(row.state)) return over
  if (row.state === 'paused') return { state: 'paused', restMs: 0 }
  const page =
    'retry' in part
      ? await retryPage(dependencies, transaction, row, part.retry)
      : await slicePage(dependencies, transaction, row, part.slice)
  const workedMs = performance.now() - startedAt
  if (page.tried > 0) await countPage(transaction, reanalysisId, { done: page.done, failed: page.failed, workedMs })
  return page.over ? over : { state: 'more', restMs: toRestMs(page.tried, workedMs, row.caps) }
}

interface PageResult {
  done: number
  /** Added to the failed ones; negative where failed ones have worked now. */
  failed: number
  tried: number
  /** The part has no exchange left behind this page. */
  over: boolean
}

/** Failed exchanges that this retry has not tried yet. */
async function retryPage(
  { pageSize, schemas }: ReanalysisDependencies,
  transaction: Database,
  row: ReanalysisRow,
  retry: number,
): Promise<PageResult> {
  const limit = toPageSize(pageSize, row.caps)
  const ids = await findFailuresBefore(transaction, row.id, retry, limit)
  const { done, failures, patternIds } = await rederive(transaction, { schemas }, ids)
  await forgetFailures(transaction, row.id, done)
  await keepFailures(transaction, row.id, failures, retry)
  await touchPatterns(transaction, row.id, patternIds)
  return { done: done.length, failed: -done.length, tried: ids.length, over: ids.length < limit }
}

/** The exchanges behind the slice's cursor. */
async function slicePage(
  { pageSize, schemas }: ReanalysisDependencies,
  transaction: Database,
  row: ReanalysisRow,
  sliceNumber: number,
): Promise<PageResult> {
  const slice = await findSlice(transaction, row.id, sliceNumber)
  if (slice === null || slice.over) return { done: 0, failed: 0, tried: 0, over: true }
  const limit = toPageSize(pageSize, row.caps)
  const range = { after: slice.cursor ?? slice.after, through: slice.through }
  const ids = await findPage(transaction, row.filter, range, limit)
  const { done, failures, patternIds } = await rederive(transaction, { schemas }, ids)
  await keepFailures(transaction, row.id, failures, 0)
  await touchPatterns(transaction, row.id, patternIds)
  await turnSlice(transaction, row.id, sliceNumber, ids.at(-1) ?? null, ids.length < limit)
  return { done: done.length, failed: failures.length, tried: ids.length, over: ids.length < limit }
}

async function finish(
  dependencies: ReanalysisDependencies,
  transaction: Database,
  reanalysisId: string,
  analystModel: string | null,
): Promise<ReanalysisState> {
  const row = await lockReanalysis(transaction, reanalysisId)
  if (row === null) return 'failed'
  if (endedStates.includes(row.state)) return row.state
  if (analystModel !== null) await proposeForWeak(dependencies, transaction, row, analystModel)
  // A cancelled run whose failed exchanges were tried again is still not whole.
  const state = (await isWhole(transaction, reanalysisId)) ? 'completed' : 'cancelled'
  await writeState(transaction, reanalysisId, state)
  return state
}

async function proposeForWeak(
  { thresholds, prices }: ReanalysisDependencies,
  transaction: Database,
  row: ReanalysisRow,
  analystModel: string,
): Promise<void> {
  const weak = await findTouchedWeak(transaction, row.id, thresholds)
  const callUsd = toCallUsd(await readTokensPerCall(transaction), findPrice(prices, null, analystModel))
  const allowed = toAllowedCalls(weak.length + row.proposals, callUsd, row.caps) - row.proposals
  await startProposals(
    transaction,
    row.id,
    weak.slice(0, Math.max(0, allowed)),
    new Date().toISOString(),
    (enhancementId) => ({
      kind: 'start',
      workflowId: toEnhancementWorkflowId(enhancementId),
      name: workflowNames.enhancement,
      argument: { enhancementId },
    }),
  )
}
