/** A name of the operator's own stands for several deployments: where one does not answer, the next is asked. */
import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { AliasConfig, Balance } from '../../db/words/alias.ts'
import {
  callerKey,
  closeAll,
  converse,
  startGateway,
  startRawUpstream,
  startUpstream,
  unexpected,
  until,
  type TestGateway,
  type Upstream,
} from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const completion = (content: string): string =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  })
const answers =
  (content: string): RequestListener =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(completion(content))
const fails =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{"error":{"message":"no"}}')

const alias = (models: string[], balance: Balance = 'priority'): AliasConfig => ({
  name: 'smart',
  balance,
  deployments: models.map((model) => ({ model, weight: 1 })),
})

const always = { maxAttempts: 3, maxShare: 1 }

async function open(upstreams: Upstream[], balance?: Balance): Promise<TestGateway> {
  return await startGateway({
    providers: upstreams.map(({ origin }, index) => ({ name: `p${index}`, baseUrl: `${origin}/v1`, models: [] })),
    models: [
      alias(
        upstreams.map((_, index) => `p${index}/m${index}`),
        balance,
      ),
    ],
    retries: always,
  })
}

const ask = async (gateway: TestGateway, more: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
  await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'smart', messages: [{ role: 'user', content: 'Hi' }], ...more }),
  })

const textOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content ?? ''

describe('a name with several deployments', () => {
  test('goes to the first with that model’s own name, and the answer says who gave it', async () => {
    const first = await startUpstream(answers('one'))
    const gateway = await open([first, await startUpstream(answers('two'))])
    const response = await ask(gateway)
    expect(await textOf(response)).toBe('one')
    expect([response.headers.get('x-sinew-provider'), response.headers.get('x-sinew-attempts')]).toEqual(['p0', '1'])
    expect(JSON.parse(first.seen[0]?.body.toString() ?? '')).toMatchObject({ model: 'm0' })
    expect(
      gateway.journal.intents().map(({ intent }) => [intent.requestedModel, intent.provider, intent.model]),
    ).toEqual([['smart', 'p0', 'm0']])
  })

  test.each([401, 403, 404, 408, 429, 500, 502, 503, 504, 529])(
    'is asked of the next when the first answers %i; the caller sees nothing of it, the record all',
    async (status) => {
      const first = await startUpstream(fails(status))
      const second = await startUpstream(answers('two'))
      const gateway = await open([first, second])
      const response = await ask(gateway)
      expect([
        response.status,
        response.headers.get('x-sinew-provider'),
        response.headers.get('x-sinew-attempts'),
      ]).toEqual([200, 'p1', '2'])
      expect(await textOf(response)).toBe('two')
      const intents = gateway.journal.intents()
      expect(intents.map(({ intent }) => [intent.id, intent.provider])).toEqual([
        [intents[0]?.intent.id, 'p0'],
        [intents[0]?.intent.id, 'p1'],
      ])
      expect(intents[1]?.intent.decision?.attempts).toMatchObject([
        { provider: 'p0', model: 'm0', status, error: null },
      ])
      expect(JSON.parse(intents[1]?.sent?.toString() ?? '')).toMatchObject({ model: 'm1' })
      const id = intents[0]?.intent.id ?? ''
      await until('the outcome is there', () => gateway.journal.outcomeOf(id))
      expect(gateway.journal.outcomes().map(({ outcome }) => [outcome.id, outcome.status])).toEqual([[id, 'ok']])
    },
  )

  test.each([400, 409, 413, 422])(
    'is not asked elsewhere when the answer is %i: the caller would fail there too',
    async (status) => {
      const second = await startUpstream(answers('two'))
      const gateway = await open([await startUpstream(fails(status)), second])
      const response = await ask(gateway)
      expect([response.status, await response.text()]).toEqual([status, '{"error":{"message":"no"}}'])
      expect(second.seen).toEqual([])
    },
  )

  test('is asked of the next when nobody listens, or the connection breaks before an answer', async () => {
    const broken = await startRawUpstream((socket) => void socket.destroy())
    const second = await startUpstream(answers('three'))
    const gateway = await startGateway({
      providers: [
        { name: 'gone', baseUrl: 'http://127.0.0.1:1/v1', models: [] },
        { name: 'broken', baseUrl: `${broken}/v1`, models: [] },
        { name: 'well', baseUrl: `${second.origin}/v1`, models: [] },
      ],
      models: [alias(['gone/a', 'broken/b', 'well/c'])],
      retries: always,
    })
    const response = await ask(gateway)
    expect([await textOf(response), response.headers.get('x-sinew-attempts')]).toEqual(['three', '3'])
    expect(gateway.journal.intents().at(-1)?.intent.decision?.attempts).toMatchObject([
      { provider: 'gone', status: null, error: 'ECONNREFUSED' },
      { provider: 'broken', status: null },
    ])
  })

  test('gives the last error to the caller, byte for byte, when none of them answers', async () => {
    const gateway = await open([await startUpstream(fails(500)), await startUpstream(fails(503, { 'x-own': 'last' }))])
    const response = await ask(gateway)
    expect([response.status, response.headers.get('x-own'), await response.text()]).toEqual([
      503,
      'last',
      '{"error":{"message":"no"}}',
    ])
    const outcome = await until('the outcome is there', () => gateway.journal.outcomes()[0])
    expect([outcome.outcome.status, outcome.outcome.httpStatus]).toEqual(['error', 503])
  })

  test('may lead to a provider of another wire: its answer is translated, streamed or not', async () => {
    const first = await startUpstream(fails(529))
    const claude = await startUpstream((request, response) => {
      void request
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          id: 'msg',
          type: 'message',
          role: 'assistant',
          model: 'claude',
          content: [{ type: 'text', text: 'from Claude' }],
          stop_reason: 'end_turn',
          usage: { input_tokens: 1, output_tokens: 2 },
        }),
      )
    })
    const gateway = await startGateway({
      providers: [
        { name: 'p0', baseUrl: `${first.origin}/v1`, models: [] },
        { name: 'claude', dialect: 'anthropic', kind: 'anthropic-compatible', baseUrl: claude.origin, models: [] },
      ],
      models: [alias(['p0/m', 'claude/big'])],
      retries: always,
    })
    const response = await ask(gateway, { max_tokens: 10 })
    expect(await textOf(response)).toBe('from Claude')
    expect(claude.seen.map(({ url, body }) => [url, (JSON.parse(body.toString()) as { model: string }).model])).toEqual(
      [['/v1/messages', 'big']],
    )
    expect(gateway.journal.intents().at(-1)?.intent).toMatchObject({
      provider: 'claude',
      decision: { upstreamWire: 'messages', attempts: [{ provider: 'p0', status: 529 }] },
    })
  })

  test('is not asked again once a stream has begun, and a stream that breaks is never completed', async () => {
    const first = await startUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${completion('half')}\n\n`, () => setImmediate(() => void response.destroy()))
    })
    const second = await startUpstream(answers('two'))
    const gateway = await open([first, second])
    const text = await (await ask(gateway, { stream: true })).text().catch(() => 'cut')
    expect(text).not.toContain('[DONE]')
    expect(second.seen).toEqual([])
    const outcome = await until('the outcome is there', () => gateway.journal.outcomes()[0])
    expect(outcome.outcome.status).toBe('truncated')
  })

  test('leaves out a deployment that fails again and again, and finds it again when nothing else is well', async () => {
    const first = await startUpstream(fails(500))
    const second = await startUpstream(answers('two'))
    const gateway = await open([first, second])
    for (let call = 0; call < 8; call++) expect(await textOf(await ask(gateway))).toBe('two')
    expect(first.seen).toHaveLength(5)
  })

  test('believes a provider that says how long it wants to be left alone', async () => {
    const first = await startUpstream(fails(429, { 'retry-after': '30' }))
    const gateway = await open([first, await startUpstream(answers('two'))])
    for (let call = 0; call < 4; call++) expect(await textOf(await ask(gateway))).toBe('two')
    expect(first.seen).toHaveLength(1)
  })

  test('answers at once with the provider’s own error when all of them rest', async () => {
    const first = await startUpstream(fails(503))
    const second = await startUpstream(fails(503))
    const gateway = await open([first, second])
    for (let call = 0; call < 7; call++) expect((await ask(gateway)).status).toBe(503)
    const before = first.seen.length + second.seen.length
    const response = await ask(gateway)
    expect([response.status, response.headers.get('x-sinew-attempts')]).toEqual([503, '1'])
    expect(first.seen.length + second.seen.length).toBe(before + 1)
  })

  test('keeps a session on one deployment, and spreads sessions by weight', async () => {
    const first = await startUpstream(answers('one'))
    const second = await startUpstream(answers('two'))
    const gateway = await open([first, second], 'weighted')
    const places = new Map<string, Set<string>>()
    for (let session = 0; session < 24; session++)
      for (let turn = 0; turn < 3; turn++) {
        const text = await textOf(await ask(gateway, {}, { 'x-sinew-session': `s${session}` }))
        places.set(`s${session}`, (places.get(`s${session}`) ?? new Set()).add(text))
      }
    expect([...places.values()].every(({ size }) => size === 1)).toBe(true)
    expect(new Set([...places.values()].flatMap((texts) => [...texts]))).toEqual(new Set(['one', 'two']))
  })

  test('is listed among the models, and embeddings find it too', async () => {
    const first = await startUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}')
    })
    const gateway = await open([first])
    const headers = { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' }
    const { data } = (await (await fetch(`${gateway.url}/v1/models`, { headers })).json()) as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toContain('smart')
    await fetch(`${gateway.url}/v1/embeddings`, { method: 'POST', headers, body: '{"model":"smart","input":"a"}' })
    expect(first.seen.at(-1)?.body.toString()).toBe('{"model":"m0","input":"a"}')
  })

  test('stops asking when its caller is gone', async () => {
    let release = (): void => {}
    const first = await startUpstream((_request, response) => {
      release = () => void response.writeHead(500).end()
    })
    const second = await startUpstream(answers('two'))
    const gateway = await open([first, second])
    const body = JSON.stringify({ model: 'smart', messages: [{ role: 'user', content: 'Hi' }] })
    const caller = converse(
      gateway.port,
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${callerKey}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await until('the first is asked', () => first.seen.length === 1)
    caller.socket.destroy()
    await until('that is recorded', () => gateway.journal.outcomes()[0]?.outcome.status === 'cancelled')
    release()
    expect(second.seen).toEqual([])
  })
})

describe('a connection that its server closes just as it is used again', () => {
  test('is replaced once, without a word to the caller, for a plain model too', async () => {
    let calls = 0
    const origin = await startRawUpstream((socket) => {
      calls++
      const body = completion(`answer ${calls}`)
      // Every second request on a connection finds it closed.
      if (calls % 2 === 0) socket.destroy()
      else
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        )
    })
    const gateway = await startGateway({ providers: [{ name: 'p0', baseUrl: `${origin}/v1`, models: ['smart'] }] })
    expect(await textOf(await ask(gateway))).toBe('answer 1')
    const second = await ask(gateway)
    expect([second.status, await textOf(second), second.headers.get('x-sinew-attempts')]).toEqual([
      200,
      'answer 3',
      '2',
    ])
    expect(calls).toBe(3)
  })

  test('a new connection that breaks is not tried again: nobody knows what the provider did with the request', async () => {
    let calls = 0
    const origin = await startRawUpstream((socket) => {
      calls++
      socket.destroy()
    })
    const gateway = await startGateway({ providers: [{ name: 'p0', baseUrl: `${origin}/v1`, models: ['smart'] }] })
    expect((await ask(gateway)).status).toBe(502)
    expect(calls).toBe(1)
  })
})

test('of three deployments one is dead and one fails half the time: no caller notices, and calls stay few', async () => {
  let calls = 0
  const half = await startUpstream((request, response) => {
    calls++
    if (calls % 2 === 0) answers('half')(request, response)
    else fails(500)(request, response)
  })
  const well = await startUpstream(answers('well'))
  const gateway = await startGateway({
    providers: [
      { name: 'dead', baseUrl: 'http://127.0.0.1:1/v1', models: [] },
      { name: 'half', baseUrl: `${half.origin}/v1`, models: [] },
      { name: 'well', baseUrl: `${well.origin}/v1`, models: [] },
    ],
    models: [alias(['dead/m', 'half/m', 'well/m'], 'weighted')],
    retries: { maxAttempts: 3, maxShare: 0.2 },
  })
  const statuses: number[] = []
  for (let call = 0; call < 200; call++)
    statuses.push((await ask(gateway, {}, { 'x-sinew-session': `s${call}` })).status)
  expect(statuses.filter((status) => status !== 200)).toEqual([])
  expect(half.seen.length + well.seen.length).toBeLessThanOrEqual(240)
})
