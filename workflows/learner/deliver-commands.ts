/**
 * Delivers what people's decisions mean for workflows: starts and signals that were stored with the decision itself.
 */
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { findStaleDrafts } from '../../db/repositories/enhancements/drafts.ts'
import { returnSnoozed } from '../../db/repositories/enhancements/enhancement-life.ts'
import { findSilentExperiments } from '../../db/repositories/experiments/experiments.ts'
import {
  countRefusedCommand,
  findWaitingCommands,
  markDelivered,
  type WaitingCommand,
} from '../../db/repositories/commands/outbox.ts'
import { attemptsMax, setAside } from '../../db/repositories/system/quarantine.ts'
import { toEnhancementWorkflowId, toExperimentWorkflowId, workflowNames } from '../contract.ts'
import { startLoop, type Loop } from '../../db/process/loop.ts'
import type { OutboxOptions } from './start-exchanges.ts'
import { isRefused } from './temporal-errors.ts'
import type { TemporalSession } from './worker.ts'

const batchMax = 100
const requestTimeoutMs = 15_000
/** NOTIFY wakes it; this finds what a lost message left. */
const idleMs = 1_000
const staleDraftSeconds = 60
const staleDraftsEveryMs = 60_000
/** Longer than any experiment waits between two looks. */
const silentExperimentSeconds = 900

/**
 * Before the mass of exchanges, which have Temporal's own middle, 3: a roll-back must not wait behind a backlog of
 * learning.
 */
function priorityOf(name: string): { priorityKey: number } {
  return { priorityKey: name === workflowNames.experiment ? 1 : 2 }
}

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function startCommands({ database, taskQueue, session, log }: OutboxOptions): Loop {
  let lookedForDraftsAt = -Infinity

  async function step(): Promise<boolean> {
    const temporal = session()
    if (temporal === null) return false
    const waiting = await findWaitingCommands(database, batchMax)
    const byWorkflow = Map.groupBy(waiting, (command) => command.workflowId)
    await Promise.all([...byWorkflow.values()].map((commands) => deliverInOrder(temporal, commands)))
    if (performance.now() - lookedForDraftsAt > staleDraftsEveryMs) {
      await restartStaleDrafts(temporal)
      // Insurance again: their workflows do it, unless one was lost or is older than the timer.
      await returnSnoozed(database, null, staleDraftSeconds)
      await restartSilentExperiments(temporal)
      lookedForDraftsAt = performance.now()
    }
    return waiting.length === batchMax
  }

  /** What comes later for the same workflow waits until the earlier one is through. */
  async function deliverInOrder(temporal: TemporalSession, commands: WaitingCommand[]): Promise<void> {
    for (const command of commands) {
      if (!(await deliver(temporal, command))) return
    }
  }

  async function deliver({ client }: TemporalSession, command: WaitingCommand): Promise<boolean> {
    let note: string | null = null
    try {
      await client.withDeadline(Date.now() + requestTimeoutMs, () =>
        command.kind === 'start'
          ? start(client, command.name, command.workflowId, command.argument)
          : client.workflow.getHandle(command.workflowId).signal(command.name, command.argument),
      )
    } catch (error) {
      if (error instanceof WorkflowNotFoundError)
        note = 'the workflow is not there any more; what was decided stands in PostgreSQL'
      else if (error instanceof WorkflowExecutionAlreadyStartedError) note = 'already started'
      else if (isRefused(error)) return refuse(command, error)
      else throw error
    }
    await markDelivered(database, command.id, note)
    return true
  }

  async function start(
    client: TemporalSession['client'],
    name: string,
    workflowId: string,
    argument: object,
  ): Promise<void> {
    if (!Object.hasOwn(workflowNames, name)) throw new Error(`there is no workflow named ${name}`)
    await client.workflow.start(name, {
      workflowId,
      taskQueue,
      args: [argument],
      priority: priorityOf(name),
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    })
  }

  async function refuse(command: WaitingCommand, error: unknown): Promise<boolean> {
    const message = error instanceof Error ? error.message : String(error)
    const attempts = await countRefusedCommand(database, command.id, message)
    log.warn(
      { workflow: command.workflowId, command: command.name, attempts, err: message },
      'Temporal refused a command',
    )
    if (attempts < attemptsMax) return false
    await setAside(database, {
      stage: 'workflow',
      exchangeId: null,
      place: `command/${command.id}`,
      error,
      payload: null,
    })
    await markDelivered(database, command.id, message)
    return true
  }

  /** Insurance for a draft whose workflow was never started, or was lost with Temporal's own data. */
  async function restartStaleDrafts({ client }: TemporalSession): Promise<void> {
    for (const enhancementId of await findStaleDrafts(database, staleDraftSeconds)) {
      try {
        await client.withDeadline(Date.now() + requestTimeoutMs, () =>
          start(client, workflowNames.enhancement, toEnhancementWorkflowId(enhancementId), { enhancementId }),
        )
        log.warn({ enhancement: enhancementId }, 'a draft had no workflow; it has one again')
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
      }
    }
  }

  /** An experiment that nobody looks at would go on without its guardrails. */
  async function restartSilentExperiments({ client }: TemporalSession): Promise<void> {
    for (const experimentId of await findSilentExperiments(database, silentExperimentSeconds)) {
      try {
        await client.withDeadline(Date.now() + requestTimeoutMs, () =>
          client.workflow.start(workflowNames.experiment, {
            workflowId: toExperimentWorkflowId(experimentId),
            taskQueue,
            args: [{ experimentId }],
            priority: priorityOf(workflowNames.experiment),
            workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
          }),
        )
        log.warn({ experiment: experimentId }, 'an experiment had no workflow; it has one again')
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
      }
    }
  }

  return startLoop({ name: 'commands', log, idleMs, step })
}
