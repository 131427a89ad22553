/** Starts a workflow whose id stands for the one thing it is about: starting it twice is refused by Temporal. */
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client'
import { workflowNames } from '../contract.ts'
import type { TemporalSession } from './worker.ts'

export const requestTimeoutMs = 15_000

export interface WorkflowStart {
  taskQueue: string
  name: string
  workflowId: string
  argument: object
}

/** `again`: also when one of this id has ended already. Throws `WorkflowExecutionAlreadyStartedError` otherwise. */
export async function startWorkflow(
  { client }: TemporalSession,
  { taskQueue, name, workflowId, argument }: WorkflowStart,
  { again = false } = {},
): Promise<void> {
  if (!Object.hasOwn(workflowNames, name)) throw new Error(`there is no workflow named ${name}`)
  await client.withDeadline(Date.now() + requestTimeoutMs, () =>
    client.workflow.start(name, {
      workflowId,
      taskQueue,
      args: [argument],
      priority: priorityOf(name),
      workflowIdReusePolicy: again ? WorkflowIdReusePolicy.ALLOW_DUPLICATE : WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    }),
  )
}

/**
 * Before the mass of exchanges, which have Temporal's own middle, 3: a roll-back must not wait behind a backlog of
 * learning.
 */
function priorityOf(name: string): { priorityKey: number } {
  return { priorityKey: name === workflowNames.experiment ? 1 : 2 }
}
