/** An answer of the caller's own wire that states a failure: its bytes pass, and the record says what it was. */
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { callerKey, closeAll, startGateway, startUpstream, unexpected, until } from './harness.ts'
import { anthropicStream, openaiStream } from './wire.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

type Wire = 'chat' | 'messages' | 'responses'

const paths: Record<Wire, string> = {
  chat: '/v1/chat/completions',
  messages: '/v1/messages',
  responses: '/v1/responses',
}
const requests: Record<Wire, object> = {
  chat: { messages: [{ role: 'user', content: 'Hi' }], stream_options: { include_usage: true } },
  messages: { messages: [{ role: 'user', content: 'Hi' }], max_tokens: 5 },
  responses: { input: 'Hi' },
}
const event = (type: string, body: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
const chunk = (delta: object, finish: string | null = null, beside: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...beside })}\n\n`
const died = { message: 'server died', type: 'server_error', code: 500 }
const done = 'data: [DONE]\n\n'
const responsesStream = [
  event('response.created', { response: { id: 'r', model: 'm' } }),
  event('response.output_text.delta', { output_index: 0, content_index: 0, delta: 'Hello' }),
  event('response.completed', { response: { id: 'r', status: 'completed', output: [] } }),
]

interface Answer {
  type?: string
  encoding?: string
  body: string | Buffer
}

/** What the caller gets, byte for byte, and what the record says. */
async function exchange(wire: Wire, stream: boolean, answer: Answer, body: object = {}) {
  const bytes = Buffer.from(answer.body)
  const upstream = await startUpstream((_request, response) => {
    response.writeHead(200, {
      'content-type': answer.type ?? (stream ? 'text/event-stream' : 'application/json'),
      ...(answer.encoding !== undefined && { 'content-encoding': answer.encoding }),
    })
    response.end(bytes)
  })
  const gateway = await startGateway({
    providers: [
      wire === 'messages'
        ? { dialect: 'anthropic', kind: 'anthropic-compatible', baseUrl: upstream.origin }
        : { kind: 'openai', baseUrl: `${upstream.origin}/v1` },
    ],
  })
  const response = await fetch(gateway.url + paths[wire], {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream, ...requests[wire], ...body }),
  })
  const received = Buffer.from(await response.arrayBuffer())
  const { outcome } = await until('the outcome', () => gateway.journal.outcomes().at(-1))
  return { httpStatus: response.status, received: received.toString(), outcome }
}

const streams: [string, Wire, string][] = [
  [
    'an error event and [DONE]',
    'chat',
    chunk({ content: 'par' }) + `data: ${JSON.stringify({ error: died })}\n\n${done}`,
  ],
  ['an error as its first event', 'chat', `data: ${JSON.stringify({ error: died })}\n\n${done}`],
  ['an error and no [DONE]', 'chat', `${chunk({ content: 'par' })}data: ${JSON.stringify({ error: died })}\n\n`],
  ['an error beside a choice', 'chat', chunk({ content: 'par' }) + chunk({}, 'error', { error: died }) + done],
  ['an end that failed', 'chat', chunk({ content: 'par' }) + chunk({}, 'error') + done],
  ['an end without an answer', 'chat', done],
  [
    'lines in CRLF',
    'chat',
    `${chunk({ content: 'p' })}data: ${JSON.stringify({ error: died })}\n\n${done}`.replaceAll('\n', '\r\n'),
  ],
  [
    'an error event',
    'messages',
    anthropicStream.slice(0, 4).join('') +
      event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  ],
  [
    'an error event before its end',
    'messages',
    anthropicStream.slice(0, 4).join('') +
      event('error', { error: { type: 'api_error', message: 'no' } }) +
      event('message_stop', {}),
  ],
  [
    'a failed response',
    'responses',
    responsesStream.slice(0, 2).join('') + event('response.failed', { response: { status: 'failed', error: died } }),
  ],
  [
    'an error event before its end',
    'responses',
    responsesStream[0] + event('error', { code: 'server_error', message: 'no' }) + responsesStream[2],
  ],
]

describe('a stream of the caller’s own wire', () => {
  test.each(streams)('with %s (%s) passes byte for byte and is recorded as an error', async (_what, wire, body) => {
    const { received, outcome } = await exchange(wire, true, { body })
    expect(received).toBe(body)
    expect(outcome).toMatchObject({ status: 'error', httpStatus: 200 })
  })

  test.each([
    ['chat', openaiStream.join('')],
    ['chat', chunk({ content: 'The word "error" and {"error":{"message":"x"}}' }) + chunk({}, 'stop') + done],
    ['messages', anthropicStream.join('')],
    ['responses', responsesStream.join('')],
  ] as const)('that ends well (%s) is recorded as ok', async (wire, body) => {
    const { received, outcome } = await exchange(wire, true, { body })
    expect(received).toBe(body)
    expect(outcome.status).toBe('ok')
  })

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('is looked at through %s too', async (encoding, compress) => {
    const [, wire, body] = streams[0] as [string, Wire, string]
    const { received, outcome } = await exchange(wire, true, { encoding, body: compress(body) })
    expect(received).toBe(body)
    expect(outcome.status).toBe('error')
  })

  test('is looked at where its usage is cut out on the way', async () => {
    const body = chunk({ content: 'par' }) + `data: ${JSON.stringify({ error: died })}\n\n${done}`
    const { received, outcome } = await exchange('chat', true, { body }, { stream_options: undefined })
    expect(received).toBe(body)
    expect(outcome.status).toBe('error')
  })

  test('is looked at wherever its chunks are cut', async () => {
    const body = chunk({ content: 'par' }) + `data: ${JSON.stringify({ error: died })}\n\n${done}`
    let sent = 0
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const next = (): void => {
        if (sent >= body.length) return void response.end()
        response.write(body.slice(sent, (sent += 3)), () => setImmediate(next))
      }
      next()
    })
    const gateway = await startGateway({ providers: [{ baseUrl: `${upstream.origin}/v1` }] })
    const response = await fetch(gateway.url + paths.chat, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', stream: true, ...requests.chat }),
    })
    expect(await response.text()).toBe(body)
    expect((await until('the outcome', () => gateway.journal.outcomes().at(-1))).outcome.status).toBe('error')
  })
})

describe('a whole answer of the caller’s own wire', () => {
  test.each([
    ['an error with 200', 'chat', { body: '{"error":{"message":"overloaded","code":503}}' }],
    ['an error with 200', 'messages', { body: '{"type":"error","error":{"type":"overloaded_error","message":"o"}}' }],
    ['an error with 200', 'responses', { body: '{"error":{"message":"overloaded","code":503}}' }],
    ['a login page', 'chat', { type: 'text/html', body: '<!doctype html><title>Sign in</title>' }],
    ['a login page', 'messages', { type: 'text/html', body: '<!doctype html><title>Sign in</title>' }],
    ['other JSON', 'chat', { body: '{"bad":1}' }],
    ['no choices', 'chat', { body: '{"id":"c","choices":[]}' }],
    ['nothing at all', 'chat', { body: '' }],
    ['an error, compressed', 'chat', { encoding: 'gzip', body: gzipSync('{"error":{"message":"o"}}') }],
  ] as [string, Wire, Answer][])('that is %s (%s) passes and is recorded as an error', async (_what, wire, answer) => {
    const { httpStatus, received, outcome } = await exchange(wire, false, answer)
    expect(httpStatus).toBe(200)
    if (answer.encoding === undefined) expect(received).toBe(answer.body)
    expect(outcome).toMatchObject({ status: 'error', httpStatus: 200 })
  })

  test('that came although a stream was asked for is judged as what it is', async () => {
    const failed = await exchange('chat', true, {
      type: 'application/json',
      body: '{"error":{"message":"overloaded"}}',
    })
    expect(failed.outcome.status).toBe('error')
    const whole = await exchange('chat', true, {
      type: 'application/json',
      body: '{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}',
    })
    expect(whole.outcome.status).toBe('ok')
  })
})
