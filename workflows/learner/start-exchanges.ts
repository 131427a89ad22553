/**
 * Starts the workflows of recorded exchanges. PostgreSQL is the outbox: what is not marked as started is started
 * (again).
 */
import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client'
import type { Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import {
  countRefusedStart,
  findWaitingExchanges,
  markStarted,
  type WaitingExchange,
} from '../../db/repositories/commands/outbox.ts'
import { attemptsMax, setAside } from '../../db/repositories/system/quarantine.ts'
import { searchAttributes, toExchangeWorkflowId, workflowNames, type ExchangeInput } from '../contract.ts'
import { decidePace } from '../domain/system/pace.ts'
import { startLoop, type Loop } from '../../db/process/loop.ts'
import { isAway, isRefused, isUnknownSearchAttribute } from './temporal-errors.ts'
import type { TemporalSession } from './worker.ts'

export interface OutboxOptions {
  database: Database
  taskQueue: string
  /** `null` while Temporal is away. */
  session: () => TemporalSession | null
  log: Log
  /** Exchanges recorded a second, lately. */
  arrivalsPerSecond?: () => number
}

const batchMax = 256
const startsAtOnce = 32
/** Slowness is not absence: a start that was late has happened all the same, and is not wanted twice. */
const startTimeoutMs = 15_000
/** The shipper wakes it; this finds what was left by a learner that died. */
const idleMs = 500
const maxIdleMs = 2_000
/** Keyword columns hold 255 characters. */
const attributeCharactersMax = 200

export function startOutbox({ database, taskQueue, session, log, arrivalsPerSecond = () => 0 }: OutboxOptions): Loop {
  const cores = availableParallelism()

  async function step(stopping: () => boolean): Promise<boolean> {
    const temporal = session()
    if (temporal === null) return false
    const pace = decidePace(arrivalsPerSecond(), cores, batchMax)
    const waiting = await findWaitingExchanges(database, pace.starts)
    const queue = [...waiting]
    const started: string[] = []
    const failed: { exchange: WaitingExchange; error: unknown }[] = []
    const startSome = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined && !stopping(); next = queue.shift()) {
        try {
          await startExchange(temporal, taskQueue, next)
          started.push(next.id)
        } catch (error) {
          failed.push({ exchange: next, error })
          // A server that is away or short of breath is not asked for the rest.
          if (isAway(error)) queue.length = 0
        }
      }
    }
    await Promise.all(Array.from({ length: startsAtOnce }, startSome))
    await markStarted(database, started)
    await judgeFailures(failed, started.length > 0)
    if (pace.pauseMs > 0 && !stopping()) await pause(pace.pauseMs)
    return waiting.length === pace.starts
  }

  /**
   * What only some of a batch suffer from is theirs; what all of them suffer from is Temporal's, and waits. Thrown, so
   * that the loop waits longer each time.
   */
  async function judgeFailures(
    failed: { exchange: WaitingExchange; error: unknown }[],
    othersStarted: boolean,
  ): Promise<void> {
    for (const { exchange, error } of failed) {
      if (isAway(error) || (!isRefused(error) && !othersStarted)) throw error
      await refuse(exchange, error)
    }
  }

  async function refuse({ id }: WaitingExchange, error: unknown): Promise<void> {
    const attempts = await countRefusedStart(database, id)
    log.warn(
      { exchange: id, attempts, err: error instanceof Error ? error.message : String(error) },
      'Temporal refused a workflow',
    )
    if (attempts >= attemptsMax)
      await setAside(database, {
        stage: 'workflow',
        exchangeId: id,
        place: toExchangeWorkflowId(id),
        error,
        payload: null,
      })
  }

  return startLoop({ name: 'outbox', log, idleMs, maxIdleMs, step })
}

/** "Already started" is success: somebody else did it, or the answer to an earlier attempt was lost. */
async function startExchange(
  session: TemporalSession,
  taskQueue: string,
  { id, model, session: conversation }: WaitingExchange,
): Promise<void> {
  const { client, withSearchAttributes } = session
  const input: ExchangeInput = { exchangeId: id, withSearchAttributes }
  const attributes = {
    ...(model ? { [searchAttributes.model]: [model.slice(0, attributeCharactersMax)] } : {}),
    ...(conversation ? { [searchAttributes.session]: [conversation] } : {}),
  }
  try {
    await client.withDeadline(Date.now() + startTimeoutMs, () =>
      client.workflow.start(workflowNames.exchange, {
        workflowId: toExchangeWorkflowId(id),
        taskQueue,
        args: [input],
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        // The worker runs in this process, on this connection: the first task comes with the answer. Doubles the rate.
        requestEagerStart: true,
        ...(withSearchAttributes ? { searchAttributes: attributes } : {}),
      }),
    )
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return
    if (!withSearchAttributes || !isUnknownSearchAttribute(error)) throw error
    session.withSearchAttributes = false
    await startExchange(session, taskQueue, { id, model, session: conversation })
  }
}
