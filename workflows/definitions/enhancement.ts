/** One enhancement: ask the analyst, within its daily caps, then wait for a person's decision, for days if need be. */
import { condition, continueAsNew, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow'
import type { AnalystActivities } from '../activities/analyst.ts'
import { analystSwitchedSignal, decidedSignal, type DecidedSignal, type EnhancementInput } from '../contract.ts'

const { askAnalyst } = proxyActivities<Pick<AnalystActivities, 'askAnalyst'>>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '10 minutes' },
})
const { giveUpDraft, readEnhancementState } = proxyActivities<Pick<AnalystActivities, 'giveUpDraft' | 'readEnhancementState'>>({
  startToCloseTimeout: '90 seconds',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
})

const decided = defineSignal<[DecidedSignal]>(decidedSignal)
const analystSwitched = defineSignal(analystSwitchedSignal)
const asksMax = 3

export async function enhancement({ enhancementId }: EnhancementInput): Promise<{ state: string }> {
  let decision: DecidedSignal | null = null
  setHandler(decided, (signal) => {
    decision = signal
  })

  let state = await draft(enhancementId)
  if (state === 'proposed') {
    // Whoever decides writes PostgreSQL first and signals then, so one look there and every signal after it miss nothing.
    state = await readEnhancementState(enhancementId)
    if (state === 'proposed') {
      await condition(() => decision !== null)
      state = (decision as DecidedSignal | null)?.state ?? state
    }
  }
  return { state }
}

/** Answers the state in PostgreSQL once the analyst has said something usable or is given up. */
async function draft(enhancementId: string): Promise<string> {
  let reason = ''
  let switched = false
  setHandler(analystSwitched, () => {
    switched = true
  })
  for (let asked = 0; asked < asksMax; ) {
    // What was switched while it asks, it may not have seen yet.
    switched = false
    const answer = await askAnalyst(enhancementId)
    if (answer.kind === 'settled') return answer.state
    if (answer.kind === 'failed') return giveUpDraft(enhancementId, answer.reason)
    if (answer.kind === 'unusable') {
      asked++
      reason = answer.reason
      continue
    }
    // The caps of the day are used up, or there is no analyst at present.
    await condition(() => switched, Math.max(1_000, Date.parse(answer.until) - Date.now()))
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof enhancement>({ enhancementId })
  }
  return giveUpDraft(enhancementId, `the analyst gave no usable proposal in ${asksMax} attempts; the last one: ${reason}`)
}
