/** Sinew's own errors: their status and shape in both dialects, the field at fault, and their record. */
import { afterEach, describe, expect, test } from 'vitest'
import { errorTable } from '../dialects/refusals.ts'
import {
  atEnd,
  callerKey,
  chat,
  closeAll,
  converse,
  startGateway,
  startRawUpstream,
  startUpstream,
  toRequest,
  unexpected,
  until,
  type TestGateway,
} from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const paths = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const
type Family = keyof typeof paths
const dialects = ['openai', 'anthropic'] as const

interface Answer {
  status: number
  headers: Headers
  body: {
    type?: string
    request_id?: string | null
    error: { message: string; type: string; param?: string | null; code?: string | null }
  }
}

async function post(
  gateway: TestGateway,
  dialect: Family,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(gateway.url + paths[dialect], {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] }
}

function expectShape(dialect: Family, answer: Answer, code: keyof typeof errorTable, param: string | null): void {
  const facts = errorTable[code]
  expect(answer.status).toBe(facts.status)
  const { message } = answer.body.error
  expect(message.length).toBeGreaterThan(5)
  if (dialect === 'openai') {
    expect(answer.body).toEqual({ error: { message, type: facts.openai.type, param, code: facts.openai.code } })
  } else {
    expect(answer.body).toEqual({
      type: 'error',
      error: { type: facts.anthropic.type, message },
      request_id: answer.headers.get('x-sinew-exchange'),
    })
    if (param !== null) expect(message.startsWith(`${param}: `)).toBe(true)
  }
}

const providers = [
  { name: 'oa', dialect: 'openai' as const, models: ['m-openai'] },
  { name: 'an', dialect: 'anthropic' as const, models: ['m-anthropic'] },
]
const deep = (levels: number): string =>
  `{"model":"m","messages":[{"role":"user","content":"x"}],"x":${'['.repeat(levels)}${']'.repeat(levels)}}`

describe.each(dialects)('in the %s dialect', (dialect) => {
  const other = dialect === 'openai' ? 'm-anthropic' : 'm-openai'
  const unsaid = dialect === 'openai' ? 'n' : 'top_k'
  test.each([
    ['a body that is not JSON', '{"model": ', 'invalid_json', null, false],
    ['an empty body', '', 'invalid_json', null, false],
    ['a body that is no object', '[1]', 'invalid_json', null, false],
    ['a body nested too deep', deep(256), 'body_too_deep', null, false],
    ['no model', '{"messages":[]}', 'missing_model', 'model', false],
    ['a model that is no text', '{"model":7}', 'invalid_field', 'model', false],
    ['a stream that is neither true nor false', '{"model":"m","stream":"yes"}', 'invalid_field', 'stream', false],
    ['no messages', '{"model":"m"}', 'invalid_field', 'messages', false],
    ['a temperature that is no number', chat({ temperature: 'hot' }), 'invalid_field', 'temperature', false],
    [
      'a part without a type',
      chat({ messages: [{ role: 'user', content: [{ text: 'x' }] }] }),
      'invalid_field',
      'messages[0].content[0].type',
      false,
    ],
    ['a model that nobody has', chat({ model: 'nobody/has-it' }), 'unknown_model', 'model', true],
    [
      'what the provider’s dialect cannot say',
      `{"model":"${other}","max_tokens":5,"messages":[{"role":"user","content":"x"}],"${unsaid}":2}`,
      'untranslatable',
      unsaid,
      true,
    ],
  ] as const)('%s is refused, naming the field, and recorded', async (_what, body, code, param, keepsBody) => {
    const gateway = await startGateway({ providers })
    const answer = await post(gateway, dialect, body)
    expectShape(dialect, answer, code, param)
    const refused = await until('its record', () => gateway.journal.refused()[0])
    expect(refused.intent).toMatchObject({
      id: answer.headers.get('x-sinew-exchange'),
      dialect,
      keyName: 'demo',
      requestBytes: body.length,
    })
    expect(refused.outcome).toMatchObject({ status: 'error', httpStatus: answer.status, errorCode: code })
    expect(refused.request.toString()).toBe(keepsBody ? body : '')
    expect(JSON.parse(refused.response.toString())).toEqual(answer.body)
  })

  test('a body that is not UTF-8 is refused, because it would read as something else than what is sent on', async () => {
    const gateway = await startGateway({ providers })
    const answer = await post(
      gateway,
      dialect,
      Uint8Array.from(Buffer.from('{"model":"m-openai","user":"caf\u00e9"}', 'latin1')),
    )
    expectShape(dialect, answer, 'invalid_json', null)
    expect(answer.body.error.message).toContain('UTF-8')
  })

  test('a depth of exactly the limit passes', async () => {
    const gateway = await startGateway({ providers })
    expectShape(dialect, await post(gateway, dialect, deep(255)), 'unknown_model', 'model')
  })

  test('a missing or wrong key is 401, counted, and not recorded', async () => {
    const gateway = await startGateway({ providers })
    for (const headers of [
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic eA==' },
      { authorization: '', 'x-api-key': 'wrong' },
    ] as Record<string, string>[]) {
      const answer = await post(gateway, dialect, chat(), headers)
      expectShape(dialect, answer, 'invalid_key', null)
      expect(answer.headers.get('x-sinew-exchange')).toBeNull()
    }
    expect(gateway.journal.entries).toEqual([])
    const ready = (await (await fetch(`${gateway.url}/readyz`)).json()) as {
      counters: { failedAuthentications: number }
    }
    expect(ready.counters.failedAuthentications).toBe(3)
  })

  test('either header carries the key', async () => {
    const gateway = await startGateway({ providers })
    expect((await post(gateway, dialect, '{}', { authorization: `bearer ${callerKey}` })).status).toBe(400)
    expect(
      (await post(gateway, dialect, '{}', { authorization: 'Bearer somebody-elses', 'x-api-key': callerKey })).status,
    ).toBe(400)
  })

  test('a body over the limit is 413, whether it says its length or not, and its sender reads the answer', async () => {
    const gateway = await startGateway({ providers })
    const announced = converse(
      gateway.port,
      toRequest(paths[dialect], '')
        .toString()
        .replace('content-length: 0', `content-length: ${40 * 1024 * 1024}`),
    )
    await until('the answer', () => announced.text().includes('"type"'))
    expect(announced.text()).toMatch(/^HTTP\/1\.1 413 .*connection: close/is)
    announced.socket.destroy()
    const piece = Buffer.alloc(1024 * 1024, 0x20)
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let count = 0; count < 33; count++) controller.enqueue(piece)
        controller.close()
      },
    })
    const response = await fetch(gateway.url + paths[dialect], {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { authorization: `Bearer ${callerKey}` },
    } as RequestInit)
    expectShape(
      dialect,
      { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] },
      'body_too_large',
      null,
    )
    const refused = await until(
      'both records',
      () => gateway.journal.refused().length === 2 && gateway.journal.refused(),
    )
    expect(
      refused.map(({ outcome, request, intent }) => [
        outcome.errorCode,
        request.length,
        intent.requestBytes > 32 * 1024 * 1024,
      ]),
    ).toEqual([
      ['body_too_large', 0, true],
      ['body_too_large', 0, true],
    ])
  })

  test('a provider that accepts no connection is 502, with intent and outcome', async () => {
    const gateway = await startGateway({ providers: [{ dialect, baseUrl: 'http://127.0.0.1:1' }] })
    const answer = await post(gateway, dialect, chat())
    expectShape(dialect, answer, 'upstream_unreachable', null)
    const { outcome } = await until('its outcome', () =>
      gateway.journal.outcomeOf(answer.headers.get('x-sinew-exchange') ?? ''),
    )
    expect(outcome).toMatchObject({
      status: 'error',
      httpStatus: 502,
      errorCode: 'upstream_unreachable',
      timings: { sentMs: null, firstByteMs: null },
    })
  })

  test.each([
    ['closes without an answer', ''],
    ['does not speak HTTP', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
  ])('a provider that %s is 502', async (_how, bytes) => {
    const origin = await startRawUpstream((socket) => void socket.end(bytes))
    const gateway = await startGateway({ providers: [{ dialect, baseUrl: origin }] })
    const answer = await post(gateway, dialect, chat())
    expectShape(dialect, answer, 'upstream_closed', null)
    expect(gateway.journal.outcomes()[0]?.outcome).toMatchObject({ status: 'error', httpStatus: 502 })
  })

  test('a provider that does not begin to answer in time is 504, and its connection is given up', async () => {
    let closed = false
    const upstream = await startUpstream((request) => void request.socket.on('close', () => (closed = true)))
    const gateway = await startGateway({
      providers: [{ dialect, baseUrl: upstream.origin, timeouts: { connectMs: 1000, firstByteMs: 50, idleMs: 1000 } }],
    })
    expectShape(dialect, await post(gateway, dialect, chat()), 'upstream_timeout', null)
    expect(gateway.journal.outcomes()[0]?.outcome).toMatchObject({
      status: 'error',
      httpStatus: 504,
      errorCode: 'upstream_timeout',
    })
    await until('the connection closed', () => closed)
  })

  test('an address that does not exist is 404 in the dialect of the caller', async () => {
    const gateway = await startGateway({ providers })
    const response = await fetch(`${gateway.url}/unknown`, {
      headers: dialect === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {},
    })
    expectShape(
      dialect,
      { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] },
      'unknown_endpoint',
      null,
    )
    expect((await fetch(gateway.url + paths[dialect])).status).toBe(401)
  })

  test('a caller that leaves in the middle of its body is recorded as cancelled', async () => {
    const gateway = await startGateway({ providers })
    const conversation = converse(
      gateway.port,
      toRequest(paths[dialect], '').toString().replace('content-length: 0', 'content-length: 100') + '{"model"',
    )
    conversation.socket.end()
    const { outcome } = await until('its record', () => gateway.journal.refused()[0])
    expect(outcome).toMatchObject({ status: 'cancelled', httpStatus: null })
  })
})

test('a failure inside the gateway is an opaque 500', async () => {
  const gateway = await startGateway({ providers: [{}] })
  gateway.journal.append = () => {
    throw new Error('secret detail')
  }
  const answer = await post(gateway, 'openai', chat())
  expectShape('openai', answer, 'internal', null)
  expect(JSON.stringify(answer.body)).not.toContain('secret detail')
  expect(unexpected.splice(0)).toHaveLength(1)
  atEnd(() => void unexpected.splice(0))
})
