/**
 * What Sinew itself wrote into fields of proof, so that it survives a client of another dialect, is no provider's: it
 * is taken out on the way, also where bytes pass as they are.
 */
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { ProviderConfig } from '../../db/words/provider.ts'
import {
  callerKey,
  closeAll,
  startGateway,
  startUpstream,
  unexpected,
  type TestGateway,
  type Upstream,
} from './harness.ts'

afterEach(async () => {
  await closeAll()
  expect(unexpected.splice(0)).toEqual([])
})

const answer = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"x"}')

async function open(provider: Partial<ProviderConfig>): Promise<{ gateway: TestGateway; upstream: Upstream }> {
  const upstream = await startUpstream((_request, response) => answer(response))
  const gateway = await startGateway({
    providers: [
      {
        name: 'p',
        apiKey: 'key',
        dialect: 'anthropic',
        ...provider,
        baseUrl: upstream.origin + (provider.baseUrl ?? ''),
      },
    ],
  })
  return { gateway, upstream }
}

async function send(
  { gateway, upstream }: Awaited<ReturnType<typeof open>>,
  path: string,
  body: string,
): Promise<{ sent: string; dropped: string | null }> {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
    body,
  })
  await response.text()
  return { sent: String(upstream.seen.at(-1)?.body), dropped: response.headers.get('x-sinew-dropped') }
}

const user = '{"role":"user","content":"x"}'
const signed = '{"type":"thinking", "thinking":"own","signature":"REAL"}'
const plan = '{"type":"thinking","thinking":"plan","signature": ""}'
const carrier = '{"type":"thinking","thinking":"","signature":"sinew~google~signature~call_1~GSIG1"}'
const redacted = '{"type":"redacted_thinking","data":"sinew~openai~encrypted~rs_1~ENC"}'
const call = '{"type":"tool_use","id":"call_1","name":"look","input":{"type":"thinking","signature":""}}'
const result = '{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"1"}]}'
const assistant = (...blocks: string[]): string => `{"role":"assistant","content":[${blocks.join(', ')}]}`
const messages = (model: string, ...turns: string[]): string =>
  `{"model":"p/${model}","max_tokens": 9e1,"messages":[${turns.join(', ')}]}`

const claude = [
  ['anthropic', { kind: 'anthropic' }],
  ['a server that has Claude', { kind: 'anthropic-compatible' }],
  ['OpenRouter', { kind: 'openrouter', baseUrl: '/api/v1' }],
] as const

describe('thinking that Claude did not sign never reaches it', () => {
  test.each(claude)('%s: marks at the end and in the middle of the history', async (_name, provider) => {
    const opened = await open(provider)
    const { sent, dropped } = await send(
      opened,
      '/v1/messages',
      messages(
        'claude-sonnet-4-5',
        user,
        assistant(plan, signed, redacted),
        user,
        assistant(plan, carrier, call),
        result,
      ),
    )
    expect(sent).toBe(
      messages('claude-sonnet-4-5', user, assistant(signed), user, assistant(call), result).replace('p/', ''),
    )
    expect(dropped).toBe(
      'messages[1].content[0], messages[1].content[2], messages[3].content[0], messages[3].content[1]',
    )
  })

  test('a message of nothing else goes with it, and the rest keeps its bytes', async () => {
    const { sent } = await send(
      await open({ kind: 'anthropic' }),
      '/v1/messages',
      messages('claude-sonnet-4-5', user, assistant(plan, carrier), user),
    )
    expect(sent).toBe(messages('claude-sonnet-4-5', user, user).replace('p/', ''))
  })

  test('also where tokens are counted and where a batch holds the conversation', async () => {
    const opened = await open({ kind: 'anthropic' })
    const body = messages('claude-sonnet-4-5', user, assistant(carrier, call), result)
    const clean = messages('claude-sonnet-4-5', user, assistant(call), result).replace('p/', '')
    const counted = await send(opened, '/v1/messages/count_tokens', body)
    expect(counted).toEqual({ sent: clean, dropped: 'messages[1].content[0]' })
    expect((await send(opened, '/providers/p/v1/messages', body.replace('p/', ''))).sent).toBe(clean)
    const batch = `{"requests":[{"custom_id":"1","params":${body.replace('p/', '')}}]}`
    expect((await send(opened, '/v1/messages/batches', batch)).sent).toBe(
      `{"requests":[{"custom_id":"1","params":${clean}}]}`,
    )
  })

  test('a model that signs nothing keeps its own unsigned thoughts, not what Sinew wrote', async () => {
    const { sent } = await send(
      await open({ kind: 'vllm', baseUrl: '/v1' }),
      '/v1/messages',
      messages('qwen3', user, assistant(plan, carrier, call), result),
    )
    expect(sent).toBe(messages('qwen3', user, assistant(plan, call), result).replace('p/', ''))
  })

  test('words that only look like a mark are the caller’s', async () => {
    const body = messages(
      'claude-sonnet-4-5',
      '{"role":"user","content":"sinew~google~signature~a~b"}',
      assistant(call),
      result,
    )
    const { sent, dropped } = await send(await open({ kind: 'anthropic' }), '/v1/messages', body)
    expect(sent).toBe(body.replace('p/', ''))
    expect(dropped).toBeNull()
  })
})

test('reasoning items that another maker’s answer was made into never reach a provider of Responses', async () => {
  const item = (rest: string): string => `{"type":"reasoning", ${rest},"summary":[]}`
  const own = item('"id":"rs_0a1b2c3d4e5f","encrypted_content":"gAAAA"')
  const foreign = [
    item('"id":"rs_msg1_0","encrypted_content":"sinew~anthropic~signature~~SIG"'),
    item('"id":"rs_chatcmpl1_2"'),
    item('"encrypted_content":"sinew~google~signature~call_1~G"'),
  ]
  const body = (items: string[]): string => `{"model":"p/gpt-5","input":[${[...items, user].join(',')}],"store":false}`
  const opened = await open({ kind: 'openai', dialect: 'openai', baseUrl: '/v1' })
  const { sent, dropped } = await send(
    opened,
    '/v1/responses',
    body([...foreign.slice(0, 2), own, ...foreign.slice(2)]),
  )
  expect(sent).toBe(body([own]).replace('p/', ''))
  expect(dropped).toBe('input[0], input[1], input[3]')
  expect((await send(opened, '/v1/responses/input_tokens', body([foreign[0] as string]))).sent).toBe(
    body([]).replace('p/', ''),
  )
})

test('details of reasoning that hold a mark never reach a provider of chat', async () => {
  const detail = (signature: string): string => `{"type":"reasoning.text","text":"t","signature":"${signature}"}`
  const body = (details: string[]): string =>
    `{"model":"p/m","messages":[${user},{"role":"assistant","content":"a","reasoning_details":[${details.join(',')}]},${user}]}`
  const { sent, dropped } = await send(
    await open({ kind: 'openrouter', baseUrl: '/api/v1' }),
    '/v1/chat/completions',
    body([detail('REAL'), detail('sinew~google~signature~~G')]),
  )
  expect(sent).toBe(body([detail('REAL')]).replace('p/', ''))
  expect(dropped).toBe('messages[1].reasoning_details[1]')
})
