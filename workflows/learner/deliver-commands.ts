/**
 * Delivers what people's decisions mean for workflows: starts and signals that were stored with the decision itself.
 */
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import {
  countRefusedCommand,
  findWaitingCommands,
  markDelivered,
  type WaitingCommand,
} from '../../db/repositories/commands/outbox.ts'
import { attemptsMax, setAside } from '../../db/repositories/system/quarantine.ts'
import { startLoop, type Loop } from '../../db/process/loop.ts'
import { restartLostWorkflows } from './restart-lost.ts'
import type { OutboxOptions } from './start-exchanges.ts'
import { requestTimeoutMs, startWorkflow } from './start-workflow.ts'
import { isRefused } from './temporal-errors.ts'
import type { TemporalSession } from './worker.ts'

const maxBatch = 100
/** NOTIFY wakes the loop; this finds what a lost message left. */
const idleMs = 1_000
const maxIdleMs = 2_000
const lookForLostEveryMs = 60_000

export function startCommands(options: OutboxOptions): Loop {
  let lookedForLostAt = -Infinity

  async function step(): Promise<boolean> {
    const temporal = options.session()
    if (temporal === null) return false
    const waiting = await findWaitingCommands(options.database, maxBatch)
    const byWorkflow = Map.groupBy(waiting, (command) => command.workflowId)
    await Promise.all([...byWorkflow.values()].map((commands) => deliverInOrder(options, temporal, commands)))
    if (performance.now() - lookedForLostAt > lookForLostEveryMs) {
      await restartLostWorkflows(options, temporal)
      lookedForLostAt = performance.now()
    }
    return waiting.length === maxBatch
  }

  return startLoop({ name: 'commands', log: options.log, idleMs, maxIdleMs, step })
}

/** Later commands for the same workflow wait until the earlier one is through. */
async function deliverInOrder(
  options: OutboxOptions,
  temporal: TemporalSession,
  commands: WaitingCommand[],
): Promise<void> {
  for (const command of commands) {
    if (!(await deliver(options, temporal, command))) return
  }
}

/** Answers whether the command is done with. */
async function deliver(options: OutboxOptions, temporal: TemporalSession, command: WaitingCommand): Promise<boolean> {
  let note: string | null = null
  try {
    await send(options.taskQueue, temporal, command)
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      note = 'the workflow does not exist any more; the decision itself stands in PostgreSQL'
    else if (error instanceof WorkflowExecutionAlreadyStartedError) note = 'already started'
    else if (isRefused(error)) return countRefusal(options, command, error)
    else throw error
  }
  await markDelivered(options.database, command.id, note)
  return true
}

async function send(taskQueue: string, temporal: TemporalSession, command: WaitingCommand): Promise<void> {
  const { kind, name, workflowId, argument } = command
  if (kind === 'start') return startWorkflow(temporal, { taskQueue, name, workflowId, argument })
  const { client } = temporal
  await client.withDeadline(Date.now() + requestTimeoutMs, () =>
    client.workflow.getHandle(workflowId).signal(name, argument),
  )
}

/** After a few attempts the command is set aside, so that it holds up nothing behind it. */
async function countRefusal({ database, log }: OutboxOptions, command: WaitingCommand, error: unknown) {
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
