/**
 * One experiment, for weeks: it looks at what has arrived, waits, and looks again. Everything it knows stands in
 * PostgreSQL, so it can be lost and started again at any moment; what it does by itself only moves towards safety.
 */
import { condition, continueAsNew, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow'
import type { ExperimentActivities } from '../activities/experiment.ts'
import { experimentNudgedSignal, type ExperimentInput } from '../contract.ts'

const { lookAtExperiment } = proxyActivities<ExperimentActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15 seconds',
  // Without an end: PostgreSQL may be away for hours. Short pauses, because a roll-back may wait behind them.
  retry: { initialInterval: '250 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
})

const nudged = defineSignal(experimentNudgedSignal)
/** About ten events each, so a run stays far below the limit of a history. */
const looksPerRun = 400

export async function experiment({ experimentId }: ExperimentInput): Promise<{ looks: number }> {
  let wanted = false
  setHandler(nudged, () => void (wanted = true))
  for (let looks = 1; ; looks++) {
    wanted = false
    const { ended, waitMs } = await lookAtExperiment(experimentId)
    if (ended) return { looks }
    await condition(() => wanted, waitMs)
    if (looks >= looksPerRun || workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof experiment>({ experimentId })
  }
}
