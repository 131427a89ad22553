/**
 * Claude on Bedrock through the whole gateway: a stand-in that checks the signature as AWS does, and answers in AWS's
 * framing.
 */
import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import { afterEach, describe, expect, test } from 'vitest'
import {
  callerKey,
  closeAll,
  startGateway,
  startUpstream,
  unexpected,
  until,
  type TestGateway,
  type Upstream,
} from '../harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const hash = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')
const keyed = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The signature of a request as it came over the connection. */
function verify({ method, url, headers, body }: Upstream['seen'][number]): boolean {
  const [, day = '', region = '', service = '', names = '', signature] =
    /Credential=AKIDEXAMPLE\/(\d+)\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)/.exec(
      headers.authorization ?? '',
    ) ?? []
  const [path = '', query = ''] = url.split('?')
  const canonicalPath = path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/')
  const canonical = [
    method,
    canonicalPath,
    query,
    ...names.split(';').map((name) => `${name}:${String(headers[name])}`),
    '',
    names,
    hash(body),
  ].join('\n')
  const key = keyed(keyed(keyed(keyed(`AWS4${secret}`, day), region), service), 'aws4_request')
  return (
    keyed(
      key,
      ['AWS4-HMAC-SHA256', headers['x-amz-date'], `${day}/${region}/${service}/aws4_request`, hash(canonical)].join(
        '\n',
      ),
    ).toString('hex') === signature
  )
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)
const word = (value: string): { type: 'string'; value: string } => ({ type: 'string', value })
const frame = (event: object): Buffer =>
  Buffer.from(
    codec.encode({
      headers: { ':event-type': word('chunk'), ':message-type': word('event') },
      body: Buffer.from(JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString('base64') })),
    }),
  )
const events = [
  {
    type: 'message_start',
    message: {
      model: 'claude-sonnet-4-5',
      id: 'msg_bdrk_1',
      type: 'message',
      role: 'assistant',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
]
const answer = {
  id: 'msg_bdrk_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text: 'Hello' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 5 },
}

function respond(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.includes('v7') === true)
    return void response
      .writeHead(429, { 'content-type': 'application/json', 'x-amzn-errortype': 'ThrottlingException' })
      .end('{"message":"Too many requests, please wait"}')
  if (request.url?.includes('v9') === true)
    return void response
      .writeHead(400, { 'content-type': 'application/json', 'x-amzn-errortype': 'ValidationException' })
      .end('{"message":"The provided model identifier is invalid."}')
  if (request.url?.includes('with-response-stream') === true) {
    response.writeHead(200, {
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amzn-bedrock-content-type': 'application/json',
    })
    // A model whose stream ends in the middle of an event, before it has said why it stopped.
    const cut = Buffer.concat(events.slice(0, 4).map(frame)).subarray(0, -20)
    return void response.end(request.url.includes('cut') ? cut : Buffer.concat(events.map(frame)))
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify(
      request.url?.startsWith('/openai/') === true
        ? {
            id: 'c',
            object: 'chat.completion',
            created: 1,
            model: 'openai.gpt-oss-20b',
            choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
            usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
          }
        : answer,
    ),
  )
}

async function open(apiKey = `AKIDEXAMPLE:${secret}`): Promise<{ gateway: TestGateway; upstream: Upstream }> {
  const upstream = await startUpstream(respond)
  return {
    upstream,
    gateway: await startGateway({
      providers: [{ name: 'bedrock', kind: 'bedrock', dialect: 'anthropic', baseUrl: upstream.origin, apiKey }],
    }),
  }
}

async function post(
  gateway: TestGateway,
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string | null; text: string }> {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
    body,
  })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

const request = (extra: string, name = model): string =>
  `{"model":"bedrock/${name}", "max_tokens": 5e1,${extra} "messages":[{"role":"user","content":"Hi"}]}`

describe('Claude on Bedrock', () => {
  test('a Messages request is signed, and only what the address says already has left its bytes', async () => {
    const { gateway, upstream } = await open()
    const told = await post(gateway, '/v1/messages?beta=true', request(''), {
      'anthropic-beta': 'context-1m-2025-08-07, interleaved-thinking-2025-05-14',
      'x-stainless-lang': 'js',
    })
    expect(told).toMatchObject({ status: 200, text: JSON.stringify(answer) })
    const [seen] = upstream.seen
    expect(seen?.url).toBe(`/model/${encodeURIComponent(model)}/invoke`)
    expect(seen?.body.toString()).toBe(
      '{"anthropic_beta":["context-1m-2025-08-07","interleaved-thinking-2025-05-14"],"anthropic_version":"bedrock-2023-05-31","max_tokens": 5e1, "messages":[{"role":"user","content":"Hi"}]}',
    )
    expect(seen && verify(seen)).toBe(true)
  })

  test('what only Anthropic’s own API takes is left out of a coding agent’s request, and named', async () => {
    const { gateway, upstream } = await open()
    const marker = '{"type":"ephemeral","scope":"global"}'
    const billing = 'x-anthropic-billing-header: cc_version=2.1; cch=1a2b3;'
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${callerKey}`,
        'content-type': 'application/json',
        'anthropic-beta':
          'claude-code-20250219,interleaved-thinking-2025-05-14,prompt-caching-scope-2026-01-05,advanced-tool-use-2025-11-20',
      },
      body:
        `{"model":"bedrock/${model}","max_tokens":9,"speed":"fast","service_tier":"auto","context_management":{"edits":[]},` +
        `"system":[{"type":"text","text":"${billing}"},{"type":"text","text":"S","cache_control":${marker}}],` +
        `"tools":[{"name":"f","input_schema":{"type":"object"},"eager_input_streaming":true,"cache_control":${marker}}],` +
        `"messages":[{"role":"user","content":[{"type":"text","text":"Hi", "cache_control":${marker}}]}]}`,
    })
    expect(response.status).toBe(200)
    expect(String(upstream.seen[0]?.body)).toBe(
      '{"anthropic_beta":["interleaved-thinking-2025-05-14","tool-search-tool-2025-10-19","tool-examples-2025-10-29"],' +
        '"anthropic_version":"bedrock-2023-05-31","max_tokens":9,' +
        '"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}],' +
        '"tools":[{"name":"f","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],' +
        '"messages":[{"role":"user","content":[{"type":"text","text":"Hi", "cache_control":{"type":"ephemeral"}}]}]}',
    )
    const named = response.headers.get('x-sinew-dropped')?.split(', ')
    expect(named).toEqual(
      expect.arrayContaining([
        'context_management',
        'service_tier',
        'speed',
        'system[0]',
        'system[1].cache_control.scope',
        'tools[0].eager_input_streaming',
        'tools[0].cache_control.scope',
        'messages[0].content[0].cache_control.scope',
        'anthropic-beta.claude-code-20250219',
        'anthropic-beta.prompt-caching-scope-2026-01-05',
      ]),
    )
  })

  test('its event stream arrives as the SSE that Anthropic sends, and is recorded as that', async () => {
    const { gateway, upstream } = await open()
    const told = await post(gateway, '/v1/messages', request(' "stream": true,'))
    expect(told.type).toMatch(/^text\/event-stream/)
    expect(told.text).toBe(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''))
    expect(upstream.seen[0]?.url).toMatch(/invoke-with-response-stream$/)
    expect(JSON.parse(String(upstream.seen[0]?.body))).not.toHaveProperty('stream')
    expect(gateway.journal.outcomes().at(-1)).toMatchObject({
      outcome: { status: 'ok' },
      response: Buffer.from(told.text),
    })
  })

  test('a stream that ends too early is recorded as truncated, and its caller sees no end', async () => {
    const { gateway } = await open()
    const response = await fetch(`${gateway.url}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
      body: request(' "stream": true,', `${model}-cut`),
    })
    const told = await response.text().catch((error: Error) => `cut off: ${error.message}`)
    expect(told).not.toContain('message_stop')
    await until('an outcome', () => gateway.journal.outcomes().at(-1)?.outcome.status === 'truncated')
  })

  test('an error has the shape of the caller’s wire, whole and streamed, and keeps its status', async () => {
    const { gateway } = await open()
    for (const stream of [false, true]) {
      const response = await fetch(`${gateway.url}/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
        body: request(stream ? ' "stream": true,' : '', model.replace('v1', 'v7')),
      })
      expect(response.status).toBe(429)
      expect(response.headers.get('x-amzn-errortype')).toBe('ThrottlingException')
      const body = await response.text()
      expect(JSON.parse(body)).toEqual({
        type: 'error',
        error: { type: 'rate_limit_error', message: 'Too many requests, please wait' },
      })
      expect(gateway.journal.outcomes().at(-1)).toMatchObject({
        outcome: { status: 'error', httpStatus: 429, errorCode: null },
        response: Buffer.from(body),
      })
    }
  })

  test('a chat client gets its own dialect, whole and streamed', async () => {
    const { gateway, upstream } = await open()
    const body = (stream: boolean): string =>
      JSON.stringify({
        model: `bedrock/${model}`,
        stream,
        messages: [{ role: 'user', content: 'Hi' }],
        reasoning_effort: 'low',
      })
    expect(JSON.parse((await post(gateway, '/v1/chat/completions', body(false))).text)).toMatchObject({
      choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }],
      usage: { total_tokens: 8 },
    })
    expect((await post(gateway, '/v1/chat/completions', body(true))).text).toMatch(
      /"content":"Hello"[^]*data: \[DONE\]/,
    )
    expect(JSON.parse(String(upstream.seen[0]?.body))).toMatchObject({
      anthropic_version: 'bedrock-2023-05-31',
      thinking: { type: 'enabled' },
    })
    expect(upstream.seen.every(verify)).toBe(true)
  })

  test('what AWS refuses is told in the caller’s words', async () => {
    const { gateway } = await open()
    const told = await post(
      gateway,
      '/v1/chat/completions',
      JSON.stringify({ model: 'bedrock/anthropic.claude-v9', messages: [{ role: 'user', content: 'Hi' }] }),
    )
    expect(told.status).toBe(400)
    expect(JSON.parse(told.text)).toMatchObject({
      error: { type: 'invalid_request_error', message: 'The provided model identifier is invalid.' },
    })
  })

  test('a model that is not Claude is asked in chat, with a Bedrock API key as bearer', async () => {
    const { gateway, upstream } = await open('ABSKQmVkcm9ja0FQSUtleQ==')
    const body = '{"model":"bedrock/openai.gpt-oss-20b-1:0","messages":[{"role":"user","content":"Hi"}]}'
    expect((await post(gateway, '/v1/chat/completions', body)).status).toBe(200)
    expect(upstream.seen[0]).toMatchObject({
      url: '/openai/v1/chat/completions',
      headers: { authorization: 'Bearer ABSKQmVkcm9ja0FQSUtleQ==' },
    })
    expect(String(upstream.seen[0]?.body)).toBe(body.replace('bedrock/', ''))
  })
})
