/** Derives pattern and outcome of stored exchanges anew, page by page; people may pause, resume and cancel it. */
import { condition, continueAsNew, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow'
import type { ReanalysisActivities } from '../activities/reanalyse.ts'
import { reanalysisSignals, type ReanalysisInput } from '../contract.ts'

const { beginReanalysis, reanalysePage, setReanalysisState } = proxyActivities<ReanalysisActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
})

const pause = defineSignal(reanalysisSignals.pause)
const resume = defineSignal(reanalysisSignals.resume)
const cancel = defineSignal(reanalysisSignals.cancel)
/** A page is about ten events, so a run stays far below the limit of a history. */
const pagesPerRun = 100

export async function reanalysis({ reanalysisId }: ReanalysisInput): Promise<{ state: string }> {
  let wanted: 'run' | 'pause' | 'cancel' = 'run'
  setHandler(pause, () => void (wanted = wanted === 'cancel' ? wanted : 'pause'))
  setHandler(resume, () => void (wanted = wanted === 'cancel' ? wanted : 'run'))
  setHandler(cancel, () => void (wanted = 'cancel'))
  // Read through a function: signals change it while this code waits.
  const isWanted = (what: typeof wanted): boolean => wanted === what

  let state = await beginReanalysis(reanalysisId)
  for (let page = 0; state === 'running' || state === 'paused'; page++) {
    if (isWanted('cancel')) return { state: await setReanalysisState(reanalysisId, 'cancelled') }
    if (isWanted('pause')) {
      await setReanalysisState(reanalysisId, 'paused')
      await condition(() => !isWanted('pause'))
      if (isWanted('run')) state = await setReanalysisState(reanalysisId, 'running')
      continue
    }
    if (page >= pagesPerRun) await continueAsNew<typeof reanalysis>({ reanalysisId })
    state = await reanalysePage(reanalysisId)
  }
  return { state }
}
