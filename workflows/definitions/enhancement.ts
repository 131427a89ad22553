/**
 * One enhancement: ask the analyst, within its daily caps, then wait for a person's decision, for weeks if need be.
 * Whoever decides or changes it writes PostgreSQL first and signals then; the timers here are for what happens when
 * nobody does.
 */
import { condition, continueAsNew, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow'
import type { AnalystActivities } from '../activities/analyst.ts'
import type { EnhancementLifeActivities } from '../activities/enhancement-life.ts'
import {
  analystSwitchedSignal,
  changedSignal,
  decidedSignal,
  type ChangedSignal,
  type DecidedSignal,
  type EnhancementInput,
} from '../contract.ts'

const { askAnalyst } = proxyActivities<Pick<AnalystActivities, 'askAnalyst'>>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '10 minutes' },
})
const { giveUpDraft } = proxyActivities<Pick<AnalystActivities, 'giveUpDraft'>>({
  startToCloseTimeout: '90 seconds',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
})

const { readEnhancementLife, takeEnhancementStep } = proxyActivities<EnhancementLifeActivities>({
  startToCloseTimeout: '90 seconds',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
})

const decided = defineSignal<[DecidedSignal]>(decidedSignal)
const changed = defineSignal<[ChangedSignal]>(changedSignal)
const analystSwitched = defineSignal(analystSwitchedSignal)
const asksMax = 3
/** Clocks differ a little: a step that comes too early is not taken, and looked at again after this. */
const waitMinMs = 1_000

export async function enhancement({ enhancementId }: EnhancementInput): Promise<{ state: string }> {
  const news = { came: false }
  setHandler(decided, () => void (news.came = true))
  setHandler(changed, () => void (news.came = true))
  await draft(enhancementId)
  return { state: await waitForDecision(enhancementId, news) }
}

/** Answers the state in PostgreSQL once nothing more can come: decided, expired, failed. */
async function waitForDecision(enhancementId: string, news: { came: boolean }): Promise<string> {
  for (;;) {
    // What comes while it is being read, the reading may have missed.
    news.came = false
    const { state, next } = await readEnhancementLife(enhancementId)
    if (next === null) return state
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof enhancement>({ enhancementId })
    const cameInTime = await condition(() => news.came, Math.max(waitMinMs, Date.parse(next.at) - Date.now()))
    if (!cameInTime) await takeEnhancementStep(enhancementId)
  }
}

/** Ends once the analyst has said something usable or is given up. */
async function draft(enhancementId: string): Promise<void> {
  let reason = ''
  let switched = false
  setHandler(analystSwitched, () => {
    switched = true
  })
  for (let asked = 0; asked < asksMax;) {
    // What was switched while it asks, it may not have seen yet.
    switched = false
    const answer = await askAnalyst(enhancementId)
    if (answer.kind === 'settled') return
    if (answer.kind === 'failed') return void (await giveUpDraft(enhancementId, answer.reason))
    if (answer.kind === 'unusable') {
      asked++
      reason = answer.reason
      continue
    }
    // The caps of the day are used up, or there is no analyst at present.
    await condition(() => switched, Math.max(1_000, Date.parse(answer.until) - Date.now()))
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof enhancement>({ enhancementId })
  }
  await giveUpDraft(
    enhancementId,
    `the analyst gave no usable proposal in ${asksMax} attempts; the last one: ${reason}`,
  )
}
