/**
 * Insurance: what should have a workflow and has none gets one again. Workflows are lost when their start never
 * arrived, or with Temporal's own data.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { findStaleDrafts } from '../../db/repositories/enhancements/drafts.ts'
import { returnSnoozed } from '../../db/repositories/enhancements/enhancement-life.ts'
import { findSilentExperiments } from '../../db/repositories/experiments/experiments.ts'
import { toEnhancementWorkflowId, toExperimentWorkflowId, workflowNames } from '../contract.ts'
import type { OutboxOptions } from './start-exchanges.ts'
import { startWorkflow, type WorkflowStart } from './start-workflow.ts'
import type { TemporalSession } from './worker.ts'

const staleDraftSeconds = 60
/** Longer than any experiment waits between two looks. */
const silentExperimentSeconds = 900

export async function restartLostWorkflows(options: OutboxOptions, temporal: TemporalSession): Promise<void> {
  await restartStaleDrafts(options, temporal)
  // Their workflows do it, unless one was lost or is older than the timer.
  await returnSnoozed(options.database, null, staleDraftSeconds)
  await restartSilentExperiments(options, temporal)
}

async function restartStaleDrafts({ database, taskQueue, log }: OutboxOptions, temporal: TemporalSession) {
  for (const enhancementId of await findStaleDrafts(database, staleDraftSeconds)) {
    const workflowId = toEnhancementWorkflowId(enhancementId)
    const start = { taskQueue, name: workflowNames.enhancement, workflowId, argument: { enhancementId } }
    if (await restart(temporal, start, { again: false }))
      log.warn({ enhancement: enhancementId }, 'a draft had no workflow; it has one again')
  }
}

/** An experiment that nobody looks at would go on without its guardrails. */
async function restartSilentExperiments({ database, taskQueue, log }: OutboxOptions, temporal: TemporalSession) {
  for (const experimentId of await findSilentExperiments(database, silentExperimentSeconds)) {
    const workflowId = toExperimentWorkflowId(experimentId)
    const start = { taskQueue, name: workflowNames.experiment, workflowId, argument: { experimentId } }
    if (await restart(temporal, start, { again: true }))
      log.warn({ experiment: experimentId }, 'an experiment had no workflow; it has one again')
  }
}

/** Answers whether it was really missing. */
async function restart(temporal: TemporalSession, start: WorkflowStart, policy: { again: boolean }): Promise<boolean> {
  try {
    await startWorkflow(temporal, start, policy)
    return true
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false
    throw error
  }
}
