import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toLowestUuid } from '../../db/partitions.ts'
import type { ExchangeFilter } from '../../db/words/exchange.ts'
import type { ReanalysisCaps } from '../../db/words/reanalysis.ts'
import { learnGroup } from '../activities/learn.ts'
import { createReanalysisActivities, type ReanalysisDependencies } from '../activities/reanalyse.ts'
import { reanalysisSignals, toReanalysisWorkflowId, workflowNames } from '../contract.ts'
import { anyAnalyst } from './analyst-stand-in.ts'
import { chat, completion, type ExchangeInput } from './journal-input.ts'
import { eventually, openHarness, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(() => harness.close())

const empty: ExchangeInput = { response: completion('') }
const patterns = () =>
  harness.rows('select title, frequency::int, successes::int, failures::int from prompt_patterns order by title')
const progress = async () =>
  (await harness.rows('select state, total::int, done::int, failed::int from reanalyses order by id desc'))[0]
const failures = () =>
  harness.rows('select exchange_id as id, reason, retry from reanalysis_failures order by exchange_id')

function open(overrides: Partial<ReanalysisDependencies> = {}) {
  return createReanalysisActivities({
    database: harness.database,
    pageSize: 7,
    sliceSize: 20,
    thresholds: { minExchanges: 20, maxSuccessRate: 0.7 },
    resolveAnalyst: async () => null,
    prices: {},
    ...overrides,
  })
}

async function record(count: number, input: (index: number) => ExchangeInput = () => ({})): Promise<string[]> {
  const ids = await harness.write(count, input)
  await shipAll(harness)
  return ids
}

/** As the control process leaves it. */
async function insert(filter: ExchangeFilter = {}, caps: ReanalysisCaps = {}): Promise<string> {
  const id = v7()
  await harness.rows(
    `insert into reanalyses (id, started_by, filter, caps, state) values ('${id}', 'reviewer', '${JSON.stringify(filter)}', '${JSON.stringify(caps)}', 'queued')`,
  )
  return id
}

/** As the workflows go through it, without Temporal. */
async function run(activities: ReturnType<typeof open>, id: string): Promise<number> {
  await activities.beginReanalysis(id)
  const slices = await activities.planReanalysis(id)
  for (const slice of slices) while ((await activities.reanalysePart(id, { slice })).state === 'more');
  await activities.finishReanalysis(id)
  return slices.length
}

const poison = async (ids: string[]) => {
  await harness.rows(
    `create function refuse() returns trigger language plpgsql as $$ begin if new.id in ('${ids.join("','")}') then raise exception 'poison'; end if; return new; end $$`,
  )
  await harness.rows('create trigger refuse before update on requests for each row execute function refuse()')
}

describe('slices', () => {
  test('cover every exchange once and change no count, also when pages are asked for twice', async () => {
    const ids = await record(95, (index) => (index % 2 === 0 ? empty : {}))
    await learnGroup(
      {
        database: harness.database,
        thresholds: { minExchanges: 20, maxSuccessRate: 0.7 },
        resolveAnalyst: async () => null,
      },
      ids,
    )
    const before = await patterns()
    const activities = open()
    const id = await insert()
    await activities.beginReanalysis(id)
    const slices = await activities.planReanalysis(id)
    expect(slices).toEqual([0, 1, 2, 3, 4])
    expect(await activities.planReanalysis(id)).toEqual(slices)
    for (const slice of slices) {
      for (let states: string[] = []; !states.includes('over');)
        states = (await Promise.all([1, 2, 3].map(() => activities.reanalysePart(id, { slice })))).map(
          ({ state }) => state,
        )
    }
    expect(await activities.planReanalysis(id)).toEqual([])
    expect(await activities.finishReanalysis(id)).toBe('completed')
    expect(await progress()).toEqual({ state: 'completed', total: 95, done: 95, failed: 0 })
    expect(await patterns()).toEqual(before)
  })

  test('stay few, however much there is to do', async () => {
    await record(260)
    expect(await run(open({ sliceSize: 1 }), await insert())).toBeLessThanOrEqual(201)
    expect(await progress()).toMatchObject({ state: 'completed', done: 260 })
  })

  test('do nothing while the run is paused or over', async () => {
    await record(30)
    const activities = open()
    const id = await insert()
    await activities.beginReanalysis(id)
    await activities.planReanalysis(id)
    await activities.setReanalysisState(id, 'paused')
    expect(await activities.reanalysePart(id, { slice: 0 })).toEqual({ state: 'paused', restMs: 0 })
    await activities.setReanalysisState(id, 'cancelled')
    expect(await activities.reanalysePart(id, { slice: 0 })).toEqual({ state: 'over', restMs: 0 })
    expect(await activities.finishReanalysis(id)).toBe('cancelled')
    expect(await progress()).toMatchObject({ done: 0 })
  })

  test('take no more a page than a second may have, and rest for the remainder', async () => {
    await record(10)
    const activities = open()
    const id = await insert({}, { maxPerSecond: 3 })
    await activities.beginReanalysis(id)
    await activities.planReanalysis(id)
    const step = await activities.reanalysePart(id, { slice: 0 })
    expect(step.state).toBe('more')
    expect(step.restMs).toBeGreaterThan(0)
    expect(step.restMs).toBeLessThanOrEqual(1_000)
    expect(await progress()).toMatchObject({ done: 3 })
  })
})

describe('a filter', () => {
  test.each<[string, ExchangeFilter, number]>([
    ['a team', { team: 'blue' }, 3],
    ['a key', { key: 'batch' }, 2],
    ['an endpoint', { endpoint: '/v1/messages' }, 1],
    ['a model', { model: 'big' }, 2],
    ['text of a request, in any case and across a line end', { text: 'FERRY "to" the\nisland' }, 1],
    ['text of an answer', { text: '100% sure' }, 1],
    ['text that is nowhere', { text: '100_ sure' }, 0],
    ['several at once', { team: 'blue', model: 'big' }, 1],
    ['a time', { to: new Date(Date.now() - 3_600_000).toISOString() }, 1],
  ])('by %s covers that and nothing else', async (_, filter, count) => {
    const old = toLowestUuid(Date.now() - 7_200_000).replace(/.$/, '1')
    await record(
      6,
      (index) =>
        [
          { intent: { team: 'blue' } },
          { intent: { team: 'blue', model: 'big', keyName: 'batch' } },
          { intent: { team: 'blue', endpoint: '/v1/messages' } },
          { intent: { model: 'big', keyName: 'batch' }, response: completion('I am 100% sure.') },
          { request: chat('Which ferry "to" the\nisland is the first?') },
          { id: old, intent: { at: Date.now() - 7_200_000 } },
        ][index] ?? {},
    )
    await run(open(), await insert(filter))
    expect(await progress()).toEqual({ state: 'completed', total: count, done: count, failed: 0 })
  })

  test('by outcome covers what was learned so before, and may change it', async () => {
    const ids = await record(4)
    await learnGroup(
      {
        database: harness.database,
        thresholds: { minExchanges: 20, maxSuccessRate: 0.7 },
        resolveAnalyst: async () => null,
      },
      ids,
    )
    await harness.rows(`update requests set verdict = 'failure' where id in ('${ids[0]}', '${ids[1]}')`)
    await harness.rows('update prompt_patterns set successes = 2, failures = 2')
    await run(open(), await insert({ outcome: 'failure' }))
    expect(await progress()).toMatchObject({ state: 'completed', done: 2 })
    expect(await patterns()).toMatchObject([{ frequency: 4, successes: 4, failures: 0 }])
  })
})

describe('exchanges that fail', () => {
  test('are named with their reason, hold nobody up, and are done when they are tried again', async () => {
    const ids = (await record(30)).sort()
    const bad = [ids[3], ids[17]] as string[]
    await poison(bad)
    const activities = open()
    const id = await insert()
    await run(activities, id)
    expect(await progress()).toEqual({ state: 'completed', total: 30, done: 28, failed: 2 })
    expect(await failures()).toEqual(
      bad.map((exchange) => ({ id: exchange, reason: expect.stringContaining('poison'), retry: 0 })),
    )
    expect(await patterns()).toMatchObject([{ frequency: 28 }])

    const retry = async (number: number) => {
      await harness.rows(`update reanalyses set state = 'queued', retries = ${number}`)
      await activities.beginReanalysis(id)
      while ((await activities.reanalysePart(id, { retry: number })).state === 'more');
      return activities.finishReanalysis(id)
    }
    expect(await retry(1)).toBe('completed')
    expect(await progress()).toMatchObject({ done: 28, failed: 2 })
    expect(await failures()).toMatchObject([{ retry: 1 }, { retry: 1 }])

    await harness.rows('drop trigger refuse on requests')
    expect(await retry(2)).toBe('completed')
    expect(await progress()).toEqual({ state: 'completed', total: 30, done: 30, failed: 0 })
    expect(await failures()).toEqual([])
    expect(await patterns()).toMatchObject([{ frequency: 30, successes: 30 }])
  })

  test('of a cancelled run are tried again without making it whole', async () => {
    const ids = (await record(30)).sort()
    await poison([ids[0] as string])
    const activities = open()
    const id = await insert()
    await activities.beginReanalysis(id)
    await activities.planReanalysis(id)
    await activities.reanalysePart(id, { slice: 0 })
    await activities.setReanalysisState(id, 'cancelled')
    await harness.rows('drop trigger refuse on requests')
    await harness.rows(`update reanalyses set state = 'queued', retries = 1`)
    await activities.beginReanalysis(id)
    await activities.reanalysePart(id, { retry: 1 })
    expect(await activities.finishReanalysis(id)).toBe('cancelled')
    expect(await progress()).toMatchObject({ done: 7, failed: 0 })
  })
})

describe('patterns that turn out weak', () => {
  const weakPatterns = (): Promise<string[]> =>
    record(60, (index) => ({
      ...empty,
      request: chat(`${['Translate', 'Summarise', 'Describe'][index % 3]} all of the following words: ${index}`),
    }))
  const drafts = () => harness.rows(`select state from enhancements`)

  test('are put before the analyst, as many as the caps allow, each with its workflow', async () => {
    await weakPatterns()
    const activities = open({ resolveAnalyst: async () => anyAnalyst })
    await run(activities, await insert({}, { maxClaudeCalls: 2 }))
    expect(await drafts()).toEqual([{ state: 'drafting' }, { state: 'drafting' }])
    expect(
      await harness.rows(
        `select count(*)::int from workflow_commands where kind = 'start' and workflow_id like 'enhancement/%'`,
      ),
    ).toEqual([{ count: 2 }])
    expect(await harness.rows('select proposals from reanalyses')).toEqual([{ proposals: 2 }])
    await run(activities, await insert())
    expect(await drafts()).toHaveLength(3)
  })

  test('are put before nobody without an analyst, or where dollars are capped and the price is unknown', async () => {
    await weakPatterns()
    await run(open(), await insert())
    await run(open({ resolveAnalyst: async () => anyAnalyst }), await insert({}, { maxUsd: 100 }))
    expect(await drafts()).toEqual([])
    await run(
      open({ resolveAnalyst: async () => anyAnalyst, prices: { [anyAnalyst.model]: { input: 3, output: 15 } } }),
      await insert({}, { maxUsd: 0.13 }),
    )
    expect(await drafts()).toHaveLength(1)
  })
})

describe('the workflow', () => {
  test('goes through slices by child workflows, is paused, goes on, and tries again what failed', async () => {
    const ids = (await record(60)).sort()
    await poison([ids[5] as string])
    const id = await insert({}, { maxPerSecond: 25 })
    await harness.putCommand('start', toReanalysisWorkflowId(id), workflowNames.reanalysis, { reanalysisId: id })
    const learner = await harness.startLearner()
    await eventually(async () => expect((await progress())?.done).toBeGreaterThan(0))
    await harness.putCommand('signal', toReanalysisWorkflowId(id), reanalysisSignals.pause, {})
    await eventually(async () => expect((await progress())?.state).toBe('paused'))
    const paused = await progress()
    expect(paused?.done).toBeLessThan(60)
    await harness.putCommand('signal', toReanalysisWorkflowId(id), reanalysisSignals.resume, {})
    await eventually(async () =>
      expect(await progress()).toEqual({ state: 'completed', total: 60, done: 59, failed: 1 }),
    )
    await harness.rows('drop trigger refuse on requests')
    await harness.rows(`update reanalyses set state = 'queued', retries = 1`)
    await harness.putCommand('start', toReanalysisWorkflowId(id, 1), workflowNames.reanalysis, {
      reanalysisId: id,
      retry: 1,
    })
    await eventually(async () =>
      expect(await progress()).toEqual({ state: 'completed', total: 60, done: 60, failed: 0 }),
    )
    const client = await harness.temporalClient()
    expect((await client.workflow.getHandle(`reanalysis/${id}/slice/0`).describe()).status.name).toBe('COMPLETED')
    expect(await client.workflow.getHandle(toReanalysisWorkflowId(id)).result()).toEqual({ state: 'completed' })
    await learner.stop()
  })
})
