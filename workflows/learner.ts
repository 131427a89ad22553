/** The learner process: moves the journal to PostgreSQL, starts what follows from it, and works for Temporal. */
import { join } from 'node:path'
import { readConfig } from '../db/config/config.ts'
import { createLog } from '../db/process/log.ts'
import { announceProcess, onStop, reportReady } from '../db/process/lifecycle.ts'
import { readTemporalConfig } from '../temporal.config.ts'
import { findDatabaseUrl } from '../db/process/database-url.ts'
import { endOnProblems } from '../db/config/report-problems.ts'
import { runLearner } from './learner/run.ts'
import { installTemporalRuntime } from './learner/temporal-runtime.ts'

const { config, problems } = readConfig(process.env)
const temporal = readTemporalConfig(process.env)
endOnProblems([...problems, ...temporal.problems])

try {
  announceProcess(config.dataDir, 'learner', join('workflows', 'learner'))
  const databaseUrl = findDatabaseUrl(config)
  const log = createLog('learner')
  installTemporalRuntime(log)
  const stopping = new AbortController()
  onStop((reason) => {
    log.info({ reason }, 'learner stops')
    stopping.abort()
  })
  await runLearner({
    config,
    temporal: temporal.config,
    databaseUrl,
    log,
    signal: stopping.signal,
    onReady: () => reportReady(),
  })
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
