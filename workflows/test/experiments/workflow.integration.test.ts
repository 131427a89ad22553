/**
 * The workflow itself, on a real Temporal server: it looks by itself, survives its worker, and ends with its
 * experiment.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../docker/test/product.ts'
import { openHarness, type Harness } from '../learner-harness.ts'
import { openExperiments, type Experiments } from './experiment-harness.ts'

let harness: Harness
let experiments: Experiments
beforeAll(async () => {
  harness = await openHarness()
  experiments = openExperiments(harness.orm, harness.database)
})
afterAll(() => harness.close())

const startLearner = () =>
  harness.startLearner({ config: { experiments: { ...harness.config.experiments, evaluateEveryMs: 100 } } })
const sessions = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ session: `s-${from + index}`, at: Date.now() + index }))
const looks = async (id: string): Promise<string> => String((await experiments.row(id)).evaluated_at)

test('it looks again and again, goes on with another worker after the first one is gone, and rolls back what does harm', async () => {
  const experiment = await experiments.open({ ramp: [1], windowMs: 60_000 })
  const first = await startLearner()
  await experiments.record(experiment, sessions(0, 20))
  await waitFor(
    async () => (await experiments.row(experiment.id)).evaluation?.exposed.control > 0,
    'the exposures are seen',
  )
  await first.stop()
  const stopped = await looks(experiment.id)
  const second = await startLearner()
  await waitFor(async () => (await looks(experiment.id)) !== stopped, 'another worker looks')
  // Not even scored yet, as under a load that puts learning off.
  await experiments.record(
    experiment,
    sessions(100, 80).map((exchange) => ({ ...exchange, learned: false })),
    (arm) => (arm === 'treatment' ? { status: 'error', httpStatus: 502 } : {}),
  )
  await waitFor(async () => (await experiments.row(experiment.id)).state === 'rolled_back', 'it is rolled back')
  const client = await harness.temporalClient()
  const handle = client.workflow.getHandle(`experiment/${experiment.id}`)
  expect(await handle.result()).toMatchObject({ looks: expect.any(Number) })
  await second.stop()
}, 150_000)

test('a person’s act is looked at at once, however long it waits', async () => {
  const experiment = await experiments.open({ ramp: [1], windowMs: 60_000 })
  const learner = await harness.startLearner({
    config: { experiments: { ...harness.config.experiments, evaluateEveryMs: 120_000 } },
  })
  await waitFor(async () => (await experiments.row(experiment.id)).evaluated_at !== null, 'it is looked at')
  await experiments.repository.act(experiment.id, 'tester', () => ({ to: 'stopped', cause: 'stopped' }), {
    kind: 'signal',
    workflowId: `experiment/${experiment.id}`,
    name: 'nudged',
    argument: {},
  })
  const client = await harness.temporalClient()
  expect(await client.workflow.getHandle(`experiment/${experiment.id}`).result()).toMatchObject({ looks: 2 })
  await learner.stop()
}, 150_000)
