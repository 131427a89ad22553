/**
 * One part of a reanalysis, page by page. Whether it may go on stands in PostgreSQL; its parent tells it when to look.
 */
import { condition, continueAsNew, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow'
import type { ReanalysisActivities } from '../activities/reanalyse.ts'
import { reanalysisChangedSignal, type ReanalysisPartInput } from '../contract.ts'

const { reanalysePart } = proxyActivities<ReanalysisActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
})

const changed = defineSignal(reanalysisChangedSignal)
/** A page is about ten events, so a run stays far below the limit of a history. */
const pagesPerRun = 100
/** Insurance only: its parent tells it. */
const pausedLookMs = 300_000

export async function reanalysisPart({ reanalysisId, part }: ReanalysisPartInput): Promise<void> {
  let told = false
  setHandler(changed, () => void (told = true))
  for (let page = 0; page < pagesPerRun; page++) {
    told = false
    const { state, restMs } = await reanalysePart(reanalysisId, part)
    if (state === 'over') return
    const waitMs = state === 'paused' ? pausedLookMs : restMs
    if (waitMs > 0) await condition(() => told, waitMs)
  }
  await continueAsNew<typeof reanalysisPart>({ reanalysisId, part })
}
