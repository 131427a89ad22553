/** What a reanalysis would cost, how it is followed, and what becomes of exchanges that fail. */
import { EventSource } from 'eventsource'
import { v7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startAdmin, tokens, waitFor, type Admin } from './admin.ts'

let admin: Admin
const sources: EventSource[] = []
beforeAll(async () => {
  admin = await startAdmin({
    config: {
      claude: {
        baseUrl: 'http://127.0.0.1:1',
        apiKey: 'k',
        model: 'analyst-1',
        maxCallsPerDay: 5,
        maxTokensPerDay: 50_000,
      },
      prices: { 'analyst-1': { input: 1, output: 10 } },
    },
  })
})
afterEach(async () => {
  for (const source of sources.splice(0)) source.close()
  await admin.seed.client.query('delete from analyst_calls')
})
afterAll(() => admin.close())

const range = { from: '2026-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }
const start = async (input: object = {}): Promise<string> =>
  (await admin.mutate('reanalysis.start', { ...range, ...input })).data.id
const set = (id: string, change: string) =>
  admin.seed.client.query(`update reanalyses set ${change} where id = '${id}'`)
const notify = (id: string) => admin.seed.client.query(`select pg_notify('sinew_learning', $1)`, [id])

test('an estimate names the exchanges, the time and the cost of the selection before it is started', async () => {
  const weak = await admin.seed.pattern({ title: 'Weak', frequency: 40, successes: 4, failures: 36 })
  const strong = await admin.seed.pattern({ title: 'Strong', frequency: 40, successes: 39, failures: 1 })
  const answered = await admin.seed.pattern({ title: 'Weak, and answered', frequency: 40, successes: 4, failures: 36 })
  await admin.seed.enhancement({ patternId: answered })
  for (const patternId of [weak, weak, weak, strong, answered])
    await admin.seed.exchange({ patternId, model: 'estimated' })
  await admin.seed.exchange({ patternId: weak, model: 'another' })
  await admin.seed.exchange({ patternId: weak, model: 'estimated', open: true })
  const estimate = async (input: object = {}) =>
    (await admin.query('reanalysis.estimate', { ...range, filter: { model: 'estimated' }, ...input })).data
  const first = await estimate()
  expect(first).toEqual({
    count: 5,
    seconds: expect.any(Number),
    basis: 'probe',
    claudeCalls: 1,
    claudeTokens: 8_192,
    claudeUsd: 0.08192,
  })
  expect(first.seconds).toBeGreaterThan(0)
  expect(await estimate({ caps: { maxPerSecond: 0.5 } })).toMatchObject({ seconds: 10 })
  expect(await estimate({ caps: { maxClaudeCalls: 0 } })).toMatchObject({
    claudeCalls: 0,
    claudeTokens: 0,
    claudeUsd: 0,
  })
  await admin.seed.client.query(
    `insert into analyst_calls (id, model, tokens, finished_at) values ('${v7()}', 'm', 3000, now()), ('${v7()}', 'm', 5000, now())`,
  )
  expect(await estimate()).toMatchObject({ claudeTokens: 4_000, claudeUsd: 0.04 })
  expect(await estimate({ filter: { model: 'nobody' } })).toEqual({
    count: 0,
    seconds: 0,
    basis: 'none',
    claudeCalls: 0,
    claudeTokens: 0,
    claudeUsd: 0,
  })
  await set(await start(), `state = 'completed', done = 900, failed = 100, worked_ms = 500`)
  expect(await estimate()).toMatchObject({ basis: 'runs', seconds: 5 / 2_000 })
})

test.each([
  ['a rate of nothing', { caps: { maxPerSecond: 0 } }, 'caps.maxPerSecond'],
  ['a cap nobody knows', { caps: { maxEuro: 3 } }, 'caps.maxEuro'],
  ['an outcome nobody knows', { filter: { outcome: 'fine' } }, 'filter.outcome'],
  ['a text of one letter', { filter: { text: 'a' } }, 'filter.text'],
])('%s is refused by its name, by the estimate too', async (_, input, field) => {
  for (const answer of [
    await admin.mutate('reanalysis.start', { ...range, ...input }),
    await admin.query('reanalysis.estimate', { ...range, ...input }),
  ]) {
    expect(answer.status).toBe(400)
    expect(answer.error?.message).toContain(field)
  }
})

test('where the price is unknown the cost is null, and dollars cannot be capped', async () => {
  const other = await startAdmin({
    config: {
      claude: {
        baseUrl: 'http://127.0.0.1:1',
        apiKey: 'k',
        model: 'unpriced',
        maxCallsPerDay: 5,
        maxTokensPerDay: 50_000,
      },
    },
  })
  try {
    await other.seed.exchange({ patternId: await other.seed.pattern({ frequency: 40, successes: 4, failures: 36 }) })
    expect((await other.query('reanalysis.estimate', range)).data).toMatchObject({ claudeCalls: 1, claudeUsd: null })
    const refused = await other.mutate('reanalysis.start', { ...range, caps: { maxUsd: 1 } })
    expect(refused.status).toBe(400)
    expect(refused.error?.message).toContain('caps.maxUsd')
  } finally {
    await other.close()
  }
})

test('its caps and filter stand with it', async () => {
  const id = await start({
    filter: { team: 'blue', key: 'batch', endpoint: '/v1/messages', outcome: 'failure', text: 'ferry' },
    caps: { maxPerSecond: 5, maxClaudeCalls: 2 },
  })
  expect((await admin.query('reanalysis.status', { id })).data).toMatchObject({
    caps: { maxPerSecond: 5, maxClaudeCalls: 2 },
    filter: { team: 'blue', key: 'batch', endpoint: '/v1/messages', outcome: 'failure', text: 'ferry' },
    retries: 0,
    proposals: 0,
  })
})

test('its progress comes at once, with every change, and ends with the run', async () => {
  const id = await start()
  const source = new EventSource(
    `${admin.url}/trpc/reanalysis.progress?input=${encodeURIComponent(JSON.stringify({ id }))}`,
    {
      fetch: (url, init) =>
        fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${tokens.admin}` } }),
    },
  )
  sources.push(source)
  const seen: { state: string; done: number }[] = []
  let returned = false
  source.addEventListener('message', (event) => seen.push(JSON.parse(event.data)))
  source.addEventListener('return', () => (returned = true))
  await waitFor(() => seen.length === 1, 'the first state')
  await set(id, `state = 'running', total = 10, done = 4`)
  await notify(id)
  await waitFor(() => seen.length === 2, 'the second')
  await set(id, `state = 'completed', done = 10`)
  await notify(id)
  await waitFor(() => returned, 'the end')
  expect(seen.map(({ state, done }) => `${state} ${done}`)).toEqual(['queued 0', 'running 4', 'completed 10'])
  const nobodys = await fetch(
    `${admin.url}/trpc/reanalysis.progress?input=${encodeURIComponent(JSON.stringify({ id: v7() }))}`,
    { headers: { authorization: `Bearer ${tokens.admin}` } },
  )
  expect(await nobodys.text()).toContain('NOT_FOUND')
})

test('what failed is listed with its reason, newest first, and tried again once the run is over', async () => {
  const id = await start()
  const ids = [v7(), v7(), v7()]
  for (const exchange of ids)
    await admin.seed.client.query(
      `insert into reanalysis_failures (reanalysis_id, exchange_id, reason) values ($1, $2, 'it cannot be judged')`,
      [id, exchange],
    )
  const first = (await admin.query('reanalysis.failures', { id, limit: 2 })).data
  expect(first.items).toMatchObject([{ exchangeId: ids[2], reason: 'it cannot be judged' }, { exchangeId: ids[1] }])
  expect((await admin.query('reanalysis.failures', { id, limit: 2, cursor: first.nextCursor })).data).toMatchObject({
    items: [{ exchangeId: ids[0] }],
    nextCursor: null,
  })

  expect((await admin.mutate('reanalysis.retry', { id })).error).toMatchObject({
    data: { code: 'CONFLICT' },
    message: expect.stringContaining('queued'),
  })
  await set(id, `state = 'completed', total = 9, done = 6, failed = 3`)
  expect((await admin.mutate('reanalysis.retry', { id })).data).toMatchObject({
    id,
    state: 'queued',
    retries: 1,
    workflowUrl: expect.stringContaining(encodeURIComponent(`reanalysis/${id}/retry/1`)),
  })
  const { rows } = await admin.seed.client.query(
    `select workflow_id, name, argument from workflow_commands where workflow_id like $1 order by id`,
    [`reanalysis/${id}%`],
  )
  expect(rows[1]).toEqual({
    workflow_id: `reanalysis/${id}/retry/1`,
    name: 'reanalysis',
    argument: { reanalysisId: id, retry: 1 },
  })
  await admin.mutate('reanalysis.pause', { id })
  expect(
    (
      await admin.seed.client.query(
        `select 1 from workflow_commands where kind = 'signal' and name = 'pause' and workflow_id = $1`,
        [`reanalysis/${id}/retry/1`],
      )
    ).rowCount,
  ).toBe(1)
})

test('a run in which nothing failed is not tried again', async () => {
  const id = await start()
  await set(id, `state = 'completed'`)
  expect((await admin.mutate('reanalysis.retry', { id })).error).toMatchObject({
    data: { code: 'CONFLICT' },
    message: 'there is no failed exchange to try again',
  })
  expect((await admin.mutate('reanalysis.retry', { id: v7() })).status).toBe(404)
})
