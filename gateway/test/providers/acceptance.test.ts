/** What a translated request may not hold together, model by model; what was left out or changed is named. */
import { afterEach, describe, expect, test } from 'vitest'
import type { ProviderConfig } from '../../../db/words/provider.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { translateRequest } from '../../dialects/translate.ts'
import { chooseWire } from '../../pipeline/outgoing.ts'
import { acceptanceTable } from '../../providers/acceptance/table.ts'
import { kinds } from '../../providers/kinds.ts'
import { openTarget, type Target } from '../../providers/targets.ts'

const opened: Target[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ pool }) => pool.destroy()))
})

type Body = Record<string, any>

/** As it leaves for a model, under the setting that refuses what cannot be said. */
function leave(
  caller: Wire,
  kind: string,
  model: string,
  body: object,
  extra: Partial<ProviderConfig> = {},
): { body: Body; dropped: readonly string[] } {
  const target = openTarget({
    name: 'p',
    kind,
    dialect: 'openai',
    baseUrl: 'https://provider.test/v1',
    apiKey: 'key',
    models: [],
    timeouts: { connectMs: 1, firstByteMs: 1, idleMs: 1 },
    ...extra,
  })
  opened.push(target)
  const to = chooseWire(target.wiresOf(model), caller)
  if (to === caller) throw new Error('nothing is translated here')
  const { body: text, dropped } = translateRequest(
    JSON.stringify({ model, ...body }),
    { from: caller, to },
    { untranslatable: 'refuse', write: target.writeOptions(model) },
  )
  return { body: JSON.parse(text) as Body, dropped }
}

const messages = [{ role: 'user', content: 'x' }]
const look = {
  type: 'function',
  function: {
    name: 'look',
    parameters: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
  },
}
const chat = (body: object): object => ({ messages, ...body })
const toClaude = (model: string, body: object): ReturnType<typeof leave> =>
  leave('chat', 'anthropic', model, chat(body))

test('every row of the table names its source', () => {
  for (const { source } of acceptanceTable) expect(source.length).toBeGreaterThan(20)
})

describe('Claude', () => {
  test('gets no sampling settings since 4.7, one of two since 4.1, both before', () => {
    const sampling = { temperature: 0.3, top_p: 0.9, top_k: 5 }
    for (const model of [
      'claude-opus-4-7',
      'claude-opus-4-8',
      'claude-opus-5',
      'claude-fable-5',
      'claude-sonnet-5-5',
    ]) {
      const { body, dropped } = toClaude(model, sampling)
      expect(body).not.toHaveProperty('temperature')
      expect(body).not.toHaveProperty('top_p')
      expect(body).not.toHaveProperty('top_k')
      expect(dropped).toEqual(['temperature', 'top_p', 'top_k'])
    }
    const one = toClaude('claude-sonnet-4-5', sampling)
    expect(one.body).toMatchObject({ temperature: 0.3, top_k: 5 })
    expect(one.dropped).toEqual(['top_p'])
    expect(toClaude('claude-sonnet-4-20250514', sampling)).toMatchObject({ body: sampling, dropped: [] })
  })

  test('gets no temperature, top_k or small top_p beside thinking', () => {
    const { body, dropped } = toClaude('claude-sonnet-4-5', { reasoning_effort: 'high', temperature: 0.2, top_k: 3 })
    expect(body.thinking).toEqual({ type: 'enabled', budget_tokens: 24_576 })
    expect(body).not.toHaveProperty('temperature')
    expect(dropped).toEqual(['temperature', 'top_k'])
    expect(toClaude('claude-opus-4-6', { reasoning_effort: 'high', temperature: 0.2 }).dropped).toEqual(['temperature'])
    expect(toClaude('claude-sonnet-4-5', { reasoning_effort: 'high', top_p: 0.95 }).body.top_p).toBe(0.95)
    expect(toClaude('claude-sonnet-4-5', { temperature: 0.2 }).body.temperature).toBe(0.2)
  })

  test.each(['required', { type: 'function', function: { name: 'look' } }])(
    'does not think where a tool is forced: %j',
    (choice) => {
      for (const model of ['claude-sonnet-4-5', 'claude-opus-4-6']) {
        const { body, dropped } = toClaude(model, { reasoning_effort: 'medium', tools: [look], tool_choice: choice })
        expect(body).not.toHaveProperty('thinking')
        expect(body).not.toHaveProperty('output_config')
        expect(body.tool_choice.type).toMatch(/any|tool/)
        expect(dropped).toEqual(['reasoning_effort'])
      }
      const auto = toClaude('claude-opus-5-5', { tools: [look], tool_choice: choice })
      expect(auto.body.tool_choice).toEqual({ type: 'auto' })
      expect(auto.dropped).toEqual(['tool_choice'])
    },
  )

  test('does not think with a budget in the middle of a tool loop whose turn has no thought of its own', () => {
    const call = (id: string): object => ({ id, type: 'function', function: { name: 'look', arguments: '{"q":"1"}' } })
    const loop = (thought: object): object[] => [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: null, tool_calls: [call('c1')], ...thought },
      { role: 'tool', tool_call_id: 'c1', content: '1' },
      { role: 'assistant', content: null, tool_calls: [call('c2')] },
      { role: 'tool', tool_call_id: 'c2', content: '2' },
    ]
    const ask = (model: string, turns: object[]): ReturnType<typeof leave> =>
      toClaude(model, { messages: turns, reasoning_effort: 'high', tools: [look] })
    const bare = ask('claude-sonnet-4-5', loop({}))
    expect(bare.body).not.toHaveProperty('thinking')
    expect(bare.dropped).toEqual(['reasoning_effort'])
    const signed = {
      reasoning_details: [
        { type: 'reasoning.text', text: 't', signature: 'S', format: 'anthropic-claude-v1', index: 0 },
      ],
    }
    expect(ask('claude-sonnet-4-5', loop(signed)).body.thinking).toBeDefined()
    expect(ask('claude-opus-4-6', loop({})).body.thinking).toBeDefined()
    const over = [...loop({}), { role: 'assistant', content: 'done' }, { role: 'user', content: 'y' }]
    expect(ask('claude-sonnet-4-5', over).body.thinking).toBeDefined()
    const begun = [...messages, { role: 'assistant', content: 'It is' }]
    expect(ask('claude-sonnet-4-5', begun).body).not.toHaveProperty('thinking')
  })

  test('has a budget smaller than its limit, or none; both stay below what it can write', () => {
    const small = toClaude('claude-sonnet-4-5', { reasoning_effort: 'medium', max_tokens: 1_000 })
    expect(small.body).toMatchObject({ max_tokens: 1_000 })
    expect(small.body).not.toHaveProperty('thinking')
    expect(small.dropped).toEqual(['reasoning_effort'])
    const tight = toClaude('claude-sonnet-4-5', { reasoning_effort: 'high', max_tokens: 4_000 })
    expect(tight.body.thinking.budget_tokens).toBe(2_976)
    expect(tight.dropped).toEqual(['reasoning_effort'])
    const most = toClaude('claude-sonnet-4-5', { reasoning_effort: 'max' })
    expect(most.body.max_tokens).toBeLessThanOrEqual(64_000)
    expect(most.body.thinking.budget_tokens).toBeLessThan(most.body.max_tokens as number)
    expect(toClaude('claude-3-haiku-20240307', { max_tokens: 16_000 })).toMatchObject({
      body: { max_tokens: 4_096 },
      dropped: ['max_tokens'],
    })
  })

  test('thinks adaptively since 4.6 only, always where it cannot be told not to, and not at all before 3.7', () => {
    const summary = (model: string): ReturnType<typeof leave> =>
      leave('responses', 'anthropic', model, { input: 'x', reasoning: { summary: 'auto' } })
    expect(summary('claude-opus-4-6').body.thinking).toEqual({ type: 'adaptive', display: 'summarized' })
    expect(summary('claude-sonnet-4-5').body).not.toHaveProperty('thinking')
    expect(summary('claude-sonnet-4-5').dropped).toEqual(['reasoning'])
    for (const model of ['claude-fable-5', 'claude-mythos-5', 'claude-opus-5-5']) {
      const { body, dropped } = toClaude(model, { reasoning_effort: 'none' })
      expect(body.thinking?.type).not.toBe('disabled')
      expect(body.output_config).toEqual({ effort: 'low' })
      expect(dropped).toEqual(['reasoning_effort'])
    }
    expect(toClaude('claude-opus-5', { reasoning_effort: 'none' }).body.thinking).toEqual({ type: 'disabled' })
    expect(toClaude('claude-3-5-sonnet-20241022', { reasoning_effort: 'none' })).toMatchObject({ dropped: [] })
    expect(toClaude('claude-opus-4-7', { reasoning: { max_tokens: 2_000 } })).toMatchObject({
      body: { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      dropped: ['reasoning_effort'],
    })
    expect(toClaude('claude-opus-4-6', { reasoning_effort: 'xhigh' }).body.output_config).toEqual({ effort: 'max' })
    expect(toClaude('claude-opus-4-7', { reasoning: { enabled: true } }).body.thinking).toEqual({ type: 'adaptive' })
  })

  test('gets schemas of its subset, and tools whose schema is an object', () => {
    const schema = {
      type: 'object',
      properties: {
        n: { type: 'integer', minimum: 1, description: 'How many' },
        list: {
          type: 'array',
          maxItems: 3,
          items: { type: 'object', properties: { s: { type: 'string', minLength: 2 } } },
        },
      },
    }
    const { body, dropped } = toClaude('claude-sonnet-4-5', {
      response_format: { type: 'json_schema', json_schema: { name: 'a', schema } },
    })
    expect(body.output_config.format.schema).toEqual({
      type: 'object',
      additionalProperties: false,
      properties: {
        n: { type: 'integer', description: 'How many\n{minimum: 1}' },
        list: {
          type: 'array',
          description: '{maxItems: 3}',
          items: {
            type: 'object',
            additionalProperties: false,
            properties: { s: { type: 'string', description: '{minLength: 2}' } },
          },
        },
      },
    })
    expect(dropped).toContain('response_format.schema.properties.n.minimum')
    const tools = (parameters: unknown, extra = {}): ReturnType<typeof leave> =>
      toClaude('claude-sonnet-4-5', { tools: [{ type: 'function', function: { name: 'f', parameters, ...extra } }] })
    for (const empty of [{}, undefined, null, { type: 'object' }])
      expect(tools(empty).body.tools[0].input_schema).toEqual({ type: 'object', properties: {} })
    expect(tools({ $comment: 'c', properties: { a: {} } }).body.tools[0].input_schema).toMatchObject({ type: 'object' })
    const strict = tools({ type: 'object', properties: { n: { type: 'number', maximum: 2 } } }, { strict: true })
    expect(strict.body.tools[0].input_schema.properties.n).toEqual({ type: 'number', description: '{maximum: 2}' })
    const either = tools({ anyOf: [{ type: 'object', properties: { a: {} } }, { properties: { b: {} } }] })
    expect(either.body.tools[0].input_schema).toEqual({ type: 'object', properties: { a: {}, b: {} } })
    expect(either.dropped).toEqual(['tools[0].function.parameters.anyOf'])
  })

  test('gets no blank text, no white space at the end of a begun answer, and no id twice', () => {
    const call = { id: 'call_0', type: 'function', function: { name: 'look', arguments: '{}' } }
    const { body, dropped } = toClaude('claude-sonnet-4-5', {
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: '  \n' },
        { role: 'assistant', content: ' \n', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_0', content: '1' },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_0', content: '2' },
        { role: 'assistant', content: 'So ' },
      ],
    })
    expect(body.messages.map(({ role }: Body) => role as string)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
      'assistant',
    ])
    const [, first, firstResult, second, secondResult, begun] = body.messages as Body[]
    expect(first?.content).toEqual([{ type: 'tool_use', id: 'call_0', name: 'look', input: {} }])
    expect(second?.content[0].id).not.toBe('call_0')
    expect(secondResult?.content[0].tool_use_id).toBe(second?.content[0].id)
    expect(firstResult?.content[0].tool_use_id).toBe('call_0')
    expect(begun?.content).toBe('So')
    expect(dropped).toEqual(['messages[1].content', 'messages[2].content', 'messages[6].content'])
  })
})

describe('OpenAI’s wires', () => {
  const ask = (kind: string, wires: ProviderConfig['wires'], model: string, body: object): ReturnType<typeof leave> =>
    leave('messages', kind, model, { max_tokens: 64, messages, ...body }, wires === undefined ? {} : { wires })

  test('a limit below the least becomes the least, and the caller is told', () => {
    expect(ask('openai-compatible', ['responses'], 'm', { max_tokens: 1 })).toMatchObject({
      body: { max_output_tokens: 16 },
      dropped: ['max_tokens'],
    })
    expect(ask('openai-compatible', ['chat'], 'm', { max_tokens: 1 }).body.max_tokens).toBe(1)
  })

  test('a long name of a user becomes a digest, the same each time, where it is too long', () => {
    const long = `user_${'a'.repeat(100)}_account__session_1`
    const user = (kind: string, id: string, wires?: ProviderConfig['wires']): unknown =>
      ask(kind, wires, 'm', { metadata: { user_id: id } }).body.user
    for (const wires of [['chat'], ['responses']] as const) {
      expect(user('openai-compatible', long, wires)).toMatch(/^[0-9a-f]{64}$/)
      expect(user('openai-compatible', long, wires)).toBe(user('openai-compatible', long, wires))
      expect(user('openai-compatible', `${long}2`, wires)).not.toBe(user('openai-compatible', long, wires))
      expect(user('openai-compatible', 'u1', wires)).toBe('u1')
    }
    expect(user('openrouter', long, ['chat'])).toBe(long)
    expect(user('openrouter', long + long, ['chat'])).toMatch(/^[0-9a-f]{64}$/)
    expect(ask('openai', undefined, 'gpt-4o', { metadata: { user_id: long } }).dropped).toEqual(['metadata.user_id'])
  })

  test('ids of calls are as short as the wire wants, the same in call and result', () => {
    const id = `toolu_${'x'.repeat(100)}`
    const history = {
      messages: [
        ...messages,
        { role: 'assistant', content: [{ type: 'tool_use', id, name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '1' }] },
      ],
    }
    const { input } = ask('openai-compatible', ['responses'], 'm', history).body
    expect(input[1].call_id.length).toBeLessThanOrEqual(64)
    expect(input[2].call_id).toBe(input[1].call_id)
    expect(ask('openai', undefined, 'gpt-4o', history).body.messages[1].tool_calls[0].id.length).toBeLessThanOrEqual(40)
    expect(ask('openai-compatible', ['chat'], 'm', history).body.messages[1].tool_calls[0].id).toBe(id)
  })

  test('an object without properties lists none', () => {
    for (const wires of [['chat'], ['responses']] as const) {
      const { tools } = ask('openai-compatible', wires, 'm', {
        tools: [{ name: 'f', input_schema: { type: 'object' } }],
      }).body
      expect((tools[0].function ?? tools[0]).parameters).toEqual({ type: 'object', properties: {} })
    }
  })

  test('thinking switched off is said only to those who have a word for it', () => {
    const off = { thinking: { type: 'disabled' } }
    const effort = (kind: string, model: string): unknown => ask(kind, ['chat'], model, off).body.reasoning_effort
    for (const kind of ['openai-compatible', 'groq', 'deepseek', 'mistral', 'vllm', 'together', 'litellm'])
      expect(effort(kind, 'm')).toBeUndefined()
    expect(ask('openai-compatible', ['responses'], 'm', off).body).not.toHaveProperty('reasoning')
    expect(effort('openrouter', 'm')).toBe('none')
    expect(effort('openai', 'gpt-5.1')).toBe('none')
    expect(effort('openai', 'gpt-5-mini')).toBe('minimal')
    expect(effort('openai', 'o4-mini')).toBe('low')
    expect(effort('openai', 'gpt-4o')).toBeUndefined()
    expect(effort('groq', 'qwen/qwen3-32b')).toBe('none')
  })

  test('an effort is one that the model knows, and none where it knows none', () => {
    const effort = (kind: string, model: string, effort: string): ReturnType<typeof leave> =>
      leave('responses', kind, model, { input: 'x', reasoning: { effort } }, { wires: ['chat'] })
    expect(effort('groq', 'openai/gpt-oss-120b', 'xhigh')).toMatchObject({
      body: { reasoning_effort: 'high' },
      dropped: ['reasoning'],
    })
    expect(effort('groq', 'llama-3.3-70b-versatile', 'high').body).not.toHaveProperty('reasoning_effort')
    expect(effort('openai', 'gpt-4.1', 'high').body).not.toHaveProperty('reasoning_effort')
    expect(effort('openai', 'gpt-5.2', 'max').body.reasoning_effort).toBe('xhigh')
    expect(effort('openai', 'gpt-5.1', 'minimal').body.reasoning_effort).toBe('low')
    expect(effort('openai-compatible', 'm', 'xhigh').body.reasoning_effort).toBe('xhigh')
  })

  test('reasoning models get no sampling settings, no stop sequences and no second setting of calls', () => {
    const extra = { temperature: 0.3, stop_sequences: ['END'] }
    expect(ask('openai', undefined, 'o3', extra)).toMatchObject({ dropped: ['temperature', 'stop_sequences'] })
    expect(ask('openai', undefined, 'gpt-5', { temperature: 1 }).dropped).toEqual([])
    expect(ask('openai', undefined, 'gpt-5.1', { temperature: 0.3 }).body).not.toHaveProperty('temperature')
    const off = ask('openai', undefined, 'gpt-5.1', { temperature: 0.3, thinking: { type: 'disabled' } })
    expect(off.body).toMatchObject({ temperature: 0.3, reasoning_effort: 'none' })
    expect(ask('openai', undefined, 'gpt-4o', extra).body).toMatchObject({ temperature: 0.3, stop: ['END'] })
  })

  test('DeepSeek has structured output without a schema only: a schema is refused by name', () => {
    const body = { input: 'x', text: { format: { type: 'json_schema', name: 'a', schema: { type: 'object' } } } }
    expect(() => leave('responses', 'deepseek', 'deepseek-chat', body)).toThrow(/^text\.format cannot be expressed/)
  })
})

describe('Gemini', () => {
  const thinking = (model: string, extra: object): unknown =>
    leave('chat', 'google', model, chat(extra)).body.generationConfig?.thinkingConfig

  test('is asked for the least where it cannot be told not to think', () => {
    expect(thinking('gemini-2.5-pro', { reasoning_effort: 'none' })).toEqual({ thinkingBudget: 128 })
    expect(thinking('gemini-2.5-flash', { reasoning_effort: 'none' })).toEqual({ thinkingBudget: 0 })
    expect(thinking('gemini-3-pro', { reasoning_effort: 'none' })).toEqual({ thinkingLevel: 'low' })
    expect(thinking('gemini-3-flash-preview', { reasoning_effort: 'none' })).toEqual({ thinkingLevel: 'minimal' })
    expect(thinking('gemini-2.0-flash', { reasoning_effort: 'none' })).toBeUndefined()
    expect(thinking('gemini-2.0-flash', { reasoning_effort: 'high' })).toBeUndefined()
    expect(
      leave('messages', 'google', 'gemini-3-pro', { max_tokens: 9, messages, thinking: { type: 'disabled' } }),
    ).toMatchObject({ body: { generationConfig: { thinkingConfig: { thinkingLevel: 'low' } } }, dropped: ['thinking'] })
  })

  test('is asked for a level that it has', () => {
    expect(thinking('gemini-3-pro', { reasoning_effort: 'medium' })).toMatchObject({ thinkingLevel: 'high' })
    expect(thinking('gemini-3.1-pro', { reasoning_effort: 'minimal' })).toMatchObject({ thinkingLevel: 'low' })
    expect(thinking('gemini-2.5-pro', { reasoning: { max_tokens: 100_000 } })).toMatchObject({ thinkingBudget: 32_768 })
  })
})

test('every kind of provider takes a request of every wire that it does not speak', () => {
  for (const { name } of kinds)
    for (const model of ['m', 'claude-opus-4-7', 'gpt-5', 'gemini-3-pro', 'us.anthropic.claude-sonnet-4-5-v1:0']) {
      const bodies = { chat: chat({}), responses: { input: 'x' }, messages: { max_tokens: 9, messages } }
      for (const caller of ['chat', 'responses', 'messages'] as const) {
        const wires = kinds.find((kind) => kind.name === name)
        if ((wires?.wiresOf?.(model) ?? wires?.wires)?.includes(caller) === true) continue
        expect(leave(caller, name, model, bodies[caller]).dropped).toEqual([])
      }
    }
})
