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

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createReanalysisActivities({
  database,
  pageSize,
  sliceSize,
  thresholds,
  resolveAnalyst,
  prices,
  schemas,
}: ReanalysisDependencies) {
  /** Of a slice: the exchanges behind its cursor. Of a retry: failed ones that it has not tried. */
  async function pageOf(
    transaction: Database,
    row: ReanalysisRow,
    part: ReanalysisPart,
  ): Promise<{ done: number; failed: number; tried: number; over: boolean }> {
    const limit = toPageSize(pageSize, row.caps)
    if ('retry' in part) {
      const ids = await findFailuresBefore(transaction, row.id, part.retry, limit)
      const { done, failures, patternIds } = await rederive(transaction, { schemas }, ids)
      await forgetFailures(transaction, row.id, done)
      await keepFailures(transaction, row.id, failures, part.retry)
      await touchPatterns(transaction, row.id, patternIds)
      return { done: done.length, failed: -done.length, tried: ids.length, over: ids.length < limit }
    }
    const slice = await findSlice(transaction, row.id, part.slice)
    if (slice === null || slice.over) return { done: 0, failed: 0, tried: 0, over: true }
    const ids = await findPage(
      transaction,
      row.filter,
      { after: slice.cursor ?? slice.after, through: slice.through },
      limit,
    )
    const { done, failures, patternIds } = await rederive(transaction, { schemas }, ids)
    await keepFailures(transaction, row.id, failures, 0)
    await touchPatterns(transaction, row.id, patternIds)
    await turnSlice(transaction, row.id, part.slice, ids.at(-1) ?? null, ids.length < limit)
    return { done: done.length, failed: failures.length, tried: ids.length, over: ids.length < limit }
  }

  return {
    beginReanalysis: (reanalysisId: string): Promise<ReanalysisState> => begin(database, reanalysisId),

    setReanalysisState: (reanalysisId: string, state: ReanalysisState): Promise<ReanalysisState> =>
      setState(database, reanalysisId, state),

    planReanalysis: (reanalysisId: string): Promise<number[]> => planSlices(database, reanalysisId, sliceSize),

    async reanalysePart(reanalysisId: string, part: ReanalysisPart): Promise<PartStep> {
      const startedAt = performance.now()
      return database.transaction().execute(async (transaction): Promise<PartStep> => {
        const row = await lockReanalysis(transaction, reanalysisId)
        if (row === null || endedStates.includes(row.state)) return over
        if (row.state === 'paused') return { state: 'paused', restMs: 0 }
        const page = await pageOf(transaction, row, part)
        const workedMs = performance.now() - startedAt
        if (page.tried > 0)
          await countPage(transaction, reanalysisId, { done: page.done, failed: page.failed, workedMs })
        return page.over ? over : { state: 'more', restMs: toRestMs(page.tried, workedMs, row.caps) }
      })
    },

    /** Puts patterns that turned out weak before the analyst, as far as the caps go, and ends the run. */
    async finishReanalysis(reanalysisId: string): Promise<ReanalysisState> {
      const analyst = await resolveAnalyst()
      const nowIso = new Date().toISOString()
      return database.transaction().execute(async (transaction): Promise<ReanalysisState> => {
        const row = await lockReanalysis(transaction, reanalysisId)
        if (row === null) return 'failed'
        if (endedStates.includes(row.state)) return row.state
        if (analyst !== null) {
          const weak = await findTouchedWeak(transaction, reanalysisId, thresholds)
          const callUsd = toCallUsd(await readTokensPerCall(transaction), findPrice(prices, null, analyst.model))
          const toCommand = (enhancementId: string) => ({
            kind: 'start' as const,
            workflowId: toEnhancementWorkflowId(enhancementId),
            name: workflowNames.enhancement,
            argument: { enhancementId },
          })
          const allowed = toAllowedCalls(weak.length + row.proposals, callUsd, row.caps) - row.proposals
          await startProposals(transaction, reanalysisId, weak.slice(0, Math.max(0, allowed)), nowIso, toCommand)
        }
        // A cancelled run whose failed exchanges were tried again is still not whole.
        const state = (await isWhole(transaction, reanalysisId)) ? 'completed' : 'cancelled'
        await writeState(transaction, reanalysisId, state)
        return state
      })
    },
  }
}

export type ReanalysisActivities = ReturnType<typeof createReanalysisActivities>
