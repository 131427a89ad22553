/** The Temporal worker: connects, polls, and comes back by itself when the server was away. */
import { Client } from '@temporalio/client'
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'
import type { Log } from '../../db/process/log.ts'
import type { TemporalConfig } from '../../temporal.config.ts'
import { startLoop } from '../../db/process/loop.ts'
import { ensureSearchAttributes } from './search-attributes.ts'

/**
 * What starts and signals workflows; it shares the worker's connection, so that a start can bring its first task along.
 */
export interface TemporalSession {
  client: Client
  connection: NativeConnection
  withSearchAttributes: boolean
}

export interface LearnerWorker {
  /** `null` while there is no connection. */
  readonly session: TemporalSession | null
  readonly state: 'connecting' | 'polling' | 'stopped'
  /** What went wrong last, while it is not polling. */
  readonly error: string | null
  stop(): Promise<void>
}

export interface LearnerWorkerOptions {
  temporal: TemporalConfig
  workflowBundle: NonNullable<WorkerOptions['workflowBundle']>
  activities: object
  log: Log
  /** Called each time the worker begins to poll. */
  onPolling?: () => void
}

/** A server that has restarted is polled again within this, however long it was away. */
const retryMs = { retryMinMs: 200, retryMaxMs: 5_000 }
/** A server that is starting on a machine without a free moment answers late. */
const requestTimeoutMs = 15_000
const maxWorkflowTasks = 200

export function startLearnerWorker(options: LearnerWorkerOptions): LearnerWorker {
  const { temporal, log, onPolling = () => {} } = options
  let session: TemporalSession | null = null
  let worker: Worker | null = null
  let state: LearnerWorker['state'] = 'connecting'
  let stopping = false

  async function step(): Promise<boolean> {
    const connection = await connect(temporal)
    try {
      const withSearchAttributes = await ensureSearchAttributes(connection, temporal.namespace, log)
      worker = await createWorker(connection, options)
      if (stopping) return false
      const running = worker.run()
      session = { client: new Client({ connection, namespace: temporal.namespace }), connection, withSearchAttributes }
      state = 'polling'
      const { namespace, taskQueue } = temporal
      log.info({ address: temporal.connection.address, namespace, taskQueue }, 'worker polls Temporal')
      onPolling()
      await running
      return true
    } finally {
      session = null
      worker = null
      state = 'connecting'
      await connection.close().catch(() => {})
    }
  }

  const loop = startLoop({ name: 'worker', log, idleMs: retryMs.retryMinMs, step, ...retryMs })
  return {
    get session() {
      return session
    },
    get state() {
      return state
    },
    get error() {
      return loop.error
    },
    stop: async () => {
      stopping = true
      if (worker?.getState() === 'RUNNING') worker.shutdown()
      await loop.stop()
      state = 'stopped'
    },
  }
}

/** Throws where the server does not answer, or has no such namespace. */
async function connect({ connection: address, namespace }: TemporalConfig): Promise<NativeConnection> {
  const connection = await NativeConnection.connect({
    ...address,
    // Within a machine compressing costs more than it saves: about a tenth of the processor time of both sides.
    ...(isLoopback(address.address) ? { grpcCompression: { codec: 'none' } } : {}),
  })
  try {
    await connection.withDeadline(Date.now() + requestTimeoutMs, () =>
      connection.workflowService.describeNamespace({ namespace }),
    )
    return connection
  } catch (error) {
    await connection.close().catch(() => {})
    throw error
  }
}

function createWorker(
  connection: NativeConnection,
  { temporal, workflowBundle, activities }: LearnerWorkerOptions,
): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: temporal.taskQueue,
    workflowBundle,
    activities,
    shutdownGraceTime: '5 seconds',
    shutdownForceTime: '15 seconds',
    maxConcurrentLocalActivityExecutions: 100,
    // A start brings its first task along only while a slot is free; with the default of 40 most starts go without.
    maxConcurrentWorkflowTaskExecutions: maxWorkflowTasks,
  })
}

function isLoopback(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/.test(address)
}
