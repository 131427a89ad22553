import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { createLearnActivities } from '../activities/learn.ts'
import { toExchangeWorkflowId } from '../contract.ts'
import { completion } from './journal-input.ts'
import { eventually, openHarness, shipAll, type Harness } from './learner-harness.ts'
import { openTcpSwitch } from './tcp-switch.ts'

let harness: Harness
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(() => harness.close())

const learned = () =>
  harness.rows('select id from requests where learned_at is not null and workflow_started_at is not null order by id')
const frequency = async () =>
  (await harness.rows('select sum(frequency)::int as frequency from prompt_patterns'))[0]?.frequency

describe('an exchange', () => {
  test('has one completed workflow of its own, with its search attributes and without its prompt', async () => {
    const learner = await harness.startLearner()
    const [id] = await harness.write(1, () => ({ intent: { sessionKey: 'talk' }, response: completion('') }))
    const client = await harness.temporalClient()
    await eventually(async () => expect(await learned()).toEqual([{ id }]))
    const handle = client.workflow.getHandle(toExchangeWorkflowId(id as string))
    const [pattern] = await harness.rows('select id from prompt_patterns')
    expect(await handle.result()).toEqual({ patternId: pattern?.id, verdict: 'failure', enhancementId: null })
    const { status, searchAttributes } = await handle.describe()
    expect(status.name).toBe('COMPLETED')
    expect(searchAttributes).toMatchObject({
      SinewModel: ['gpt-4o'],
      SinewVerdict: ['failure'],
      SinewPattern: [pattern?.id],
      SinewSession: [expect.stringMatching(/^[0-9a-f]{32}$/)],
    })
    const history = await handle.fetchHistory()
    expect(history.events?.filter((event) => event.workflowTaskCompletedEventAttributes)).toHaveLength(1)
    expect(Buffer.from(JSON.stringify(history)).toString()).not.toContain('Summarise')
    await learner.stop()
  })

  test('that came while Temporal was away has its workflow once Temporal is there', async () => {
    const temporal = await openTcpSwitch(inject('temporalAddress'))
    const away = { ...harness.temporal, connection: { ...harness.temporal.connection, address: temporal.address } }
    const learner = await harness.startLearner({ temporal: away, untilReady: false })
    const first = await harness.write(50)
    await eventually(async () =>
      expect(await harness.rows('select id from requests where finished_at is not null')).toHaveLength(50),
    )
    await temporal.on()
    await eventually(async () => expect(await learned()).toHaveLength(50))
    await temporal.off()
    const second = await harness.write(50)
    await eventually(async () =>
      expect(await harness.rows('select id from requests where finished_at is not null')).toHaveLength(100),
    )
    await temporal.on()
    await eventually(async () => expect((await learned()).map(({ id }) => id)).toEqual([...first, ...second].sort()))
    expect(await frequency()).toBe(100)
    expect(await harness.rows('select id from quarantine')).toEqual([])
    await learner.stop()
    await temporal.off()
  })

  test('is counted once by two learners on one journal', async () => {
    const learners = await Promise.all([harness.startLearner(), harness.startLearner()])
    const ids = await harness.write(200)
    await eventually(async () => expect((await learned()).map(({ id }) => id)).toEqual(ids.sort()))
    expect(await frequency()).toBe(200)
    await Promise.all(learners.map((learner) => learner.stop()))
  })

  test('whose mark was lost is started again without being learned again', async () => {
    const learner = await harness.startLearner()
    await harness.write(10)
    await eventually(async () => expect(await learned()).toHaveLength(10))
    await harness.rows('update requests set workflow_started_at = null')
    await eventually(async () => expect(await learned()).toHaveLength(10))
    expect(await frequency()).toBe(10)
    await learner.stop()
  })
})

test('the learner says how it is', async () => {
  const learner = await harness.startLearner()
  await eventually(async () =>
    expect((await harness.rows(`select state from process_states where name = 'learner'`))[0]?.state).toMatchObject({
      temporal: { state: 'up' },
      worker: { state: 'polling' },
      outbox: { pendingStarts: 0 },
      journal: { bytes: 0 },
      quarantined: 0,
      analyst: null,
    }),
  )
  await learner.stop()
})

test('an activity that is run twice at once, as after a lost answer, gives the same answer', async () => {
  const [id] = await harness.write(1)
  await shipAll(harness)
  const { learn } = createLearnActivities(
    {
      database: harness.database,
      thresholds: { minExchanges: 20, maxSuccessRate: 0.7 },
      resolveAnalyst: async () => null,
    },
    () => 1,
  )
  const [first, second] = await Promise.all([learn(id as string), learn(id as string)])
  expect(second).toEqual(first)
  expect(await frequency()).toBe(1)
})
