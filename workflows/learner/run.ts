/** Everything the learner runs, put together. Each part tries again on its own; none waits for another. */
import { Context } from '@temporalio/activity'
import { Runtime } from '@temporalio/worker'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { kyselyOf, type Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import { openNotifications } from '../../db/notifications.ts'
import { migrate, openOrm } from '../../db/orm.ts'
import { ensurePartitions } from '../../db/partitions.ts'
import type { SinewConfig } from '../../db/words/config.ts'
import type { TemporalConfig } from '../../temporal.config.ts'
import { createAnalystActivities } from '../activities/analyst.ts'
import { createEnhancementLifeActivities } from '../activities/enhancement-life.ts'
import { createExperimentActivities } from '../activities/experiment.ts'
import { createJobActivities } from '../activities/jobs.ts'
import { createLearnActivities } from '../activities/learn.ts'
import { createReanalysisActivities } from '../activities/reanalyse.ts'
import { createAnalystResolver } from '../analyst/analyst-resolver.ts'
import { loadWorkflowBundle } from './bundle.ts'
import { decidePace } from '../domain/system/pace.ts'
import { startCommands } from './deliver-commands.ts'
import { startFeedback } from './feedback.ts'
import { startHeartbeat } from './heartbeat.ts'
import { startJudge } from './judge.ts'
import { withHeartbeats } from '../activities/heartbeating.ts'
import { startLoop } from '../../db/process/loop.ts'
import { createArrivals } from './arrivals.ts'
import { startMiner } from './mining/miner.ts'
import { startOutbox } from './start-exchanges.ts'
import { createReplay } from '../analyst/replay.ts'
import { createSchemaChecker } from '../activities/schema/schema-checker.ts'
import { listJobs, startSchedules } from './schedules.ts'
import { startShipper } from './shipping/shipper.ts'
import { startLearnerWorker } from './worker.ts'

export interface LearnerOptions {
  config: SinewConfig
  temporal: TemporalConfig
  databaseUrl: string
  log: Log
  /** Aborted when the process is to stop; `runLearner` then resolves. */
  signal: AbortSignal
  /** Called when the worker polls Temporal. */
  onReady: () => void
  /** Where the workflow bundle is kept; by default in the data folder. */
  cacheDir?: string
}

const partitionDaysAhead = 7
const partitionsEveryMs = 3_600_000
const reanalysisSizes = { pageSize: 200, sliceSize: 10_000 }

/** Runs until the signal; then every part finishes what it has under way. */
// oxlint-disable-next-line max-lines-per-function -- puts the parts together, one after the other
export async function runLearner({
  config,
  temporal,
  databaseUrl,
  log,
  signal,
  onReady,
  cacheDir,
}: LearnerOptions): Promise<void> {
  const bundling = loadWorkflowBundle(cacheDir ?? join(config.dataDir, 'cache'), Runtime.instance().logger)
  const orm = await openOrm(databaseUrl)
  const database = kyselyOf(orm.em.fork())
  // The first rows of a day must find its partition: they could not be moved into it later.
  const prepared = await prepareWhenReachable(databaseUrl, log, signal, () => makePartitions(database, log))
  const workflowBundle = await bundling
  if (!prepared) return orm.close()
  const resolveAnalyst = createAnalystResolver(database, config)
  const schemas = createSchemaChecker()
  let lastLearnedAt: number | null = null
  const { learn } = createLearnActivities(
    { database, thresholds: config.learning.enhance, resolveAnalyst, schemas },
    () => Context.current().info.attempt,
  )
  const activities = {
    learn: async (exchangeId: string) => {
      const result = await learn(exchangeId)
      lastLearnedAt = Date.now()
      return result
    },
    ...withHeartbeats(createEnhancementLifeActivities({ database, settings: config.learning.enhance, log })),
    ...withHeartbeats(
      createAnalystActivities({
        database,
        limits: config.learning.enhance,
        replay: createReplay({ database, providers: config.providers, settings: config.learning.replay, schemas }),
        resolveAnalyst,
        log,
        signal: () => Context.current().cancellationSignal,
      }),
    ),
    ...withHeartbeats(
      createReanalysisActivities({
        database,
        ...reanalysisSizes,
        schemas,
        thresholds: config.learning.enhance,
        resolveAnalyst,
        prices: config.prices,
      }),
    ),
    ...withHeartbeats(
      createExperimentActivities({ database, evaluateEveryMs: config.experiments.evaluateEveryMs, now: Date.now }),
    ),
    ...withHeartbeats(
      createJobActivities({ database, watch: config.learning.watch, retention: config.retention, log }),
    ),
  }
  const arrivals = createArrivals()
  const onRecorded = (finished: number): void => {
    arrivals.add(finished)
    miner.wake()
    outbox.wake()
  }
  const shipper = startShipper({
    database,
    directory: join(config.dataDir, 'journal'),
    prices: config.prices,
    log,
    onRecorded,
    onFeedback: () => feedback.wake(),
  })
  const worker = startLearnerWorker({
    temporal,
    workflowBundle,
    activities,
    log,
    onPolling: () => {
      outbox.wake()
      commands.wake()
      schedules.wake()
      onReady()
    },
  })
  const shared = { database, taskQueue: temporal.taskQueue, session: () => worker.session, log }
  const isBusy = (): boolean => decidePace(arrivals.perSecond(), availableParallelism(), 1).pauseMs > 0
  const miner = startMiner({ database, thresholds: config.learning.enhance, resolveAnalyst, log, isBusy })
  const outbox = startOutbox({ ...shared, arrivalsPerSecond: arrivals.perSecond })
  const commands = startCommands(shared)
  const schedules = startSchedules({
    session: shared.session,
    taskQueue: temporal.taskQueue,
    jobs: listJobs(config),
    log,
  })
  const notifications = openNotifications(databaseUrl, ['sinew_outbox'], () => commands.wake())
  const feedback = startFeedback({ database, log, schemas })
  const judge = startJudge({ database, settings: config.learning.judge, resolveAnalyst, schemas, log })
  const partitions = startLoop({
    name: 'partitions',
    log,
    idleMs: partitionsEveryMs,
    step: () => makePartitions(database, log),
  })
  const heartbeat = startHeartbeat({
    database,
    shipper,
    worker,
    outbox,
    temporal: { address: temporal.connection.address, namespace: temporal.namespace },
    lastLearnedAt: () => lastLearnedAt,
    resolveAnalyst,
    log,
  })

  await aborted(signal)
  await Promise.all([
    shipper.stop(),
    outbox.stop(),
    miner.stop(),
    commands.stop(),
    feedback.stop(),
    judge?.stop(),
    partitions.stop(),
    heartbeat.stop(),
  ])
  await worker.stop()
  await schemas.close()
  await notifications.close()
  await orm.close()
}

async function makePartitions(database: Database, log: Log): Promise<boolean> {
  const left = await ensurePartitions(database, Date.now(), partitionDaysAhead)
  if (left.length > 0)
    log.warn({ partitions: left }, 'these days stay in the default partition: it holds rows of theirs already')
  return false
}

/** PostgreSQL may start later than the learner. False when the learner is to stop before that. */
async function prepareWhenReachable(
  databaseUrl: string,
  log: Log,
  signal: AbortSignal,
  prepare: () => Promise<unknown>,
): Promise<boolean> {
  const done = new AbortController()
  const loop = startLoop({
    name: 'migrations',
    log,
    idleMs: 0,
    retryMaxMs: 3_000,
    step: async () => {
      if (done.signal.aborted) return false
      await migrate(databaseUrl)
      await prepare()
      done.abort()
      return false
    },
  })
  await aborted(AbortSignal.any([signal, done.signal]))
  await loop.stop()
  return done.signal.aborted
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
