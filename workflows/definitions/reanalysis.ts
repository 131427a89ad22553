/**
 * Derives pattern and outcome of stored exchanges anew, slice by slice in the order of time; people may pause, resume
 * and cancel it.
 */
import {
  condition,
  defineSignal,
  executeChild,
  getExternalWorkflowHandle,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow'
import type { ReanalysisActivities } from '../activities/reanalyse.ts'
import {
  reanalysisChangedSignal,
  reanalysisSignals,
  toReanalysisPartWorkflowId,
  workflowNames,
  type ReanalysisInput,
  type ReanalysisPart,
} from '../contract.ts'

const { beginReanalysis, finishReanalysis, planReanalysis, setReanalysisState } = proxyActivities<ReanalysisActivities>(
  {
    startToCloseTimeout: '2 minutes',
    heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
  },
)

const pause = defineSignal(reanalysisSignals.pause)
const resume = defineSignal(reanalysisSignals.resume)
const cancel = defineSignal(reanalysisSignals.cancel)
const changed = defineSignal(reanalysisChangedSignal)

interface Wish {
  what: 'run' | 'pause' | 'cancel'
}

export async function reanalysis({ reanalysisId, retry }: ReanalysisInput): Promise<{ state: string }> {
  const wish: Wish = { what: 'run' }
  setHandler(pause, () => void (wish.what = wish.what === 'cancel' ? wish.what : 'pause'))
  setHandler(resume, () => void (wish.what = wish.what === 'cancel' ? wish.what : 'run'))
  setHandler(cancel, () => void (wish.what = 'cancel'))

  const state = await beginReanalysis(reanalysisId)
  if (state !== 'running') return { state }
  return workParts(reanalysisId, retry, wish)
}

/**
 * The parts look at the state in PostgreSQL before every page; it is written here, and the part under way is told to
 * look.
 */
async function workParts(reanalysisId: string, retry: number | undefined, wish: Wish): Promise<{ state: string }> {
  let underWay: string | null = null
  let ended = false

  async function obey(): Promise<void> {
    for (let applied: Wish['what'] = 'run'; !ended && applied !== 'cancel';) {
      await condition(() => wish.what !== applied || ended)
      if (ended) return
      applied = wish.what
      await setReanalysisState(
        reanalysisId,
        applied === 'run' ? 'running' : applied === 'pause' ? 'paused' : 'cancelled',
      )
      if (underWay === null) continue
      // It may have ended at this very moment; then there is nobody to tell.
      await getExternalWorkflowHandle(underWay)
        .signal(changed)
        .catch(() => {})
    }
  }

  const obeying = obey()
  const parts: ReanalysisPart[] =
    retry === undefined ? (await planReanalysis(reanalysisId)).map((slice) => ({ slice })) : [{ retry }]
  // One after the other: patterns are learned in the order of their exchanges.
  for (const part of parts) {
    if (wish.what === 'cancel') break
    const workflowId = toReanalysisPartWorkflowId(reanalysisId, part)
    underWay = workflowId
    await executeChild(workflowNames.reanalysisPart, { workflowId, args: [{ reanalysisId, part }] })
    underWay = null
  }
  ended = true
  await obeying
  return { state: await finishReanalysis(reanalysisId) }
}
