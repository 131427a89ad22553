/** Counted tokens, and threads that only their provider can continue, through the whole gateway. */
import { afterEach, expect, test } from 'vitest'
import { callerKey, closeAll, startGateway, startUpstream, unexpected } from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const body = (model: string, extra: object = {}): string =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }], ...extra })

async function post(url: string, text: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'x-api-key': callerKey, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: text,
  })
  return { status: response.status, text: await response.text() }
}

test('tokens are counted where the provider counts them; elsewhere there is no such endpoint', async () => {
  const upstream = await startUpstream((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"input_tokens":7}'),
  )
  const kinds = ['litellm', 'vllm', 'ollama', 'openrouter', 'openai', 'mistral', 'groq', 'google']
  const gateway = await startGateway({
    providers: kinds.map((kind) => ({ name: kind, kind, dialect: 'openai', baseUrl: `${upstream.origin}/${kind}/v1` })),
  })
  for (const kind of kinds) {
    const { status, text } = await post(`${gateway.url}/v1/messages/count_tokens`, body(`${kind}/claude`))
    const counts = kind === 'litellm' || kind === 'vllm'
    expect([kind, status]).toEqual([kind, counts ? 200 : 404])
    expect(JSON.parse(text)).toMatchObject(
      counts ? { input_tokens: 7 } : { type: 'error', error: { type: 'not_found_error' } },
    )
  }
  expect(upstream.seen.map(({ url }) => url)).toEqual([
    '/litellm/v1/messages/count_tokens',
    '/vllm/v1/messages/count_tokens',
  ])
  expect(String(upstream.seen[0]?.body)).toBe(body('claude'))
})

test('a thread is refused with the word that makes its client send everything, also where losses are allowed', async () => {
  const upstream = await startUpstream((_request, response) => response.end())
  const gateway = await startGateway({
    untranslatable: 'drop',
    providers: [{ name: 'p', kind: 'openai', dialect: 'openai', baseUrl: `${upstream.origin}/v1` }],
  })
  const thread = { type: 'continue', previous_message_id: 'msg_123' }
  const { status, text } = await post(`${gateway.url}/v1/messages`, body('p/gpt-4o', { max_tokens: 50, thread }))
  expect(status).toBe(400)
  expect(JSON.parse(text)).toMatchObject({
    type: 'error',
    error: { type: 'invalid_request_error', details: { error_code: 'thread_unsupported_request' } },
  })
  expect(upstream.seen).toEqual([])
})
