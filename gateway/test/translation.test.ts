import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { ServerResponse } from 'node:http'
import { anthropicStream, openaiStream, openaiUsageStream } from './wire.ts'
import {
  callerKey,
  closeAll,
  converse,
  readChunks,
  startGateway,
  startRawUpstream,
  startUpstream,
  toRequest,
  unexpected,
  until,
  type GatewayOptions,
} from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const paths = { chat: '/v1/chat/completions', responses: '/v1/responses', messages: '/v1/messages' } as const
const hello = [{ role: 'user', content: 'Hello' }]
const bodies = {
  chat: { model: 'm', messages: hello },
  responses: { model: 'm', input: 'Hello' },
  messages: { model: 'm', max_tokens: 64, messages: hello },
} as const
type PostedWire = keyof typeof paths

async function post(url: string, wire: PostedWire, extra: object = {}, headers: Record<string, string> = {}) {
  const response = await fetch(url + paths[wire], {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...bodies[wire], ...extra }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** A provider of one wire, with that wire's answers. */
async function open(wire: PostedWire, answer: (response: ServerResponse) => void, options: GatewayOptions = {}) {
  const upstream = await startUpstream((_request, response) => answer(response))
  const dialect = wire === 'messages' ? ('anthropic' as const) : ('openai' as const)
  const gateway = await startGateway({
    ...options,
    providers: [
      {
        name: 'up',
        kind: `${dialect}-compatible`,
        wires: [wire],
        dialect,
        baseUrl: upstream.origin + (wire === 'messages' ? '' : '/v1'),
      },
    ],
  })
  return { gateway, upstream }
}

const messageAnswer = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content: [{ type: 'text', text: 'Hé! ☃' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 14, cache_creation_input_tokens: 0, cache_read_input_tokens: 6, output_tokens: 27 },
})
const chatAnswer = JSON.stringify({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-x',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hé! ☃', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 20, completion_tokens: 27, total_tokens: 47, prompt_tokens_details: { cached_tokens: 6 } },
})
const json =
  (body: string, status = 200) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'r1', etag: '"1"' }).end(body)
const stream = (events: string[]) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of events) response.write(event)
  response.end()
}

describe('a caller of one dialect and a provider of another', () => {
  test('the request arrives in the provider’s dialect at its own path, with its credentials and without the caller’s words', async () => {
    const { gateway, upstream } = await open('messages', json(messageAnswer))
    const answer = await post(
      gateway.url,
      'chat',
      { model: 'up/claude-x', max_completion_tokens: 99, temperature: 0.5 },
      { 'openai-organization': 'org', 'x-stainless-lang': 'js', 'x-custom': 'kept', 'accept-encoding': 'gzip' },
    )
    expect(answer.status).toBe(200)
    const [seen] = upstream.seen
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/v1/messages',
      headers: {
        'x-api-key': 'sk-provider-secret',
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
        'accept-encoding': 'identity',
        'x-custom': 'kept',
      },
    })
    expect(
      Object.keys(seen?.headers ?? {}).filter((name) => /^(openai|x-stainless)-|authorization/.test(name)),
    ).toEqual([])
    expect(JSON.parse(String(seen?.body))).toMatchObject({
      model: 'claude-x',
      max_tokens: 99,
      messages: [{ role: 'user' }],
    })
    expect(String(seen?.body)).toContain('"temperature":0.5')
  })

  test('the answer is the caller’s dialect, whole and with its length; the record has what the caller got and what the upstream said', async () => {
    const { gateway, upstream } = await open('messages', json(messageAnswer))
    const answer = await post(gateway.url, 'chat')
    expect(JSON.parse(answer.text)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Hé! ☃' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 20, completion_tokens: 27 },
    })
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(answer.text)))
    expect(answer.headers.get('etag')).toBeNull()
    expect(answer.headers.get('x-request-id')).toBe('r1')
    const [intent] = gateway.journal.intents()
    expect(intent?.intent).toMatchObject({
      dialect: 'openai',
      endpoint: '/v1/chat/completions',
      decision: { upstreamWire: 'messages' },
      target: `${upstream.origin}/v1/messages`,
      model: 'm',
    })
    expect(intent?.sent).toEqual(upstream.seen[0]?.body)
    const recorded = await until('its outcome', () => gateway.journal.outcomeOf(intent?.intent.id ?? ''))
    expect(recorded.response.toString()).toBe(answer.text)
    expect(recorded.outcome).toMatchObject({
      status: 'ok',
      httpStatus: 200,
      usage: { inputTokens: 20, outputTokens: 27, cachedInputTokens: 6 },
      change: { upstream: { bytes: Buffer.byteLength(messageAnswer) } },
    })
  })

  test.each([
    ['chat', 'messages'],
    ['responses', 'messages'],
    ['messages', 'chat'],
    ['responses', 'chat'],
  ] as const)(
    'a stream asked for in %s and answered in %s is the caller’s, event by event, and complete',
    async (caller, provider) => {
      const { gateway } = await open(provider, stream(provider === 'chat' ? openaiUsageStream : anthropicStream))
      const answer = await post(gateway.url, caller, { stream: true })
      expect(answer.headers.get('content-type')).toContain('text/event-stream')
      const ends = {
        chat: /data: \[DONE\]\n\n$/,
        responses: /event: response\.completed\n/,
        messages: /event: message_stop\ndata: .*\n\n$/,
      }
      expect(answer.text).toMatch(ends[caller])
      const outcome = await until('its outcome', () => gateway.journal.outcomes().at(-1))
      expect(outcome.outcome).toMatchObject({
        status: 'ok',
        usage: provider === 'chat' ? { inputTokens: 19, outputTokens: 10 } : { inputTokens: 14, outputTokens: 27 },
      })
      expect(outcome.response.toString()).toBe(answer.text)
    },
  )

  test("usage that the upstream never stated is none on the record, though the caller's dialect needs a number in its place", async () => {
    const silent = openaiStream.map((event) => event.replace(',"usage":null', ''))
    const streamed = await open('chat', stream(silent))
    expect((await post(streamed.gateway.url, 'messages', { stream: true })).text).toContain('"output_tokens":0')
    expect((await until('its outcome', () => streamed.gateway.journal.outcomes().at(-1))).outcome).toMatchObject({
      status: 'ok',
      usage: null,
    })
    const { usage: _, ...rest } = JSON.parse(chatAnswer) as { usage: object }
    const whole = await open('chat', json(JSON.stringify(rest)))
    await post(whole.gateway.url, 'messages')
    expect((await until('its outcome', () => whole.gateway.journal.outcomes().at(-1))).outcome).toMatchObject({
      status: 'ok',
      usage: null,
    })
  })

  test('what the upstream stated until the caller went is on the record', async () => {
    const { gateway } = await open('messages', (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const event of anthropicStream.slice(0, 4)) response.write(event)
    })
    const conversation = converse(gateway.port, toRequest(paths.chat, JSON.stringify({ ...bodies.chat, stream: true })))
    await until('the first words', () => readChunks(conversation).toString().includes('"content":"Hé"'))
    conversation.socket.destroy()
    expect((await until('its outcome', () => gateway.journal.outcomes().at(-1))).outcome).toMatchObject({
      status: 'cancelled',
      usage: { inputTokens: 14 },
    })
  })

  test('the first event passes while the upstream still writes', async () => {
    let finish = (): void => {}
    const { gateway } = await open('messages', (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const event of anthropicStream.slice(0, 4)) response.write(event)
      finish = () => void response.end(anthropicStream.slice(4).join(''))
    })
    const conversation = converse(gateway.port, toRequest(paths.chat, JSON.stringify({ ...bodies.chat, stream: true })))
    await until('the first words', () => readChunks(conversation).toString().includes('"content":"Hé"'))
    finish()
    await until('the end', () => readChunks(conversation).toString().includes('[DONE]'))
  })

  test('a stream that breaks off is never shown as complete: an error event of the caller’s dialect, then the cut', async () => {
    const start = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n`
    const part = anthropicStream.slice(0, 4).join('')
    const origin = await startRawUpstream((socket) =>
      socket.end(`${start}${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`),
    )
    const gateway = await startGateway({
      providers: [{ name: 'up', kind: 'anthropic-compatible', dialect: 'anthropic', baseUrl: origin }],
    })
    const conversation = converse(gateway.port, toRequest(paths.chat, JSON.stringify({ ...bodies.chat, stream: true })))
    await conversation.closed
    expect(conversation.text()).toContain('data: {"error":{')
    expect(conversation.text()).not.toContain('[DONE]')
    expect(conversation.text().endsWith('0\r\n\r\n')).toBe(false)
    expect((await until('its outcome', () => gateway.journal.outcomes().at(-1))).outcome).toMatchObject({
      status: 'truncated',
      errorCode: 'upstream_cut',
    })
  })

  test('a stream that its upstream ends too early, without a fault, is not shown as complete either', async () => {
    const { gateway } = await open('messages', stream(anthropicStream.slice(0, 5)))
    const conversation = converse(gateway.port, toRequest(paths.chat, JSON.stringify({ ...bodies.chat, stream: true })))
    await conversation.closed
    expect(conversation.text()).toContain('upstream_truncated')
    expect(conversation.text()).not.toContain('[DONE]')
    expect((await until('its outcome', () => gateway.journal.outcomes().at(-1))).outcome).toMatchObject({
      status: 'truncated',
    })
  })

  test('an error inside the stream arrives as one of the caller’s dialect, and is recorded as an error', async () => {
    const overloaded =
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    const { gateway } = await open('messages', stream([...anthropicStream.slice(0, 4), overloaded]))
    const answer = await post(gateway.url, 'chat', { stream: true })
    expect(answer.text).toMatch(/data: \{"error":\{"message":"Overloaded"/)
    expect((await until('its outcome', () => gateway.journal.outcomes().at(-1))).outcome.status).toBe('error')
  })

  test.each([400, 401, 429, 500, 529])(
    'an upstream’s error of %i keeps its status, type and message in the caller’s dialect',
    async (status) => {
      const { gateway } = await open(
        'messages',
        json('{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}', status),
      )
      const answer = await post(gateway.url, 'responses')
      expect(answer.status).toBe(status)
      expect(JSON.parse(answer.text)).toMatchObject({ error: { type: 'rate_limit_error', message: 'Slow down' } })
      expect((await until('its outcome', () => gateway.journal.outcomes().at(-1))).outcome).toMatchObject({
        status: 'error',
        httpStatus: status,
      })
    },
  )

  test('what is no answer of the provider’s dialect is 502, not an empty success', async () => {
    const { gateway } = await open(
      'messages',
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hi</h1>'),
    )
    const answer = await post(gateway.url, 'chat')
    expect(answer.status).toBe(502)
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'upstream_unreadable' } })
    expect((await until('its outcome', () => gateway.journal.outcomes().at(-1))).outcome).toMatchObject({
      status: 'error',
      httpStatus: 502,
      errorCode: 'upstream_unreadable',
    })
  })

  test('an answer that comes compressed although it was not to is read all the same, streamed or not', async () => {
    const whole = await open(
      'messages',
      (response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync(messageAnswer)),
    )
    expect(JSON.parse((await post(whole.gateway.url, 'chat')).text)).toMatchObject({
      choices: [{ message: { content: 'Hé! ☃' } }],
    })
    const streamed = await open(
      'messages',
      (response) =>
        void response
          .writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
          .end(gzipSync(anthropicStream.join(''))),
    )
    const answer = await post(streamed.gateway.url, 'chat', { stream: true })
    expect(answer.headers.get('content-encoding')).toBeNull()
    expect(answer.text).toContain('data: [DONE]')
  })

  test('a provider that answers a stream in one piece is told as a stream', async () => {
    const { gateway } = await open('chat', json(chatAnswer))
    const answer = await post(gateway.url, 'messages', { stream: true })
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    expect(answer.text).toMatch(/"text":"Hé! ☃"[\s\S]*event: message_stop/)
  })

  test('what cannot be said is a 400 that names it, or dropped and named, as configured; nothing is lost in silence', async () => {
    const refused = await open('messages', json(messageAnswer))
    const refusal = await post(refused.gateway.url, 'chat', { n: 2, logit_bias: { 5: 1 } })
    expect(refusal.status).toBe(400)
    expect(JSON.parse(refusal.text)).toMatchObject({
      error: {
        param: 'logit_bias',
        code: 'untranslatable',
        message: expect.stringMatching(/^logit_bias, n cannot/) as string,
      },
    })
    expect(refused.upstream.seen).toEqual([])
    expect((await until('its record', () => refused.gateway.journal.refused()[0])).outcome.errorCode).toBe(
      'untranslatable',
    )
    const dropping = await open('messages', json(messageAnswer), { untranslatable: 'drop' })
    const answer = await post(dropping.gateway.url, 'chat', { n: 2 })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-sinew-dropped')).toBe('n')
    expect(dropping.gateway.journal.intents()[0]?.intent.decision?.dropped).toEqual(['n'])
    expect(JSON.parse(String(dropping.upstream.seen[0]?.body))).not.toHaveProperty('n')
    // A tool goes by its name: its place in a long list tells people nothing.
    const tools = [
      { type: 'function', name: 'f', parameters: { type: 'object' } },
      { type: 'web_search' },
      { type: 'custom', name: 'free' },
    ]
    const tooled = await post(dropping.gateway.url, 'responses', { tools })
    expect(tooled.headers.get('x-sinew-dropped')).toBe('tools[1] (web_search), tools[2] (free)')
  })

  test('previous_response_id is a 400 across dialects, and passes within its own', async () => {
    const across = await open('messages', json(messageAnswer), { untranslatable: 'drop' })
    expect(
      JSON.parse((await post(across.gateway.url, 'responses', { previous_response_id: 'resp_1' })).text),
    ).toMatchObject({ error: { param: 'previous_response_id' } })
    const within = await open('responses', json('{"id":"resp_2","object":"response"}'))
    expect((await post(within.gateway.url, 'responses', { previous_response_id: 'resp_1' })).text).toBe(
      '{"id":"resp_2","object":"response"}',
    )
    expect(within.upstream.seen[0]).toMatchObject({ url: '/v1/responses' })
    expect(JSON.parse(String(within.upstream.seen[0]?.body))).toMatchObject({ previous_response_id: 'resp_1' })
  })
})
