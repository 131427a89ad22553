/** Requests as untidy clients send them: order, references, members that nobody knows. */
import { describe, expect, test } from 'vitest'
import type { ProviderWire, Wire } from '../../../db/words/wire.ts'
import { fromPlainId, toPlainId } from '../../dialects/tools.ts'
import { translateAnswer } from '../../dialects/translate.ts'
import { type Body, translate, refusal, inChat, inMessages } from './translate-untidy.ts'

describe('what is left out', () => {
  const call = (type: string): object => ({ type, call_id: 'c', name: 'f', arguments: '{}' })
  test('takes its partner along, the result of a call as well as the call of a result', () => {
    const output = { type: 'function_call_output', call_id: 'c', output: '1' }
    const user = { role: 'user', content: 'x' }
    const lostCall = { input: [user, call('tool_search_call'), output, user] }
    expect(translate('responses', 'messages', lostCall)).toMatchObject({
      body: { messages: [{ role: 'user', content: [{ text: 'x' }, { text: 'x' }] }] },
      dropped: ['input[1]', 'input[2].output'],
    })
    expect(refusal('responses', 'chat', lostCall, 'refuse').message).toMatch(/^input\[1\] \(tool_search_call\)/)
    const lostOutput = { input: [user, call('function_call'), { type: 'shell_call_output', call_id: 'c' }, user] }
    expect(translate('responses', 'chat', lostOutput).dropped).toEqual(['input[2]', 'input[1]'])
    const chat = {
      messages: [
        user,
        { role: 'assistant', content: 'a', tool_calls: [{ id: 'c', type: 'mcp', mcp: {} }] },
        { role: 'tool', tool_call_id: 'c', content: '1' },
        user,
      ],
    }
    expect(translate('chat', 'messages', chat).body.messages).toHaveLength(3)
  })

  test('deferred tools are there at once where the search that would load them is gone', () => {
    const body = {
      ...inMessages({ type: 'text', text: 'x' }),
      tools: [
        { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
        { name: 'f', input_schema: { type: 'object', properties: {} }, defer_loading: true },
      ],
    }
    const { body: sent, dropped } = translate('messages', 'responses', body)
    expect(sent.tools).toHaveLength(1)
    expect(sent.tools[0]).not.toHaveProperty('defer_loading')
    expect(dropped).toEqual(['tools[0]', 'tools[1].defer_loading', 'max_tokens'])
    expect(refusal('messages', 'chat', body, 'refuse').message).toMatch(/^tools\[0\] \(tool_search_tool_regex\) cannot/)
  })

  test('a request whose only part is gone is refused whatever the setting, and so is one without its last words', () => {
    const only = { role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }
    expect(refusal('responses', 'chat', { input: [only] }).fields).toEqual(['input[0].content[0]'])
    const { fields } = refusal('responses', 'messages', {
      input: [{ role: 'user', content: 'x' }, { role: 'assistant', content: 'y' }, only],
    })
    expect(fields).toEqual(['input[2].content[0]'])
    expect(
      refusal('messages', 'chat', inMessages({ type: 'image', source: { type: 'file', file_id: 'f' } })),
    ).toBeDefined()
    expect(refusal('chat', 'messages', { messages: [{ role: 'user', content: ' \n' }] })).toBeDefined()
  })

  test('a provider’s own tools are refused by their names', () => {
    const { message } = refusal('responses', 'messages', { input: 'x', tools: [{ type: 'web_search' }] }, 'refuse')
    expect(message).toMatch(/^tools\[0\] \(web_search\) cannot be expressed/)
  })
})

describe('what continues a conversation that the provider keeps is refused whatever the setting', () => {
  const chat = { messages: [{ role: 'user', content: 'x' }] }
  const messages = { max_tokens: 9, ...chat }
  test.each<[Wire, object, string]>([
    ['messages', { ...messages, thread: { type: 'continue', previous_message_id: 'msg_1' } }, 'thread'],
    ['messages', { ...messages, thread: { type: 'create' } }, 'thread'],
    ['messages', { ...messages, container: 'container_1' }, 'container'],
    ['messages', { ...messages, container: { id: 'container_1', skills: [] } }, 'container'],
    ['messages', { ...messages, previous_message_id: 'msg_1' }, 'previous_message_id'],
    ['chat', { ...chat, previous_response_id: 'r' }, 'previous_response_id'],
    ['chat', { ...chat, conversation: 'c' }, 'conversation'],
    ['responses', { input: 'x', previous_response_id: 'r' }, 'previous_response_id'],
    ['responses', { input: 'x', conversation: { id: 'c' } }, 'conversation'],
    ['responses', { input: 'x', prompt: { id: 'pmpt_1' } }, 'prompt'],
    ['responses', { input: [{ type: 'item_reference', id: 'i' }] }, 'input[0]'],
  ])('%s %j', (from, body, field) => {
    for (const to of ['chat', 'responses', 'messages', 'google'] as const) {
      if (to === from) continue
      for (const setting of ['refuse', 'drop'] as const) {
        const error = refusal(from, to, body, setting)
        expect(error.fields).toEqual([field])
        expect(error.details).toEqual(field === 'thread' ? { error_code: 'thread_unsupported_request' } : undefined)
      }
    }
  })
})

describe('nothing vanishes without a word', () => {
  test('OpenRouter’s wish for reasoning is carried, and what it says beside is named', () => {
    const reasoning = { effort: 'high', enabled: true, exclude: true }
    const body = { messages: [{ role: 'user', content: 'x' }], reasoning }
    expect(translate('chat', 'messages', body)).toMatchObject({
      body: { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
      dropped: ['reasoning.exclude'],
    })
    expect(translate('chat', 'responses', body)).toMatchObject({
      body: { reasoning: { effort: 'high' } },
      dropped: ['reasoning.exclude'],
    })
    const on = { ...body, reasoning: { enabled: true } }
    expect(translate('chat', 'messages', on).body.thinking).toEqual({ type: 'adaptive' })
    expect(translate('chat', 'responses', on).body.reasoning).toEqual({ effort: 'medium' })
  })

  test('every place of a thought that does not go back to its maker is named', () => {
    const detail = { type: 'reasoning.text', signature: 'S', format: 'anthropic-claude-v1', index: 0 }
    const body = (extra: object): object => ({
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: 'y', ...extra },
        { role: 'user', content: 'z' },
      ],
    })
    const places = (extra: object): readonly string[] => translate('chat', 'responses', body(extra)).dropped
    expect(places({ reasoning_details: [{ ...detail, text: 't' }] })).toEqual(['messages[1].reasoning_details[0]'])
    expect(places({ reasoning: 't', reasoning_details: [detail] })).toEqual([
      'messages[1].reasoning',
      'messages[1].reasoning_details[0]',
    ])
    expect(places({ reasoning_details: [{ type: 'reasoning.text', text: 't' }, detail] })).toEqual([
      'messages[1].reasoning_details[0]',
      'messages[1].reasoning_details[1]',
    ])
  })

  test('the name of a file that goes as an address is named where it stood', () => {
    const file = { type: 'file', file: { file_data: 'https://x.test/a.pdf', filename: 'a.pdf' } }
    const { body, dropped } = translate('chat', 'responses', inChat(file), 'm', 'refuse')
    expect(body.input[0].content).toEqual([{ type: 'input_file', file_url: 'https://x.test/a.pdf' }])
    expect(dropped).toEqual(['messages[0].content[0].file.filename'])
  })

  test('a comment and an answer stay two texts in their order', () => {
    const message = (phase: string, text: string): object => ({
      type: 'message',
      role: 'assistant',
      phase,
      content: [{ type: 'output_text', text }],
    })
    const { body, dropped } = translate('responses', 'chat', {
      input: [{ role: 'user', content: 'x' }, message('commentary', 'Looking.'), message('final_answer', 'Found.')],
    })
    expect(body.messages[1].content).toEqual([
      { type: 'text', text: 'Looking.' },
      { type: 'text', text: 'Found.' },
    ])
    expect(dropped).toEqual(['input[1].phase', 'input[2].phase'])
  })

  test('a default is nothing that could be lost', () => {
    const body = { messages: [{ role: 'user', content: 'x' }], modalities: ['text'], n: 1 }
    for (const to of ['messages', 'responses', 'google'] as const)
      expect(translate('chat', to, body, undefined, 'refuse').dropped).toEqual([])
  })

  test('the line for Anthropic’s billing stays here, and only that', () => {
    const line = 'x-anthropic-billing-header: cc_version=2.1; cch=1a2b3;'
    const system = (value: unknown): Body =>
      translate('messages', 'chat', { ...inMessages({ type: 'text', text: 'x' }), system: value })
    const blocks = [line, 'You are Claude Code.'].map((text) => ({ type: 'text', text }))
    expect(system(blocks)).toMatchObject({
      body: { messages: [{ role: 'system', content: 'You are Claude Code.' }, {}] },
      dropped: ['system[0]'],
    })
    expect(system(`${line}\nBe brief.`)).toMatchObject({
      body: { messages: [{ content: 'Be brief.' }, {}] },
      dropped: ['system'],
    })
    expect(system('About x-anthropic-billing-header: none').dropped).toEqual([])
  })
})

describe('a conversation that is too long is said in the words that the client looks for', () => {
  const say = (from: ProviderWire, to: Wire, body: object, status = 400): Body =>
    (JSON.parse(translateAnswer(JSON.stringify(body), { from, to }, status).body) as Body).error as Body
  const openai = (message: string, code: string | null = null): object => ({
    error: { message, type: 'invalid_request_error', param: 'messages', code },
  })
  const length =
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130123 tokens."

  test('Anthropic’s', () => {
    expect(say('chat', 'messages', openai(length, 'context_length_exceeded'))).toMatchObject({
      type: 'invalid_request_error',
      message: `prompt is too long: 130123 tokens > 128000 maximum\n${length}`,
    })
    for (const [from, body] of [
      ['chat', openai(length)],
      ['responses', openai('Your input exceeds the context window of this model.', 'context_length_exceeded')],
      [
        'google',
        {
          error: {
            code: 400,
            status: 'INVALID_ARGUMENT',
            message: 'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).',
          },
        },
      ],
      [
        'chat',
        {
          error: {
            code: 400,
            type: 'exceed_context_size_error',
            message: 'the request exceeds the available context size',
          },
        },
      ],
    ] as const)
      expect(say(from, 'messages', body)).toMatchObject({
        type: 'invalid_request_error',
        message: expect.stringMatching(/^prompt is too long/),
      })
  })

  test('OpenAI’s', () => {
    const anthropic = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'prompt is too long: 208310 tokens > 200000 maximum' },
    }
    for (const to of ['chat', 'responses'] as const) {
      expect(say('messages', to, anthropic)).toMatchObject({
        code: 'context_length_exceeded',
        message: 'prompt is too long: 208310 tokens > 200000 maximum',
      })
      expect(say('messages', to, { message: 'Input is too long for requested model.' }).code).toBe(
        'context_length_exceeded',
      )
    }
    expect(
      say(
        'messages',
        'chat',
        { type: 'error', error: { type: 'rate_limit_error', message: 'too many tokens per minute' } },
        429,
      ).code,
    ).toBeNull()
  })
})

test('ids of other characters come back as they were, and no two become one', () => {
  const ids = ['functions.look:0', 'a_b.c', 'x_ab_.c', 'id_a_2e_b', 'id_a', 'ü', '😀', 'plain-1', 'call 1']
  for (const id of ids) {
    expect(toPlainId(id)).toMatch(/^[a-zA-Z0-9_-]+$/)
    expect(fromPlainId(toPlainId(id))).toBe(id)
  }
  expect(new Set(ids.map(toPlainId)).size).toBe(ids.length)
  expect(toPlainId('functions.look:0')).toBe('id_functions_2e_look_3a_0')
})
