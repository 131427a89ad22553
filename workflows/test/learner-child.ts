/** A learner in a process of its own, so that it can be killed; its one argument is what it runs on, as JSON. */
import { createLog } from '../../db/process/log.ts'
import { onStop, reportReady } from '../../db/process/lifecycle.ts'
import type { LearnerOptions } from '../learner/run.ts'
import { runLearner } from '../learner/run.ts'
import { installTemporalRuntime } from '../learner/temporal-runtime.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as Pick<LearnerOptions, 'config' | 'temporal' | 'databaseUrl'>
const log = createLog('learner')
installTemporalRuntime(log)
const stopping = new AbortController()
onStop(() => stopping.abort())
await runLearner({ ...options, log, signal: stopping.signal, onReady: () => reportReady() })
process.exit(0)
