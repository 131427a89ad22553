/** How a request leaves for each provider: address, credentials, and a body that the provider takes. */
import { afterEach, describe, expect, test } from 'vitest'
import type { ProviderConfig } from '../../../db/words/provider.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { chooseWire } from '../../pipeline/outgoing.ts'
import { translateRequest } from '../../dialects/translate.ts'
import { kinds } from '../../providers/kinds.ts'
import { openTarget, type Target } from '../../providers/targets.ts'

const opened: Target[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ pool }) => pool.destroy()))
})

function open(kind: string, extra: Partial<ProviderConfig> = {}): Target {
  const row = kinds.find(({ name }) => name === kind)
  const timeouts = { connectMs: 1, firstByteMs: 1, idleMs: 1 }
  const target = openTarget({
    name: 'p',
    kind,
    dialect: 'openai',
    baseUrl: row?.baseUrl ?? 'https://provider.test/v1',
    apiKey: 'key',
    models: [],
    timeouts,
    ...extra,
  })
  opened.push(target)
  return target
}

/** As a coding agent sends it: thinking, a limit, a user, cached parts, a tool, its earlier thought. */
const messages = JSON.stringify({
  model: 'm',
  max_tokens: 4_096,
  stream: true,
  metadata: { user_id: 'u1' },
  thinking: { type: 'enabled', budget_tokens: 2_000 },
  system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
  messages: [
    { role: 'user', content: 'Weather?' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Look', signature: 's' },
        { type: 'tool_use', id: 't1', name: 'look', input: { city: 'Bonn' } },
      ],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'Rain' }] },
  ],
  tools: [{ name: 'look', input_schema: { type: 'object' } }],
})
/** As a coding agent of the other family does. */
const responses = JSON.stringify({
  model: 'm',
  stream: true,
  store: false,
  prompt_cache_key: 'k',
  include: ['reasoning.encrypted_content'],
  instructions: 'S',
  input: [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Rules' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
  ],
  tools: [{ type: 'function', name: 'look', parameters: { type: 'object' }, strict: false }],
  tool_choice: 'auto',
  parallel_tool_calls: false,
})

type Body = Record<string, any>
function leave(
  target: Target,
  caller: Wire,
  text: string,
  model = 'm',
): { url: string; headers: string[]; body: Body; wire: string; dropped: readonly string[] } {
  const wire = chooseWire(target.wiresOf(model), caller)
  const { path, credentials, defaults } = target.prepare({ wire, model, stream: true })
  const translated =
    wire === caller
      ? { body: text, dropped: [] }
      : translateRequest(
          text,
          { from: caller, to: wire },
          { untranslatable: 'refuse', write: target.writeOptions(model) },
        )
  const body = target.toBody(Buffer.from(translated.body), { wire, model, stream: true }, () => undefined)
  return {
    url: target.base.origin + path,
    headers: [...credentials, ...defaults],
    body: JSON.parse(body.toString('utf8')) as Body,
    wire,
    dropped: translated.dropped,
  }
}

const bearer = ['authorization', 'Bearer key']
const version = ['anthropic-version', '2023-06-01']
describe('a Messages caller with thinking, a user and cached parts reaches', () => {
  test.each<[string, string, string[], string, Partial<ProviderConfig>?]>([
    ['openai', 'https://api.openai.com/v1/chat/completions', bearer, 'chat'],
    ['anthropic', 'https://api.anthropic.com/v1/messages', ['x-api-key', 'key', ...version], 'messages'],
    ['openrouter', 'https://openrouter.ai/api/v1/messages', [...bearer, ...version], 'messages'],
    [
      'openrouter',
      'https://openrouter.ai/api/v1/messages',
      [...bearer, ...version],
      'messages',
      { baseUrl: 'https://openrouter.ai/api', dialect: 'anthropic', wires: ['messages'] },
    ],
    [
      'google',
      'https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse',
      ['x-goog-api-key', 'key'],
      'google',
    ],
    [
      'azure',
      'https://r.openai.azure.com/openai/v1/chat/completions',
      ['api-key', 'key'],
      'chat',
      { baseUrl: 'https://r.openai.azure.com/' },
    ],
    [
      'azure',
      'https://r.openai.azure.com/openai/v1/chat/completions',
      ['api-key', 'key'],
      'chat',
      { baseUrl: 'https://r.openai.azure.com/openai/v1' },
    ],
    [
      'azure',
      'https://r.openai.azure.com/openai/deployments/m/chat/completions?api-version=2024-10-21',
      ['authorization', 'Bearer eyJh.b.c'],
      'chat',
      { baseUrl: 'https://r.openai.azure.com', apiVersion: '2024-10-21', apiKey: 'eyJh.b.c' },
    ],
    ['mistral', 'https://api.mistral.ai/v1/chat/completions', bearer, 'chat'],
    ['groq', 'https://api.groq.com/openai/v1/chat/completions', bearer, 'chat'],
    ['deepseek', 'https://api.deepseek.com/anthropic/v1/messages', ['x-api-key', 'key', ...version], 'messages'],
    ['deepseek', 'https://api.deepseek.com/v1/chat/completions', bearer, 'chat', { wires: ['chat'] }],
    ['xai', 'https://api.x.ai/v1/chat/completions', bearer, 'chat'],
    ['together', 'https://api.together.xyz/v1/chat/completions', bearer, 'chat'],
    ['fireworks', 'https://api.fireworks.ai/inference/v1/messages', [...bearer, ...version], 'messages'],
    ['cohere', 'https://api.cohere.ai/compatibility/v1/chat/completions', bearer, 'chat'],
    ['perplexity', 'https://api.perplexity.ai/chat/completions', bearer, 'chat'],
    ['cerebras', 'https://api.cerebras.ai/v1/chat/completions', bearer, 'chat'],
    ['ollama', 'http://127.0.0.1:11434/v1/messages', version, 'messages', { apiKey: null }],
    ['vllm', 'http://127.0.0.1:8000/v1/messages', [...bearer, ...version], 'messages'],
    ['litellm', 'http://127.0.0.1:4000/v1/messages', [...bearer, ...version], 'messages'],
    [
      'portkey',
      'https://api.portkey.ai/v1/messages',
      ['x-portkey-provider', 'openai', 'x-portkey-api-key', 'key', ...version],
      'messages',
      { headers: { 'x-portkey-provider': 'openai' } },
    ],
    [
      'portkey',
      'http://127.0.0.1:8787/v1/messages',
      [...bearer, ...version],
      'messages',
      { baseUrl: 'http://127.0.0.1:8787/v1' },
    ],
    ['openai-compatible', 'https://provider.test/v1/chat/completions', bearer, 'chat'],
    [
      'anthropic-compatible',
      'https://provider.test/v1/messages',
      ['x-api-key', 'key', ...version],
      'messages',
      { baseUrl: 'https://provider.test' },
    ],
  ])('%s at %s', (kind, url, headers, wire, extra) => {
    const left = leave(open(kind, extra), 'messages', messages)
    expect([left.url, left.wire, left.headers]).toEqual([url, wire, headers])
    if (wire === 'messages') expect(left.body).toEqual(JSON.parse(messages))
  })
})

describe('where it is translated to chat', () => {
  const body = (kind: string): ReturnType<typeof leave> => leave(open(kind, { wires: ['chat'] }), 'messages', messages)

  test('a strict server gets no member of OpenAI’s platform, and what is left out is named', () => {
    for (const kind of ['mistral', 'together', 'cohere', 'perplexity', 'deepseek', 'vllm', 'ollama']) {
      const left = body(kind)
      expect(Object.keys(left.body)).not.toContain('user')
      expect(left.dropped).toContain('metadata.user_id')
    }
    for (const kind of ['openai', 'azure', 'groq', 'xai', 'openrouter', 'openai-compatible'])
      expect(body(kind).body.user).toBe('u1')
  })

  test('the limit has the name that the provider knows, and usage is asked for where that is needed and known', () => {
    for (const kind of ['openai', 'azure'])
      expect(body(kind).body).toMatchObject({ max_completion_tokens: 4_096, stream_options: { include_usage: true } })
    for (const kind of ['mistral', 'perplexity', 'fireworks', 'groq', 'deepseek', 'together', 'openrouter', 'cohere']) {
      expect(body(kind).body).toMatchObject({ max_tokens: 4_096 })
      expect(body(kind).body).not.toHaveProperty('stream_options')
    }
    expect(
      [open('azure'), open('azure', { apiVersion: '2024-10-21' }), open('azure', { apiVersion: '2024-02-01' })].map(
        ({ asking }) => asking.asks,
      ),
    ).toEqual([true, true, false])
    expect(leave(open('openai', { streamUsage: false }), 'messages', messages).body).not.toHaveProperty(
      'stream_options',
    )
  })

  test('cache markers and earlier thoughts go only where they are known; elsewhere they are named', () => {
    for (const kind of ['openrouter', 'litellm', 'openai-compatible']) {
      expect(body(kind).body.messages[0].content[0].cache_control).toEqual({ type: 'ephemeral' })
      expect(body(kind).body.messages[2].reasoning_content).toBe('Look')
    }
    expect(body('deepseek').body.messages[2].reasoning_content).toBe('Look')
    expect(JSON.stringify(body('openai').body)).not.toMatch(/cache_control|reasoning_content|Look/)
    expect(body('openai').dropped).toEqual(
      expect.arrayContaining(['system[0].cache_control', 'messages[1].content[0]']),
    )
  })

  test('instructions of a developer are the system’s where that role is not known', () => {
    const roles = (kind: string): string[] =>
      (leave(open(kind, { wires: ['chat'] }), 'responses', responses).body.messages as Body[]).map(
        ({ role }) => role as string,
      )
    for (const kind of ['mistral', 'groq', 'deepseek', 'together', 'xai'])
      expect(roles(kind)).toEqual(['system', 'system', 'user'])
    for (const kind of ['openai', 'azure', 'openrouter', 'vllm'])
      expect(roles(kind)).toEqual(['system', 'developer', 'user'])
  })

  test('what a provider would ignore although it changes the answer is refused by name', () => {
    expect(() => leave(open('cohere'), 'responses', responses)).toThrow(/^parallel_tool_calls cannot be expressed/)
  })
})

test('a model of OpenAI’s that has one endpoint only is asked there, whatever its caller speaks', () => {
  const wires = (model: string, extra?: Partial<ProviderConfig>): string[] =>
    (['chat', 'responses', 'messages'] as const).map((caller) =>
      chooseWire(open('openai', extra).wiresOf(model), caller),
    )
  for (const model of [
    'gpt-5-pro',
    'gpt-5.2-pro-2025-12-11',
    'o3-pro',
    'gpt-5.1-codex-max',
    'codex-mini-latest',
    'o4-mini-deep-research',
    'computer-use-preview',
  ])
    expect(wires(model)).toEqual(['responses', 'responses', 'responses'])
  expect(wires('gpt-5-pro', { wires: ['chat'] })).toEqual(['responses', 'responses', 'responses'])
  for (const model of [
    'gpt-4o-audio-preview',
    'gpt-4o-search-preview-2025-03-11',
    'gpt-audio-mini',
    'gpt-5-search-api',
  ])
    expect(wires(model)).toEqual(['chat', 'chat', 'chat'])
  for (const model of ['gpt-4o', 'gpt-5.1', 'o3', 'ft:gpt-4o-mini:acme:pro:abc', 'chatgpt-4o-latest'])
    expect(wires(model)).toEqual(['chat', 'responses', 'chat'])
})

describe('Gemini', () => {
  const ask = (model: string, effort: string): Body =>
    leave(
      open('google'),
      'chat',
      JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }], reasoning_effort: effort }),
      model,
    ).body.generationConfig as Body

  test('is asked to think in tokens up to its second generation, in levels since', () => {
    expect(ask('gemini-2.5-flash', 'high')).toEqual({
      thinkingConfig: { thinkingBudget: 24_576, includeThoughts: true },
    })
    expect(ask('gemini-2.5-pro', 'low')).toEqual({ thinkingConfig: { thinkingBudget: 2_048, includeThoughts: true } })
    expect(ask('models/gemini-3-pro-preview', 'low')).toEqual({
      thinkingConfig: { thinkingLevel: 'low', includeThoughts: true },
    })
  })

  test('takes calls of another maker’s model: where signatures are demanded, the first of each step has the word that stands for one', () => {
    const history = JSON.stringify({
      model: 'm',
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
        },
        ...['a', 'b'].map((id) => ({ role: 'tool', tool_call_id: id, content: '1' })),
        {
          role: 'assistant',
          tool_calls: [
            {
              id: 'c',
              type: 'function',
              function: { name: 'f', arguments: '{}' },
              extra_content: { google: { thought_signature: 'own' } },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'c', content: '1' },
      ],
    })
    const signatures = (model: string): unknown[] =>
      (leave(open('google'), 'chat', history, model).body.contents as Body[]).flatMap(({ parts }) =>
        (parts as Body[]).filter((part) => part.functionCall).map((part) => part.thoughtSignature as unknown),
      )
    expect(signatures('gemini-3-flash')).toEqual(['skip_thought_signature_validator', undefined, 'own'])
    expect(signatures('gemini-2.5-flash')).toEqual([undefined, undefined, 'own'])
  })
})

test('Mistral takes calls with ids of another maker’s: nine letters and digits, the same in every request, its own unchanged', () => {
  const history = (id: string): string =>
    JSON.stringify({
      model: 'm',
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: [{ type: 'tool_use', id, name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '1' }] },
      ],
    })
  const ids = (id: string): string[] => {
    const {
      messages: [, call, result],
    } = leave(open('mistral'), 'messages', history(id)).body as { messages: Body[] }
    return [call?.tool_calls[0].id as string, result?.tool_call_id as string]
  }
  const [first, second] = ids('toolu_01A09q90qw90lq917835lq9')
  expect(first).toMatch(/^[a-zA-Z0-9]{9}$/)
  expect(second).toBe(first)
  expect(ids('toolu_01A09q90qw90lq917835lq9')).toEqual([first, first])
  expect(ids('toolu_other')[0]).not.toBe(first)
  expect(ids('D681PevKs')).toEqual(['D681PevKs', 'D681PevKs'])
})

describe('Claude is asked to think as its generation is', () => {
  const request = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }], reasoning_effort: 'high' })
  test.each([
    ['claude-3-haiku-20240307', undefined, 4_096],
    ['claude-3-5-sonnet-20241022', undefined, 8_192],
    ['claude-3-7-sonnet-latest', { type: 'enabled' }, 16_384 + 24_576],
    ['claude-sonnet-4-20250514', { type: 'enabled' }, 16_384 + 24_576],
    ['claude-opus-4-5-20251101', { type: 'enabled' }, 16_384 + 24_576],
    ['claude-opus-4-6', { type: 'adaptive' }, 16_384],
    ['claude-sonnet-5', { type: 'adaptive' }, 16_384],
    ['claude-opus-4-10', { type: 'adaptive' }, 16_384],
  ])('%s', (model, thinking, limit) => {
    for (const name of [model, `anthropic/${model}`, `us.anthropic.${model}-v1:0`]) {
      const { body } = leave(open('anthropic-compatible', { baseUrl: 'https://x.test' }), 'chat', request, name)
      expect(body.max_tokens).toBe(limit)
      expect(body.thinking?.type).toBe(thinking?.type)
    }
  })
})

describe('what is no generation', () => {
  test.each<[string, string, string | null, Partial<ProviderConfig>?, string?]>([
    ['openai', '/embeddings', '/v1/embeddings'],
    ['anthropic', '/messages/count_tokens', '/v1/messages/count_tokens'],
    ['openai', '/messages/count_tokens', null],
    ['litellm', '/messages/count_tokens', '/v1/messages/count_tokens'],
    ['vllm', '/messages/count_tokens', '/v1/messages/count_tokens'],
    ...['openrouter', 'ollama', 'fireworks', 'portkey', 'deepseek'].map((kind): [string, string, null] => [
      kind,
      '/messages/count_tokens',
      null,
    ]),
    ['google', '/embeddings', '/v1beta/openai/embeddings'],
    ['azure', '/embeddings', '/openai/v1/embeddings', { baseUrl: 'https://r.openai.azure.com' }],
    [
      'azure',
      '/files',
      '/openai/files?api-version=2024-10-21',
      { baseUrl: 'https://r.openai.azure.com', apiVersion: '2024-10-21' },
    ],
    ['azure', '/embeddings', null, { baseUrl: 'https://r.openai.azure.com', apiVersion: '2024-10-21' }],
    [
      'azure',
      '/embeddings',
      '/openai/deployments/my%20ada/embeddings?api-version=2024-10-21',
      { baseUrl: 'https://r.openai.azure.com', apiVersion: '2024-10-21' },
      'my ada',
    ],
    ['deepseek', '/models', '/v1/models'],
    ['bedrock', '/embeddings', null, { baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com' }],
  ])('%s has %s at %s', (kind, path, expected, extra, model) =>
    expect(open(kind, extra).prepareOther(path, model)?.path ?? null).toBe(expected),
  )

  test('goes to Google with a bearer, as its OpenAI-compatible endpoint wants', () => {
    expect(open('google').prepareOther('/embeddings')?.credentials).toEqual(bearer)
    expect(open('google').prepareRaw('/models').credentials).toEqual(['x-goog-api-key', 'key'])
  })
})
