import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { reanalysisSignals, toReanalysisWorkflowId, workflowNames } from '../contract.ts'
import { eventually, openHarness, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(() => harness.close())

const learned = () => harness.rows('select id from requests where learned_at is not null')
const frequency = async () =>
  (await harness.rows('select sum(frequency)::int as frequency from prompt_patterns'))[0]?.frequency

describe('a reanalysis', () => {
  const start = async (): Promise<string> => {
    const id = v7()
    await harness.rows(
      `insert into reanalyses (id, started_by, filter, state) values ('${id}', 'reviewer', '{}', 'queued')`,
    )
    await harness.putCommand('start', toReanalysisWorkflowId(id), workflowNames.reanalysis, { reanalysisId: id })
    return id
  }
  const progress = async () =>
    (await harness.rows('select state, total::int, done::int, failed::int from reanalyses'))[0]

  test('goes through every page once and says so', async () => {
    const learner = await harness.startLearner()
    await harness.write(450)
    await eventually(async () => expect(await learned()).toHaveLength(450))
    await start()
    await eventually(async () =>
      expect(await progress()).toEqual({ state: 'completed', total: 450, done: 450, failed: 0 }),
    )
    expect(await frequency()).toBe(450)
    await learner.stop()
  })

  test('pauses, goes on and is cancelled as people ask', async () => {
    await harness.write(450)
    await shipAll(harness)
    const id = await start()
    await harness.putCommand('signal', toReanalysisWorkflowId(id), reanalysisSignals.pause, {})
    const learner = await harness.startLearner()
    await eventually(async () => expect((await progress())?.state).toBe('paused'))
    const client = await harness.temporalClient()
    const handle = client.workflow.getHandle(toReanalysisWorkflowId(id))
    const paused = await progress()
    await harness.putCommand('signal', toReanalysisWorkflowId(id), reanalysisSignals.resume, {})
    if (paused?.done === 450) return learner.stop()
    await harness.putCommand('signal', toReanalysisWorkflowId(id), reanalysisSignals.cancel, {})
    expect(['cancelled', 'completed']).toContain(((await handle.result()) as { state: string }).state)
    expect((await progress())?.state).not.toBe('paused')
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
