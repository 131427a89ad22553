import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from '@temporalio/worker'
import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { createLearnActivities } from '../activities/learn.ts'
import { bundleWorkflows } from '../bundle.ts'
import { decidedSignal, reanalysisSignals, toEnhancementWorkflowId, toExchangeWorkflowId, toReanalysisWorkflowId, workflowNames } from '../contract.ts'
import { answer, goodProposal, proposal, startAnalyst, type AnalystStandIn, type Script } from './analyst-stand-in.ts'
import { appendExchange, appendExchanges, completion, openTestJournal } from './journal-input.ts'
import { eventually, openHarness, quiet, shipAll, type Harness } from './learner-harness.ts'
import { openTcpSwitch } from './tcp-switch.ts'

let harness: Harness
let analyst: AnalystStandIn | null = null
const children: ChildProcess[] = []
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await analyst?.close()
  analyst = null
  await harness.close()
})

async function write(count: number, input?: Parameters<typeof appendExchanges>[2]): Promise<string[]> {
  const writer = openTestJournal(harness.journal)
  const ids = await appendExchanges(writer, count, input)
  await writer.close()
  return ids
}

async function useAnalyst(script: Script): Promise<{ claude: NonNullable<Harness['config']['claude']> }> {
  analyst = await startAnalyst(script)
  return { claude: { baseUrl: analyst.url, apiKey: 'k', model: 'm', maxCallsPerDay: 50, maxTokensPerDay: 1_000_000 } }
}

const put = (kind: string, workflowId: string, name: string, argument: object) =>
  harness.rows(`insert into workflow_commands (id, kind, workflow_id, name, argument) values ('${v7()}', '${kind}', '${workflowId}', '${name}', '${JSON.stringify(argument)}'); notify sinew_outbox`)
const learned = () => harness.rows('select id from requests where learned_at is not null and workflow_started_at is not null order by id')
const frequency = async () => (await harness.rows('select sum(frequency)::int as frequency from prompt_patterns'))[0]?.frequency

describe('an exchange', () => {
  test('has one completed workflow of its own, with its search attributes and without its prompt', async () => {
    const learner = await harness.startLearner()
    const [id] = await write(1, () => ({ intent: { sessionKey: 'talk' }, response: completion('') }))
    const client = await harness.temporalClient()
    await eventually(async () => expect(await learned()).toEqual([{ id }]))
    const handle = client.workflow.getHandle(toExchangeWorkflowId(id as string))
    const [pattern] = await harness.rows('select id from prompt_patterns')
    expect(await handle.result()).toEqual({ patternId: pattern?.id, verdict: 'failure', enhancementId: null })
    const { status, searchAttributes } = await handle.describe()
    expect(status.name).toBe('COMPLETED')
    expect(searchAttributes).toMatchObject({ SinewModel: ['gpt-4o'], SinewVerdict: ['failure'], SinewPattern: [pattern?.id], SinewSession: [expect.stringMatching(/^[0-9a-f]{32}$/)] })
    const history = await handle.fetchHistory()
    expect(history.events?.filter((event) => event.workflowTaskCompletedEventAttributes)).toHaveLength(1)
    expect(Buffer.from(JSON.stringify(history)).toString()).not.toContain('Summarise')
    await learner.stop()
  })

  test('that came while Temporal was away has its workflow once Temporal is there', async () => {
    const temporal = await openTcpSwitch(inject('temporalAddress'))
    const away = { ...harness.temporal, connection: { ...harness.temporal.connection, address: temporal.address } }
    const learner = await harness.startLearner({ temporal: away, untilReady: false })
    const first = await write(50)
    await eventually(async () => expect(await harness.rows('select id from requests where finished_at is not null')).toHaveLength(50))
    await temporal.on()
    await eventually(async () => expect(await learned()).toHaveLength(50))
    await temporal.off()
    const second = await write(50)
    await eventually(async () => expect(await harness.rows('select id from requests where finished_at is not null')).toHaveLength(100))
    await temporal.on()
    await eventually(async () => expect((await learned()).map(({ id }) => id)).toEqual([...first, ...second].sort()))
    expect(await frequency()).toBe(100)
    expect(await harness.rows('select id from quarantine')).toEqual([])
    await learner.stop()
    await temporal.off()
  })

  test('is counted once by two learners on one journal', async () => {
    const learners = await Promise.all([harness.startLearner(), harness.startLearner()])
    const ids = await write(200)
    await eventually(async () => expect((await learned()).map(({ id }) => id)).toEqual(ids.sort()))
    expect(await frequency()).toBe(200)
    await Promise.all(learners.map((learner) => learner.stop()))
  })

  test('whose mark was lost is started again without being learned again', async () => {
    const learner = await harness.startLearner()
    await write(10)
    await eventually(async () => expect(await learned()).toHaveLength(10))
    await harness.rows('update requests set workflow_started_at = null')
    await eventually(async () => expect(await learned()).toHaveLength(10))
    expect(await frequency()).toBe(10)
    await learner.stop()
  })

  test('survives learners that are killed in the middle, again and again', async () => {
    const entry = fileURLToPath(new URL('../learner.ts', import.meta.url))
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [entry], {
        env: { ...process.env, SINEW_DATA_DIR: harness.dataDir, DATABASE_URL: harness.url, TEMPORAL_ADDRESS: inject('temporalAddress') },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      children.push(child)
      await once(child, 'message')
      return child
    }
    const writer = openTestJournal(harness.journal)
    const ids: string[] = []
    for (let round = 1; round <= 3; round++) {
      const child = await start()
      const writing = Array.from({ length: 60 }, async () => ids.push(await appendExchange(writer)))
      // Killed while some of this round's are shipped and some are not.
      await eventually(async () => expect((await harness.rows('select id from requests where finished_at is not null')).length).toBeGreaterThan((round - 1) * 60))
      child.kill('SIGKILL')
      await Promise.all([...writing, once(child, 'exit')])
    }
    const last = await start()
    await eventually(async () => expect((await learned()).map(({ id }) => id)).toEqual(ids.sort()), 45_000)
    expect(await frequency()).toBe(180)
    expect(await harness.rows('select id from responses')).toHaveLength(180)
    await writer.close()
    last.kill('SIGTERM')
    expect(await once(last, 'exit')).toEqual([0, null])
  })
})

describe('an enhancement', () => {
  const weak = () => write(20, () => ({ response: completion('') }))
  const stored = async () => (await harness.rows('select id, state, failure from enhancements'))[0]

  test('is proposed, waits through a restart of its worker, and ends with the decision', async () => {
    const config = await useAnalyst((_, response) => answer(response, proposal(goodProposal)))
    const first = await harness.startLearner({ config })
    await weak()
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
    await first.stop()
    const id = (await stored())?.id as string
    const second = await harness.startLearner({ config })
    const client = await harness.temporalClient()
    const handle = client.workflow.getHandle(toEnhancementWorkflowId(id))
    expect((await handle.describe()).status.name).toBe('RUNNING')
    await harness.rows(`update enhancements set state = 'approved', version = 2`)
    await put('signal', toEnhancementWorkflowId(id), decidedSignal, { state: 'approved', version: 2, person: 'reviewer' })
    expect(await handle.result()).toEqual({ state: 'approved' })
    expect(analyst?.calls).toHaveLength(1)
    await second.stop()
  })

  test('that was decided while its workflow was away ends all the same', async () => {
    const config = await useAnalyst((_, response) => answer(response, proposal(goodProposal)))
    const learner = await harness.startLearner({ config })
    await weak()
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
    const id = (await stored())?.id as string
    const client = await harness.temporalClient()
    const handle = client.workflow.getHandle(toEnhancementWorkflowId(id))
    await handle.terminate()
    await harness.rows(`update enhancements set state = 'rejected', version = 2`)
    await put('signal', toEnhancementWorkflowId(id), decidedSignal, { state: 'rejected', version: 2, person: 'reviewer' })
    await eventually(async () => expect(await harness.rows('select last_error from workflow_commands where done_at is not null')).toMatchObject([{ last_error: expect.stringContaining('not there any more') }]))
    await learner.stop()
  })

  test('of an analyst that talks nonsense fails in words after three attempts', async () => {
    const config = await useAnalyst((_, response) => answer(response, 'complete nonsense'))
    const learner = await harness.startLearner({ config })
    await weak()
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'failed', failure: expect.stringContaining('no usable proposal in 3 attempts') }))
    expect(analyst?.calls).toHaveLength(3)
    await learner.stop()
  })

  test('takes the first usable answer after an outage and nonsense', async () => {
    const config = await useAnalyst((call, response) => (call === 1 ? answer(response, {}, 529) : answer(response, call === 2 ? 'nonsense' : proposal(goodProposal))))
    const learner = await harness.startLearner({ config })
    await weak()
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
    expect(analyst?.calls).toHaveLength(3)
    await learner.stop()
  })
})

describe('a reanalysis', () => {
  const start = async (): Promise<string> => {
    const id = v7()
    await harness.rows(`insert into reanalyses (id, started_by, filter, state) values ('${id}', 'reviewer', '{}', 'queued')`)
    await put('start', toReanalysisWorkflowId(id), workflowNames.reanalysis, { reanalysisId: id })
    return id
  }
  const progress = async () => (await harness.rows('select state, total::int, done::int, failed::int from reanalyses'))[0]

  test('goes through every page once and says so', async () => {
    const learner = await harness.startLearner()
    await write(450)
    await eventually(async () => expect(await learned()).toHaveLength(450))
    await start()
    await eventually(async () => expect(await progress()).toEqual({ state: 'completed', total: 450, done: 450, failed: 0 }))
    expect(await frequency()).toBe(450)
    await learner.stop()
  })

  test('pauses, goes on and is cancelled as people ask', async () => {
    await write(450)
    await shipAll(harness)
    const id = await start()
    await put('signal', toReanalysisWorkflowId(id), reanalysisSignals.pause, {})
    const learner = await harness.startLearner()
    await eventually(async () => expect((await progress())?.state).toBe('paused'))
    const client = await harness.temporalClient()
    const handle = client.workflow.getHandle(toReanalysisWorkflowId(id))
    const paused = await progress()
    await put('signal', toReanalysisWorkflowId(id), reanalysisSignals.resume, {})
    if (paused?.done === 450) return learner.stop()
    await put('signal', toReanalysisWorkflowId(id), reanalysisSignals.cancel, {})
    expect(['cancelled', 'completed']).toContain(((await handle.result()) as { state: string }).state)
    expect((await progress())?.state).not.toBe('paused')
    await learner.stop()
  })
})

describe('a command', () => {
  test('that names no workflow is set aside, and later ones are delivered', async () => {
    const learner = await harness.startLearner()
    await put('start', 'nonsense/1', 'nonsense', {})
    const reanalysis = v7()
    await put('start', toReanalysisWorkflowId(reanalysis), workflowNames.reanalysis, { reanalysisId: reanalysis })
    await eventually(async () => expect(await harness.rows('select name from workflow_commands where done_at is not null')).toHaveLength(2))
    expect(await harness.rows('select stage, error from quarantine')).toEqual([{ stage: 'workflow', error: 'there is no workflow named nonsense' }])
    await learner.stop()
  })
})

test('the learner says how it is', async () => {
  const learner = await harness.startLearner()
  await eventually(async () =>
    expect((await harness.rows(`select state from process_states where name = 'learner'`))[0]?.state).toMatchObject({
      temporal: { state: 'up' }, worker: { state: 'polling' }, outbox: { pendingStarts: 0 }, journal: { bytes: 0 }, quarantined: 0, analyst: null,
    }),
  )
  await learner.stop()
})

// A history that an earlier build wrote must replay under this one; the recorded ones are in test/histories.
test('recorded histories replay without a difference', async () => {
  const learner = await harness.startLearner({ config: await useAnalyst((_, response) => answer(response, proposal(goodProposal))) })
  const [id] = await write(20, () => ({ response: completion('') }))
  await eventually(async () => expect(await harness.rows(`select id from enhancements where state = 'proposed'`)).toHaveLength(1))
  const client = await harness.temporalClient()
  const [enhancement] = await harness.rows('select id from enhancements')
  const workflowBundle = await bundleWorkflows({ trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} })
  for (const workflowId of [toExchangeWorkflowId(id as string), toEnhancementWorkflowId(enhancement?.id as string)]) {
    const history = await client.workflow.getHandle(workflowId).fetchHistory()
    await Worker.runReplayHistory({ workflowBundle }, history, workflowId)
  }
  await learner.stop()
})

test('an activity that is run twice at once, as after a lost answer, gives the same answer', async () => {
  const [id] = await write(1)
  await shipAll(harness)
  const { learn } = createLearnActivities({ database: harness.database, thresholds: { minExchanges: 20, maxSuccessRate: 0.7 }, analyst: false }, () => 1)
  const [first, second] = await Promise.all([learn(id as string), learn(id as string)])
  expect(second).toEqual(first)
  expect(await frequency()).toBe(1)
  expect(quiet.level).toBe('silent')
})
