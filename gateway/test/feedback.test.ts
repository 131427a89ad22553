/** `POST /v1/feedback`: taken once it is safe, by whoever has a key, with nothing but the journal. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Feedback } from '../../db/journal/records.ts'
import { readJournal, startGatewayProcess } from './gateway-process.ts'
import { callerKey, closeAll, makeFolder, startGateway, type TestGateway } from './harness.ts'

afterEach(closeAll)

const exchange = '0199a8f0-0000-7000-8000-00000000abcd'
const good = { id: 'feedback-1', exchange, metric: 'success', value: true, comment: 'Just what I needed.' }

const give = (
  url: string,
  body: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${callerKey}` },
): Promise<Response> =>
  fetch(`${url}/v1/feedback`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

const kept = ({ journal }: TestGateway): Feedback[] =>
  journal.entries.flatMap((entry) => (entry.kind === 'feedback' ? [entry.feedback] : []))

test('it is in the journal, with whose key it came by, before it is answered with 202; the same id again is 200 and nothing more', async () => {
  const gateway = await startGateway({
    keys: [
      { name: 'demo', key: callerKey, team: 'red' },
      { name: 'other', key: `${callerKey}-2`, team: 'blue' },
    ],
  })
  const first = await give(gateway.url, good)
  expect([first.status, await first.json()]).toEqual([202, { id: 'feedback-1', exchange, status: 'accepted' }])
  expect(kept(gateway)).toEqual([
    {
      id: 'feedback-1',
      exchangeId: exchange,
      team: 'red',
      keyName: 'demo',
      metric: 'success',
      value: true,
      comment: 'Just what I needed.',
      at: expect.any(Number),
    },
  ])
  expect((await give(gateway.url, { ...good, value: false })).status).toBe(200)
  expect((await give(gateway.url, good, { 'x-api-key': callerKey })).status).toBe(200)
  expect(kept(gateway)).toHaveLength(1)
  // Another team's id is another id.
  expect((await give(gateway.url, good, { 'x-api-key': `${callerKey}-2` })).status).toBe(202)
})

test.each([true, false, 0, 0.25, 1, 'purple'])('the value may be %s', async (value) => {
  const gateway = await startGateway()
  expect((await give(gateway.url, { ...good, value })).status).toBe(202)
  expect(kept(gateway)[0]?.value).toBe(value)
})

test('many of one id at once are one: exactly one is answered with 202', async () => {
  const gateway = await startGateway()
  const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await give(gateway.url, good)).status))
  expect(statuses.filter((status) => status === 202)).toHaveLength(1)
  expect(statuses.filter((status) => status === 200)).toHaveLength(9)
  expect(kept(gateway)).toHaveLength(1)
})

describe('what is wrong is said by its field', () => {
  test.each<[string, unknown, string]>([
    ['no id', { ...good, id: undefined }, 'id: is required'],
    ['an empty id', { ...good, id: '' }, 'id: '],
    [
      'an exchange that is no id',
      { ...good, exchange: '../etc' },
      'exchange: must be the id that x-sinew-exchange named',
    ],
    ['no exchange', { ...good, exchange: undefined }, 'exchange: '],
    ['a metric that is no name', { ...good, metric: 'was it good?' }, 'metric: must be a name'],
    ['no value', { ...good, value: undefined }, 'value: must be true or false, a number from 0 to 1'],
    ['a grade beyond 1', { ...good, value: 5 }, 'value: '],
    ['a value that is none of these', { ...good, value: { stars: 5 } }, 'value: '],
    ['a comment of NUL', { ...good, comment: 'a\0b' }, 'comment: '],
    ['a comment that is too long', { ...good, comment: 'x'.repeat(4_001) }, 'comment: '],
    ['a field nobody knows', { ...good, stars: 5 }, 'stars: is not a known field'],
    ['a list', [good], 'the body: '],
    ['no JSON', '{"id":', 'the body is not JSON'],
  ])('%s', async (_, body, message) => {
    const gateway = await startGateway()
    const response = await give(gateway.url, body)
    expect(response.status).toBe(400)
    expect(((await response.json()) as { error: { message: string } }).error.message).toContain(message)
    expect(kept(gateway)).toEqual([])
  })

  test("in Anthropic's shape to those who speak it", async () => {
    const gateway = await startGateway()
    const response = await give(gateway.url, {}, { 'x-api-key': callerKey, 'anthropic-version': '2023-06-01' })
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  })

  test('one that is too big is refused as such', async () => {
    const gateway = await startGateway()
    expect((await give(gateway.url, { ...good, comment: 'x'.repeat(70_000) })).status).toBe(413)
  })
})

test('without a key nothing is taken', async () => {
  const gateway = await startGateway()
  expect((await give(gateway.url, good, {})).status).toBe(401)
  expect((await give(gateway.url, good, { authorization: 'Bearer wrong' })).status).toBe(401)
  expect(kept(gateway)).toEqual([])
})

test('what the journal cannot take is not said to be taken, and may be sent again', async () => {
  const gateway = await startGateway()
  const pass = gateway.journal.onAppend
  gateway.journal.onAppend = (_entry, done) => setImmediate(done, new Error('no space'))
  const refused = await give(gateway.url, good)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  gateway.journal.onAppend = pass
  expect((await give(gateway.url, good)).status).toBe(202)
  const off = await startGateway({ recording: 'off' })
  expect((await give(off.url, good)).status).toBe(503)
})

test('it outlives a kill of the gateway, and so does the knowledge that it was taken', async () => {
  const dataDir = `${makeFolder()}/data`
  const first = await startGatewayProcess({ upstreamUrl: 'http://127.0.0.1:1', dataDir })
  expect((await give(first.url, good)).status).toBe(202)
  first.child.kill('SIGKILL')
  await first.exited
  expect((await readJournal(dataDir)).filter(({ kind }) => kind === 'feedback')).toMatchObject([
    { feedback: { id: 'feedback-1', exchangeId: exchange } },
  ])
  const second = await startGatewayProcess({ upstreamUrl: 'http://127.0.0.1:1', dataDir })
  expect((await give(second.url, good)).status).toBe(200)
})
