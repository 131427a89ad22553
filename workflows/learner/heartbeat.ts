/** What the learner says of itself every two seconds, for the control process to show. */
import type { Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import { countWaitingExchanges } from '../../db/repositories/commands/outbox.ts'
import { reportState } from '../../db/repositories/system/process-states.ts'
import { countQuarantined } from '../../db/repositories/system/quarantine.ts'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import { startLoop, type Loop } from '../../db/process/loop.ts'
import type { Shipper } from './shipping/shipper.ts'
import type { LearnerWorker } from './worker.ts'

export interface HeartbeatOptions {
  database: Database
  shipper: Shipper
  worker: LearnerWorker
  outbox: Loop
  temporal: { address: string; namespace: string }
  /** When the last exchange was learned in this process; `null` = none was yet. */
  lastLearnedAt: () => number | null
  resolveAnalyst: () => Promise<AnalystConfig | null>
  log: Log
}

const everyMs = 2_000
/** A server that is short of time answers late; only one that answers nothing is down. */
const temporalTimeoutMs = 5_000
const countedMost = 10_000

export function startHeartbeat({
  database,
  shipper,
  worker,
  outbox,
  temporal,
  lastLearnedAt,
  resolveAnalyst,
  log,
}: HeartbeatOptions): Loop {
  const startedAt = new Date().toISOString()

  async function step(): Promise<boolean> {
    const now = Date.now()
    const depth = await shipper.depth()
    const learnedAt = lastLearnedAt()
    const [answers, pendingStarts, quarantined, analyst] = await Promise.all([
      asksTemporal(),
      countWaitingExchanges(database, countedMost),
      countQuarantined(database),
      resolveAnalyst(),
    ])
    await reportState(database, 'learner', {
      pid: process.pid,
      startedAt,
      journal: {
        bytes: depth.bytes,
        oldestAt: depth.oldestAt === null ? null : new Date(depth.oldestAt).toISOString(),
      },
      shipper: {
        lagMs: depth.bytes === 0 ? 0 : now - (shipper.caughtUpAt || Date.parse(startedAt)),
        error: shipper.error,
      },
      outbox: { pendingStarts, error: outbox.error },
      temporal: { ...temporal, state: answers ? 'up' : 'down' },
      worker: { state: worker.state, error: worker.error },
      learning: { lastLearnedAt: learnedAt === null ? null : new Date(learnedAt).toISOString() },
      quarantined,
      analyst: analyst && {
        model: analyst.model,
        baseUrl: analyst.baseUrl,
        maxCallsPerDay: analyst.maxCallsPerDay,
        maxTokensPerDay: analyst.maxTokensPerDay,
      },
    })
    return false
  }

  /** The namespace, because that is read from the server's own store: without it nothing moves. */
  async function asksTemporal(): Promise<boolean> {
    const session = worker.session
    if (session === null) return false
    try {
      await session.connection.withDeadline(Date.now() + temporalTimeoutMs, () =>
        session.connection.workflowService.describeNamespace({ namespace: temporal.namespace }),
      )
      return true
    } catch {
      return false
    }
  }

  return startLoop({ name: 'heartbeat', log, idleMs: everyMs, step })
}
