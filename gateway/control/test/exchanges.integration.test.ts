import { randomUUID } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { v7 } from 'uuid'
import { startAdmin, tokens, type Admin } from './admin.ts'

let admin: Admin
beforeAll(async () => {
  admin = await startAdmin()
})
afterAll(() => admin.close())

test('an exchange item has the shape of the contract', async () => {
  const patternId = await admin.seed.pattern({ title: 'Greets' })
  const id = await admin.seed.exchange({
    patternId,
    model: 'shape-model',
    verdict: 'failure',
    verdictReason: 'empty answer',
    costUsd: null,
  })
  const { data } = await admin.query('exchanges.list', { model: 'shape-model' })
  expect(data.nextCursor).toBeNull()
  expect(data.items).toHaveLength(1)
  expect(data.items[0]).toMatchObject({
    id,
    dialect: 'openai',
    provider: 'mock',
    model: 'shape-model',
    sessionId: null,
    patternId,
    patternTitle: 'Greets',
    status: 'ok',
    httpStatus: 200,
    stream: false,
    usage: { inputTokens: 12, outputTokens: 48 },
    costUsd: null,
    outcome: 'failure',
    outcomeReason: 'empty answer',
    enhancementId: null,
    workflowId: `exchange/${id}`,
  })
  expect(data.items[0].createdAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

test('an exchange says how its body came: its encoding, or length and digest of an upload of which the beginning is stored', async () => {
  const id = await admin.seed.exchange({ original: 'the beginning' })
  const encoded = { encoding: 'zstd', bytes: 7, digest: 'd'.repeat(64) }
  const upload = { bytes: 40_000_000, digest: 'e'.repeat(64) }
  await admin.seed.client.query(`update requests set decision = $2 where id = $1`, [id, { encoded }])
  await admin.seed.client.query(`update responses set change = $2 where id = $1`, [id, { upload }])
  expect((await admin.query('exchanges.get', { id })).data).toMatchObject({ encoded, upload })
  const plain = await admin.query('exchanges.get', { id: await admin.seed.exchange() })
  expect(plain.data).toMatchObject({ encoded: null, upload: null })
})

test('filters name team, key, endpoint, outcome, reason and arm; models and providers whatever their case, with a wildcard', async () => {
  const enhancementId = await admin.seed.enhancement({ patternId: await admin.seed.pattern() })
  const { data: approved } = await admin.mutate('enhancements.approve', { id: enhancementId, version: 1 })
  const experimentId = approved.experiment.id
  const ids: Record<string, string> = {}
  for (const arm of ['control', 'treatment'] as const) {
    ids[arm] = await admin.seed.exchange({
      model: `Arm-Model-${arm}`,
      provider: 'Vendor',
      keyName: 'arms',
      verdict: 'failure',
    })
    await admin.seed.client.query(
      `insert into experiment_exchanges (experiment_id, version, exchange_id, unit, arm, at) values ($1, 1, $2, $3, $3, now())`,
      [experimentId, ids[arm], arm],
    )
  }
  await admin.seed.client.query(
    `update requests set outcome_reasons = '[{"code":"empty","message":"it is empty"}]' where id = $1`,
    [ids.control],
  )
  const find = async (filter: object): Promise<string[]> =>
    (await admin.query('exchanges.list', filter)).data.items.map((item: { id: string }) => item.id).reverse()
  const both = [ids.control, ids.treatment]
  expect(await find({ experimentId })).toEqual(both)
  expect(await find({ experimentId, arm: 'treatment' })).toEqual([ids.treatment])
  expect(await find({ arm: 'control', key: 'arms' })).toEqual([ids.control])
  expect(await find({ model: 'arm-model-CONTROL' })).toEqual([ids.control])
  expect(await find({ model: 'arm-*' })).toEqual(both)
  expect(await find({ model: 'arm_model*' })).toEqual([])
  expect(
    await find({ provider: 'vendor', team: 'default', endpoint: '/v1/chat/completions', outcome: 'failure' }),
  ).toEqual(both)
  expect(await find({ key: 'arms', reason: 'empty' })).toEqual([ids.control])
  expect((await admin.query('exchanges.get', { id: ids.treatment })).data).toMatchObject({
    experimentId,
    arm: 'treatment',
  })
  expect((await admin.query('exchanges.get', { id: await admin.seed.exchange() })).data).toMatchObject({
    experimentId: null,
    arm: null,
  })
  expect((await admin.query('exchanges.names')).data).toMatchObject({
    keys: expect.arrayContaining(['arms']),
    providers: expect.arrayContaining(['Vendor']),
    teams: ['default'],
  })
})

test('a pattern says why it fails: what decided its latest failures, most frequent first, each with its newest exchange', async () => {
  const patternId = await admin.seed.pattern()
  const fail = async (reasons: object[], verdictReason: string | null = null): Promise<string> => {
    const id = await admin.seed.exchange({ patternId, verdict: 'failure', verdictReason })
    await admin.seed.client.query('update requests set outcome_reasons = $1 where id = $2', [
      JSON.stringify(reasons),
      id,
    ])
    return id
  }
  const json = { code: 'invalid_json', message: 'not JSON' }
  await fail([json, { code: 'feedback', message: 'no' }])
  const newest = await fail([json])
  const bare = await fail([], 'somebody said so')
  await admin.seed.exchange({ patternId, verdict: 'success' })
  expect((await admin.query('patterns.get', { id: patternId })).data.failureReasons).toEqual([
    { ...json, count: 2, newest },
    { code: null, message: 'somebody said so', count: 1, newest: bare },
  ])
})

test("a pattern says how far the rules' verdicts agree with what people said of its exchanges", async () => {
  const patternId = await admin.seed.pattern()
  const rate = async (verdict: 'success' | 'failure', ownVerdict: string, code = 'feedback'): Promise<void> => {
    const id = await admin.seed.exchange({ patternId, verdict })
    await admin.seed.client.query('update requests set outcome_reasons = $1, own_verdict = $2 where id = $3', [
      JSON.stringify([{ code, message: 'said' }]),
      ownVerdict,
      id,
    ])
  }
  await rate('failure', 'failure')
  await rate('failure', 'success')
  await rate('success', 'success')
  await rate('success', 'none')
  await rate('failure', 'failure', 'empty')
  expect((await admin.query('patterns.get', { id: patternId })).data.agreement).toMatchObject({
    failures: 2,
    foundFailures: 1,
    successes: 2,
    keptSuccesses: 2,
    sensitivity: { rate: 0.5 },
    specificity: { rate: 1 },
  })
})

test('answers are compressed as the client takes them, and are the same', async () => {
  for (let number = 0; number < 5; number++) await admin.seed.exchange()
  const ask = (encoding: string) =>
    fetch(`${admin.url}/trpc/exchanges.list`, {
      headers: { authorization: `Bearer ${tokens.admin}`, 'accept-encoding': encoding },
    })
  const plain = await ask('identity')
  expect(plain.headers.get('content-encoding')).toBeNull()
  const text = await plain.text()
  for (const [accepted, encoding] of [
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
  ] as const) {
    const response = await ask(accepted)
    expect([response.headers.get('content-encoding'), response.headers.get('vary')]).toEqual([
      encoding,
      expect.stringContaining('accept-encoding'),
    ])
    expect(await response.text()).toBe(text)
  }
})

test('one exchange shows original and sent request, answer, timings and its workflow', async () => {
  const original = { model: 'mock/gpt-test', messages: [{ role: 'user', content: 'Long' }] }
  const sent = { model: 'gpt-test', messages: [{ role: 'user', content: 'Short' }] }
  const id = await admin.seed.exchange({
    original: JSON.stringify(original),
    sent: JSON.stringify(sent),
    content: 'Good.',
    answer: gzipSync('{"answer":"Good."}'),
    answerHeaders: [['content-encoding', 'gzip']],
    toolCalls: [{ name: 'look', arguments: '{}' }],
  })
  const { data } = await admin.query('exchanges.get', { id })
  expect(data).toMatchObject({
    id,
    original,
    sent,
    changed: true,
    timings: { sentMs: 0.4, firstByteMs: 320, totalMs: 840 },
    workflowId: `exchange/${id}`,
    workflowUrl: `http://temporal.test/namespaces/default/workflows/exchange%2F${id}`,
    response: {
      status: 200,
      body: '{"answer":"Good."}',
      content: 'Good.',
      toolCalls: [{ name: 'look', arguments: '{}' }],
      usage: { outputTokens: 48 },
    },
  })
})

test.each([
  [
    'what was sent unchanged is the original',
    { original: '{"model":"m"}' },
    { original: { model: 'm' }, sent: { model: 'm' }, changed: false },
  ],
  [
    'what Sinew refused was never sent',
    { original: '{"model":"m"}', timings: { sentMs: null, firstByteMs: null, totalMs: 1 } },
    { original: { model: 'm' }, sent: null },
  ],
  ['a body that is no JSON is text', { original: '{"model":' }, { original: '{"model":' }],
  ['a body that was too big to keep is null', { original: null }, { original: null, sent: null }],
  [
    'a brotli answer is read',
    { answer: brotliCompressSync('Hello'), answerHeaders: [['Content-Encoding', 'br']] as [string, string][] },
    { response: { body: 'Hello' } },
  ],
  [
    'a cut gzip answer is read as far as it came',
    {
      answer: gzipSync('x'.repeat(5000)).subarray(0, -9),
      answerHeaders: [['content-encoding', 'gzip']] as [string, string][],
    },
    { response: { body: 'x'.repeat(5000) } },
  ],
  [
    'an unknown encoding is said, not guessed',
    { answer: Buffer.from('??'), answerHeaders: [['content-encoding', 'zip9']] as [string, string][] },
    { response: { body: null, bodyProblem: expect.stringContaining('zip9') } },
  ],
  [
    'an exchange that is not over has no answer',
    { open: true },
    { status: 'unknown', response: null, timings: null, httpStatus: null },
  ],
])('%s', async (_, row, expected) => {
  const { data } = await admin.query('exchanges.get', { id: await admin.seed.exchange(row) })
  expect(data).toMatchObject(expected)
})

test('every filter names what it leaves in', async () => {
  const sessionId = randomUUID()
  const patternId = await admin.seed.pattern()
  const at = new Date('2026-03-01T12:00:00.500Z')
  const id = await admin.seed.exchange({
    at,
    provider: 'prov-f',
    model: 'model-f',
    requestedModel: 'prov-f/model-f',
    sessionId,
    patternId,
    status: 'error',
    httpStatus: 500,
  })
  await admin.seed.exchange({ at: new Date('2026-03-01T12:00:01.000Z'), provider: 'prov-f', model: 'other' })
  const ids = async (filter: object): Promise<string[]> =>
    (await admin.query('exchanges.list', filter)).data.items.map((item: { id: string }) => item.id)
  const day = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' }
  for (const filter of [
    { model: 'model-f' },
    { model: 'prov-f/model-f' },
    { sessionId },
    { patternId },
    { ...day, status: 'error' },
    { ...day, provider: 'prov-f', model: 'model-f' },
  ])
    expect(await ids(filter), JSON.stringify(filter)).toEqual([id])
  expect(await ids({ from: '2026-03-01T12:00:00.500Z', to: '2026-03-01T12:00:00.501Z' })).toEqual([id])
  expect(await ids({ from: '2026-03-01T13:00:00.501+01:00', to: '2026-03-01T12:00:01.000Z' })).toEqual([])
})

test('paging shows every row that was there, once, while others arrive', async () => {
  const provider = `paging-${randomUUID().slice(0, 8)}`
  const before: string[] = []
  for (let number = 0; number < 25; number++)
    before.push(await admin.seed.exchange({ provider, at: new Date(Date.now() - 60_000 + number * 10) }))
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const { data } = await admin.query('exchanges.list', { provider, limit: 4, cursor })
    seen.push(...data.items.map((item: { id: string }) => item.id))
    cursor = data.nextCursor
    await admin.seed.exchange({ provider })
  } while (cursor !== null)
  expect(seen).toEqual([...before].reverse())
})

test.each([
  ['limit: 0', 'exchanges.list', { limit: 0 }, 'limit'],
  ['limit: 201', 'exchanges.list', { limit: 201 }, 'limit'],
  ['limit: a text', 'exchanges.list', { limit: '5' }, 'limit'],
  ['limit: a fraction', 'exchanges.list', { limit: 1.5 }, 'limit'],
  ['a cursor nobody gave out', 'exchanges.list', { cursor: 'page2' }, 'cursor'],
  ['an unknown filter', 'exchanges.list', { modle: 'x' }, 'modle'],
  ['an unknown status', 'exchanges.list', { status: 'fine' }, 'status'],
  ['a time that is none', 'exchanges.list', { from: 'yesterday' }, 'from'],
  ['a pattern that is no id', 'exchanges.list', { patternId: "' or 1=1" }, 'patternId'],
  ['no input', 'exchanges.get', undefined, 'input'],
  ['an id that is none', 'exchanges.get', { id: '42' }, 'id'],
  ['an id that is a number', 'exchanges.get', { id: 42 }, 'id'],
  ['a list for an object', 'exchanges.list', [1], 'input'],
  ['an unknown order', 'patterns.list', { order: 'best' }, 'order'],
  ['a cursor of another list', 'patterns.list', { cursor: v7() }, 'cursor'],
  ['an unknown state', 'enhancements.list', { state: 'served' }, 'state'],
  ['an unknown field', 'reanalysis.list', { page: 2 }, 'page'],
])('BAD_REQUEST names the field: %s', async (_, procedure, input, field) => {
  const { status, error } = await admin.query(procedure, input)
  expect(status).toBe(400)
  expect(error?.data.code).toBe('BAD_REQUEST')
  expect(error?.message).toContain(field)
})

test.each(['exchanges.get', 'patterns.get', 'enhancements.get', 'reanalysis.status'])(
  '%s of an unknown id is NOT_FOUND',
  async (procedure) => {
    const { status, error } = await admin.query(procedure, { id: v7() })
    expect([status, error?.data.code]).toEqual([404, 'NOT_FOUND'])
  },
)

test('patterns are listed by age or by frequency, paged without holes, with what stands between a weak one and a better prompt', async () => {
  const frequencies = [5, 90, 90, 7]
  const ids: string[] = []
  for (const [index, frequency] of frequencies.entries())
    ids.push(
      await admin.seed.pattern({ frequency, successes: 1, failures: 4, at: new Date(Date.now() + index * 1000) }),
    )
  const listed = async (order: string): Promise<string[]> => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { data } = await admin.query('patterns.list', { order, limit: 2, cursor })
      seen.push(...data.items.map((item: { id: string }) => item.id))
      cursor = data.nextCursor
    } while (cursor !== null)
    return seen.filter((id) => ids.includes(id))
  }
  expect(await listed('newest')).toEqual([...ids].reverse())
  expect(await listed('frequent')).toEqual([ids[2], ids[1], ids[3], ids[0]])
  expect((await admin.query('patterns.get', { id: ids[1] })).data).toMatchObject({
    weak: true,
    note: 'no analyst configured',
    successRate: 0.2,
    template: { system: null },
  })
  expect((await admin.query('patterns.get', { id: ids[0] })).data.note).toContain('15 more exchanges')
})
