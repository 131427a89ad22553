/** Every activity of the worker, each family with what it needs of this process. */
import { Context } from '@temporalio/activity'
import type { Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import type { SinewConfig } from '../../db/words/config.ts'
import { createAnalystActivities } from '../activities/analyst.ts'
import { createEnhancementLifeActivities } from '../activities/enhancement-life.ts'
import { createExperimentActivities } from '../activities/experiment.ts'
import { withHeartbeats } from '../activities/heartbeating.ts'
import { createJobActivities } from '../activities/jobs.ts'
import { createLearnActivities } from '../activities/learn.ts'
import { createReanalysisActivities } from '../activities/reanalyse.ts'
import type { SchemaChecker } from '../activities/schema/schema-checker.ts'
import { createReplay } from '../analyst/replay.ts'

export interface ActivityDependencies {
  database: Database
  config: SinewConfig
  schemas: SchemaChecker
  resolveAnalyst: () => Promise<AnalystConfig | null>
  log: Log
  /** Called after each exchange that was learned from. */
  onLearned: () => void
}

const reanalysisSizes = { pageSize: 200, sliceSize: 10_000 }

export function createActivities(dependencies: ActivityDependencies) {
  const { database, config, log } = dependencies
  const { enhance, watch } = config.learning
  return {
    ...createLearn(dependencies),
    ...withHeartbeats(createEnhancementLifeActivities({ database, settings: enhance, log })),
    ...withHeartbeats(createAnalyst(dependencies)),
    ...withHeartbeats(createReanalysis(dependencies)),
    ...withHeartbeats(
      createExperimentActivities({ database, evaluateEveryMs: config.experiments.evaluateEveryMs, now: Date.now }),
    ),
    ...withHeartbeats(createJobActivities({ database, watch, retention: config.retention, log })),
  }
}

/** A local activity, over in milliseconds: it needs no heartbeat. */
function createLearn({ database, config, schemas, resolveAnalyst, onLearned }: ActivityDependencies) {
  const { learn } = createLearnActivities(
    { database, thresholds: config.learning.enhance, resolveAnalyst, schemas },
    () => Context.current().info.attempt,
  )
  return {
    learn: async (exchangeId: string) => {
      const result = await learn(exchangeId)
      onLearned()
      return result
    },
  }
}

function createAnalyst({ database, config, schemas, resolveAnalyst, log }: ActivityDependencies) {
  const { providers, learning } = config
  return createAnalystActivities({
    database,
    limits: learning.enhance,
    replay: createReplay({ database, providers, settings: learning.replay, schemas }),
    resolveAnalyst,
    log,
    signal: () => Context.current().cancellationSignal,
  })
}

function createReanalysis({ database, config, schemas, resolveAnalyst }: ActivityDependencies) {
  const { learning, prices } = config
  return createReanalysisActivities({
    database,
    ...reanalysisSizes,
    schemas,
    thresholds: learning.enhance,
    resolveAnalyst,
    prices,
  })
}
