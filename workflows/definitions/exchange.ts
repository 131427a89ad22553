/**
 * One exchange: score it, learn its pattern, and start what follows from that. One workflow task when nothing is
 * special.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import {
  ParentClosePolicy,
  proxyLocalActivities,
  startChild,
  upsertSearchAttributes,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow'
import type { LearnActivities } from '../activities/learn.ts'
import {
  searchAttributes,
  toEnhancementWorkflowId,
  workflowNames,
  type ExchangeInput,
  type ExchangeResult,
} from '../contract.ts'

const { learn } = proxyLocalActivities<LearnActivities>({
  startToCloseTimeout: '90 seconds',
  // Without an end: PostgreSQL may be away for hours, and what it refuses is set aside by the activity itself.
  retry: { initialInterval: '250 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  localRetryThreshold: '4 seconds',
})

export async function exchange({ exchangeId, withSearchAttributes }: ExchangeInput): Promise<ExchangeResult> {
  const result = await learn(exchangeId)
  if (withSearchAttributes) {
    upsertSearchAttributes({
      [searchAttributes.verdict]: [result.verdict],
      ...(result.patternId === null ? {} : { [searchAttributes.pattern]: [result.patternId] }),
    })
  }
  if (result.enhancementId !== null) await startEnhancement(result.enhancementId)
  return result
}

/** It outlives this workflow: it may wait for a person for days. */
async function startEnhancement(enhancementId: string): Promise<void> {
  try {
    await startChild(workflowNames.enhancement, {
      workflowId: toEnhancementWorkflowId(enhancementId),
      args: [{ enhancementId }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    })
  } catch (error) {
    // Another exchange of the pattern was faster, or this one is learned a second time.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
