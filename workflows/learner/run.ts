/** Everything the learner runs, put together. Each part tries again on its own; none waits for another. */
import { Runtime } from '@temporalio/worker'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { kyselyOf, type Database } from '../../db/database.ts'
import { openNotifications } from '../../db/notifications.ts'
import { openOrm } from '../../db/orm.ts'
import type { Log } from '../../db/process/log.ts'
import type { SinewConfig } from '../../db/words/config.ts'
import type { TemporalConfig } from '../../temporal.config.ts'
import { createSchemaChecker } from '../activities/schema/schema-checker.ts'
import { createAnalystResolver } from '../analyst/analyst-resolver.ts'
import { decidePace } from '../domain/system/pace.ts'
import { aborted } from './aborted.ts'
import { createArrivals } from './arrivals.ts'
import { loadWorkflowBundle } from './bundle.ts'
import { createActivities } from './create-activities.ts'
import { startCommands } from './deliver-commands.ts'
import { startFeedback } from './feedback.ts'
import { startHeartbeat } from './heartbeat.ts'
import { startJudge } from './judge.ts'
import { startMiner } from './mining/miner.ts'
import { prepareDatabase, startPartitions } from './prepare-database.ts'
import { listJobs, startSchedules } from './schedules.ts'
import { startShipper } from './shipping/shipper.ts'
import { startOutbox } from './start-exchanges.ts'
import { startLearnerWorker, type LearnerWorkerOptions } from './worker.ts'

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

/** Runs until the signal; then every part finishes what it has under way. */
export async function runLearner(options: LearnerOptions): Promise<void> {
  const { config, databaseUrl, log, signal, cacheDir } = options
  const bundling = loadWorkflowBundle(cacheDir ?? join(config.dataDir, 'cache'), Runtime.instance().logger)
  const orm = await openOrm(databaseUrl)
  const database = kyselyOf(orm.em.fork())
  const prepared = await prepareDatabase(databaseUrl, database, log, signal)
  const workflowBundle = await bundling
  if (prepared) {
    const parts = startParts(options, database, workflowBundle)
    await aborted(signal)
    await parts.stop()
  }
  await orm.close()
}

function startParts(
  { config, temporal, databaseUrl, log, onReady }: LearnerOptions,
  database: Database,
  workflowBundle: LearnerWorkerOptions['workflowBundle'],
): { stop(): Promise<void> } {
  const { learning, prices } = config
  const resolveAnalyst = createAnalystResolver(database, config)
  const schemas = createSchemaChecker()
  const arrivals = createArrivals()
  let lastLearnedAt: number | null = null
  const onLearned = (): void => void (lastLearnedAt = Date.now())

  const worker = startLearnerWorker({
    temporal,
    workflowBundle,
    activities: createActivities({ database, config, schemas, resolveAnalyst, log, onLearned }),
    log,
    onPolling: () => {
      for (const part of [outbox, commands, schedules]) part.wake()
      onReady()
    },
  })
  const towardsTemporal = { database, taskQueue: temporal.taskQueue, session: () => worker.session, log }
  const outbox = startOutbox({ ...towardsTemporal, arrivalsPerSecond: arrivals.perSecond })
  const commands = startCommands(towardsTemporal)
  const schedules = startSchedules({ ...towardsTemporal, jobs: listJobs(config) })
  const notifications = openNotifications(databaseUrl, ['sinew_outbox'], () => commands.wake())

  const isBusy = (): boolean => decidePace(arrivals.perSecond(), availableParallelism(), 1).pauseMs > 0
  const miner = startMiner({ database, thresholds: learning.enhance, resolveAnalyst, log, isBusy })
  const feedback = startFeedback({ database, log, schemas })
  const judge = startJudge({ database, settings: learning.judge, resolveAnalyst, schemas, log })
  const shipper = startShipper({
    database,
    directory: join(config.dataDir, 'journal'),
    prices,
    log,
    onRecorded: (finished) => {
      arrivals.add(finished)
      miner.wake()
      outbox.wake()
    },
    onFeedback: () => feedback.wake(),
  })
  const partitions = startPartitions(database, log)
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

  return {
    stop: async () => {
      const loops = [shipper, outbox, miner, commands, schedules, feedback, judge, partitions, heartbeat]
      await Promise.all(loops.filter((loop) => loop !== null).map((loop) => loop.stop()))
      await worker.stop()
      await schemas.close()
      await notifications.close()
    },
  }
}
