/** Providers whose addresses, keys or wire are their own, through the whole gateway. */
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { ProviderConfig } from '../../../db/words/provider.ts'
import {
  callerKey,
  closeAll,
  startGateway,
  startUpstream,
  unexpected,
  type TestGateway,
  type Upstream,
} from '../harness.ts'
import { documented } from './documented.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

type Body = Record<string, any>
async function open(
  provider: Partial<ProviderConfig>,
  respond: (url: string, response: ServerResponse) => void,
): Promise<{ gateway: TestGateway; upstream: Upstream }> {
  const upstream = await startUpstream((request, response) => respond(request.url ?? '', response))
  return {
    upstream,
    gateway: await startGateway({
      providers: [{ name: 'p', apiKey: 'key', ...provider, baseUrl: upstream.origin + (provider.baseUrl ?? '') }],
    }),
  }
}

async function post(
  gateway: TestGateway,
  path: string,
  body: object | string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

const google = documented.find(({ kind }) => kind === 'google')
const answerAsGoogle = (url: string, response: ServerResponse): void => {
  if (url.includes('none'))
    return void response.writeHead(429, { 'content-type': 'application/json' }).end(google?.errors[1]?.body)
  if (url.includes('alt=sse'))
    return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(google?.stream)
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' }).end(google?.answer)
}

describe('Google', () => {
  const open1 = () => open({ kind: 'google', baseUrl: '/v1beta' }, answerAsGoogle)

  test('is asked at its own address with its own key, whatever the caller speaks, and the caller’s words stay here', async () => {
    const { gateway, upstream } = await open1()
    await post(
      gateway,
      '/v1/chat/completions?x=1',
      { model: 'p/gemini-2.5-flash', messages: [{ role: 'user', content: 'Cats?' }] },
      { 'openai-organization': 'o' },
    )
    await post(
      gateway,
      '/v1/messages?beta=true',
      { model: 'p/gemini-2.5-flash', max_tokens: 5, stream: true, messages: [{ role: 'user', content: 'Cats?' }] },
      { 'anthropic-version': '2023-06-01' },
    )
    expect(upstream.seen.map(({ url }) => url)).toEqual([
      '/v1beta/models/gemini-2.5-flash:generateContent',
      '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    ])
    for (const { headers } of upstream.seen) {
      expect(headers['x-goog-api-key']).toBe('key')
      expect(Object.keys(headers).filter((name) => /^(authorization|x-api-key|openai-|anthropic-)/.test(name))).toEqual(
        [],
      )
    }
    expect(JSON.parse(String(upstream.seen[1]?.body))).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Cats?' }] }],
      generationConfig: { maxOutputTokens: 5 },
    })
  })

  test('answers clients of every dialect, whole and streamed; the stream ends as theirs do', async () => {
    const { gateway } = await open1()
    const chat = await post(gateway, '/v1/chat/completions', {
      model: 'p/g',
      messages: [{ role: 'user', content: 'x' }],
    })
    expect(JSON.parse(chat.text)).toMatchObject({
      choices: [{ message: { content: 'Two cats.', reasoning_content: 'Counting' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 8, completion_tokens: 23 },
    })
    const messages = await post(gateway, '/v1/messages', {
      model: 'p/g',
      max_tokens: 5,
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    })
    expect(messages.text).toMatch(/thinking_delta[^]*text_delta[^]*"stop_reason":"end_turn"[^]*event: message_stop/)
    const responses = await post(gateway, '/v1/responses', { model: 'p/g', stream: true, input: 'x' })
    expect(responses.text).toMatch(/event: response.created[^]*Two cats\.[^]*event: response.completed/)
    expect(gateway.journal.outcomes().map(({ outcome }) => outcome.status)).toEqual(['ok', 'ok', 'ok'])
  })

  test('says its errors, lists of one included, in the caller’s words', async () => {
    const { gateway } = await open1()
    const told = await post(gateway, '/v1/messages', {
      model: 'p/none',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'x' }],
    })
    expect(told.status).toBe(429)
    expect(JSON.parse(told.text)).toMatchObject({
      type: 'error',
      error: { type: 'rate_limit_error', message: 'You exceeded your current quota.' },
    })
  })

  test('takes embeddings at its OpenAI-compatible endpoint, as they came', async () => {
    const { gateway, upstream } = await open1()
    const body = '{"model":"p/gemini-embedding-001", "input":"x"}'
    await post(gateway, '/v1/embeddings', body)
    expect(upstream.seen[0]).toMatchObject({
      url: '/v1beta/openai/embeddings',
      headers: { authorization: 'Bearer key' },
    })
    expect(String(upstream.seen[0]?.body)).toBe(body.replace('p/', ''))
  })
})

const ok = (_url: string, response: ServerResponse): void =>
  void response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(
      '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
    )
const chat = '{"model":"p/my-gpt","messages":[{"role":"user","content":"Hi"}]}'

test('Azure: a deployment with its version, or the v1 address; the key in its own header; the body as it came', async () => {
  const versioned = await open({ kind: 'azure', apiVersion: '2024-10-21' }, ok)
  await post(versioned.gateway, '/v1/chat/completions', chat)
  expect(versioned.upstream.seen[0]).toMatchObject({
    url: '/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21',
    headers: { 'api-key': 'key' },
  })
  expect(versioned.upstream.seen[0]?.headers).not.toHaveProperty('authorization')
  expect(String(versioned.upstream.seen[0]?.body)).toBe(chat.replace('p/', ''))
  await post(versioned.gateway, '/v1/embeddings', '{"model":"p/ada","input":"x"}')
  expect(versioned.upstream.seen[1]).toMatchObject({
    url: '/openai/deployments/ada/embeddings?api-version=2024-10-21',
    headers: { 'api-key': 'key' },
  })
  const newer = await open({ kind: 'azure' }, ok)
  await post(newer.gateway, '/v1/responses', '{"model":"p/my-gpt","input":"Hi"}')
  expect(newer.upstream.seen[0]?.url).toBe('/openai/v1/responses')
})

test('Portkey: the caller’s x-portkey headers pass, and what the configuration says takes their place', async () => {
  const { gateway, upstream } = await open(
    { kind: 'portkey', baseUrl: '/v1', headers: { 'x-portkey-provider': 'anthropic' } },
    ok,
  )
  await post(gateway, '/v1/chat/completions', chat, {
    'x-portkey-provider': 'openai',
    'x-portkey-trace-id': 't1',
    'x-portkey-metadata': '{"_user":"u"}',
  })
  expect(upstream.seen[0]?.headers).toMatchObject({
    'x-portkey-provider': 'anthropic',
    'x-portkey-trace-id': 't1',
    'x-portkey-metadata': '{"_user":"u"}',
    authorization: 'Bearer key',
  })
})

test('DeepSeek: each family of callers at its own endpoint, untouched', async () => {
  const { gateway, upstream } = await open({ kind: 'deepseek', baseUrl: '/v1' }, ok)
  const messages = '{"model":"p/deepseek-chat", "max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}'
  await post(gateway, '/v1/messages', messages)
  await post(gateway, '/v1/chat/completions', chat)
  expect(upstream.seen.map(({ url }) => url)).toEqual(['/anthropic/v1/messages', '/v1/chat/completions'])
  expect(upstream.seen[0]?.headers).toMatchObject({ 'x-api-key': 'key', 'anthropic-version': '2023-06-01' })
  expect(upstream.seen.map(({ body }) => String(body))).toEqual([messages.replace('p/', ''), chat.replace('p/', '')])
})

test('a strict provider gets a coding agent’s request without what it would refuse, and the caller is told what that was', async () => {
  const { gateway, upstream } = await open({ kind: 'mistral', baseUrl: '/v1' }, ok)
  const told = await post(gateway, '/v1/messages', {
    model: 'p/devstral',
    max_tokens: 5,
    metadata: { user_id: 'u' },
    system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: 'Hi' }],
  })
  expect(told.status).toBe(200)
  expect(told.headers.get('x-sinew-dropped')).toBe('metadata.user_id, system[0].cache_control')
  expect(JSON.parse(String(upstream.seen[0]?.body)) as Body).toEqual({
    model: 'devstral',
    messages: [
      { role: 'system', content: 'S' },
      { role: 'user', content: 'Hi' },
    ],
    max_tokens: 5,
  })
})
