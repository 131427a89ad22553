import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DefaultLogger, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { pino } from 'pino'
import { beforeAll, expect, test } from 'vitest'
import { bundleWorkflows } from '../learner/bundle.ts'
import { installTemporalRuntime } from '../learner/temporal-runtime.ts'

// Workflows that wait for a person outlive a build: what an earlier one recorded must replay under this one. From 1.0
// on a change that fails here needs `patched()`; until then the histories are recorded anew.
const folder = join(import.meta.dirname, 'histories')
const histories = readdirSync(folder).filter((name) => name.endsWith('.json'))

let workflowBundle: WorkflowBundleWithSourceMap
beforeAll(async () => {
  installTemporalRuntime(pino({ level: 'silent' }))
  workflowBundle = await bundleWorkflows(new DefaultLogger('ERROR'))
})

test.each(histories)('%s replays without a difference', async (name) => {
  await Worker.runReplayHistory({ workflowBundle }, JSON.parse(readFileSync(join(folder, name), 'utf8')), name)
})

test('a history that this code did not write is told apart', async () => {
  const text = readFileSync(join(folder, 'reanalysis.json'), 'utf8')
  const other = JSON.parse(text.replaceAll('beginReanalysis', 'openReanalysis')) as object
  await expect(Worker.runReplayHistory({ workflowBundle }, other, 'other')).rejects.toThrow()
})
