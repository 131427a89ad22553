import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { learnGroup } from '../activities/learn.ts'
import { createSchemaChecker } from '../activities/schema/schema-checker.ts'
import { reanalysisSignals, toReanalysisWorkflowId, workflowNames } from '../contract.ts'
import { eventually, openHarness, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(() => harness.close())

const frequency = async () =>
  (await harness.rows('select sum(frequency)::int as frequency from prompt_patterns'))[0]?.frequency

/** Learned as their workflows would, without them: what is tested here is another workflow. */
async function recordLearned(count: number): Promise<void> {
  const ids = await harness.write(count)
  await shipAll(harness)
  const schemas = createSchemaChecker()
  const thresholds = harness.config.learning.enhance
  await learnGroup({ database: harness.database, thresholds, resolveAnalyst: async () => null, schemas }, ids)
  await schemas.close()
}

describe('a reanalysis', () => {
  /** A page holds what the cap allows in a second. */
  const start = async (maxPerSecond: number): Promise<string> => {
    const id = v7()
    await harness.rows(
      `insert into reanalyses (id, started_by, filter, caps, state) values ('${id}', 'reviewer', '{}', '{"maxPerSecond": ${maxPerSecond}}', 'queued')`,
    )
    await harness.putCommand('start', toReanalysisWorkflowId(id), workflowNames.reanalysis, { reanalysisId: id })
    return id
  }
  const progress = async () =>
    (await harness.rows('select state, total::int, done::int, failed::int from reanalyses'))[0]

  test('goes through every page once and says so', async () => {
    await recordLearned(90)
    await start(40)
    const learner = await harness.startLearner()
    await eventually(async () =>
      expect(await progress()).toEqual({ state: 'completed', total: 90, done: 90, failed: 0 }),
    )
    expect(await frequency()).toBe(90)
    await learner.stop()
  })

  test('pauses, goes on and is cancelled as people ask', async () => {
    await recordLearned(60)
    // One a second: it cannot be through before it is paused.
    const id = await start(1)
    const learner = await harness.startLearner()
    await eventually(async () => expect((await progress())?.state).toBe('running'))
    await harness.putCommand('signal', toReanalysisWorkflowId(id), reanalysisSignals.pause, {})
    await eventually(async () => expect((await progress())?.state).toBe('paused'))
    const paused = await progress()
    expect(paused?.done).toBeLessThan(60)
    await harness.putCommand('signal', toReanalysisWorkflowId(id), reanalysisSignals.resume, {})
    await eventually(async () => expect((await progress())?.done).toBeGreaterThan(paused?.done as number))
    await harness.putCommand('signal', toReanalysisWorkflowId(id), reanalysisSignals.cancel, {})
    const client = await harness.temporalClient()
    const handle = client.workflow.getHandle(toReanalysisWorkflowId(id))
    expect(await handle.result()).toEqual({ state: 'cancelled' })
    const cancelled = await progress()
    expect(cancelled?.state).toBe('cancelled')
    expect(cancelled?.done).toBeLessThan(60)
    await learner.stop()
  })
})

describe('a command', () => {
  test('that names no workflow is set aside, and later ones are delivered', async () => {
    const learner = await harness.startLearner()
    await harness.putCommand('start', 'nonsense/1', 'nonsense', {})
    const reanalysis = v7()
    await harness.putCommand('start', toReanalysisWorkflowId(reanalysis), workflowNames.reanalysis, {
      reanalysisId: reanalysis,
    })
    await eventually(async () =>
      expect(await harness.rows('select name from workflow_commands where done_at is not null')).toHaveLength(2),
    )
    expect(await harness.rows('select stage, error from quarantine')).toEqual([
      { stage: 'workflow', error: 'there is no workflow named nonsense' },
    ])
    await learner.stop()
  })
})
