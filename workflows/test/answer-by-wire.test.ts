import { describe, expect, test } from 'vitest'
import { readAnswer } from './recorded.ts'
import { sse, chunk } from './answer-events.ts'

describe("OpenAI's answers", () => {
  test('a completion: text, stop reason and usage', () => {
    const text = JSON.stringify({
      choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 5,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 1 },
      },
    })
    expect(readAnswer('chat', false, text)).toEqual({
      content: 'Hello',
      toolCalls: [],
      stopReason: 'stop',
      refusal: false,
      usage: { inputTokens: 5, outputTokens: 2, cachedInputTokens: 3, reasoningTokens: 1 },
    })
  })

  test('tool call deltas of a stream are joined, each call on its own', () => {
    const answer = readAnswer(
      'chat',
      true,
      sse(
        chunk({
          role: 'assistant',
          content: null,
          tool_calls: [{ index: 0, id: 'a', function: { name: 'first', arguments: '' } }],
        }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] }),
        chunk({ tool_calls: [{ index: 1, id: 'b', function: { name: 'second', arguments: '{}' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
        chunk({}, 'tool_calls'),
        { choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } },
      ),
    )
    expect(answer.toolCalls).toEqual([
      { name: 'first', arguments: '{"x":1}' },
      { name: 'second', arguments: '{}' },
    ])
    expect(answer).toMatchObject({
      content: null,
      stopReason: 'tool_calls',
      usage: { inputTokens: 9, outputTokens: 4 },
    })
  })

  test('a declared refusal and a filtered answer are refusals', () => {
    expect(
      readAnswer(
        'chat',
        false,
        JSON.stringify({ choices: [{ message: { content: null, refusal: 'No.' }, finish_reason: 'stop' }] }),
      ).refusal,
    ).toBe(true)
    expect(
      readAnswer('chat', true, sse(chunk({ refusal: 'I ' }), chunk({ refusal: 'will not' }, 'stop'))).refusal,
    ).toBe(true)
    expect(readAnswer('chat', true, sse(chunk({}, 'content_filter'))).refusal).toBe(true)
  })

  test('an error that answers a streaming request is read as JSON', () => {
    expect(readAnswer('chat', true, '{"error":{"message":"no"}}')).toMatchObject({
      content: null,
      stopReason: null,
      usage: null,
    })
  })
})

describe("Anthropic's answers", () => {
  test("a stream's usage is its first count with its last one on top", () => {
    const answer = readAnswer(
      'messages',
      true,
      sse(
        {
          type: 'message_start',
          message: {
            usage: { input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 4, cache_creation_input_tokens: 2 },
          },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
        {
          type: 'content_block_start',
          index: 1,
          content_block: { type: 'tool_use', id: 't', name: 'look', input: {} },
        },
        { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a":' } },
        { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '1}' } },
        { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 20 } },
        { type: 'message_stop' },
      ),
    )
    expect(answer).toEqual({
      content: 'Hi',
      toolCalls: [{ name: 'look', arguments: '{"a":1}' }],
      stopReason: 'tool_use',
      refusal: false,
      usage: {
        inputTokens: 16,
        outputTokens: 20,
        cachedInputTokens: 4,
        cacheWrite5mTokens: 2,
        reasoningTokens: null,
      },
    })
  })

  test('thinking is no answer', () => {
    const text = JSON.stringify({
      content: [{ type: 'thinking', thinking: 'hm' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 1 },
    })
    expect(readAnswer('messages', false, text)).toMatchObject({ content: null, toolCalls: [] })
  })

  test('its refusal is declared by the stop reason', () => {
    expect(readAnswer('messages', false, JSON.stringify({ content: [], stop_reason: 'refusal' })).refusal).toBe(true)
  })
})

describe("the Responses format's answers", () => {
  const usage = {
    input_tokens: 8,
    input_tokens_details: { cached_tokens: 2 },
    output_tokens: 6,
    output_tokens_details: { reasoning_tokens: 1 },
    total_tokens: 14,
  }
  const message = (text: string, more: object[] = []) => ({
    type: 'message',
    id: 'm',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text, annotations: [] }, ...more],
  })
  const call = (name: string, json: string) => ({
    type: 'function_call',
    id: `fc_${name}`,
    call_id: `call_${name}`,
    name,
    arguments: json,
  })
  const counted = { inputTokens: 8, outputTokens: 6, cachedInputTokens: 2, reasoningTokens: 1 }

  test('a response: the text of its messages, the calls beside them, how it ended, and usage; reasoning is no answer', () => {
    const output = [
      { type: 'reasoning', id: 'r', summary: [{ type: 'summary_text', text: 'hm' }] },
      message('Hel'),
      message('lo'),
      call('look', '{"a":1}'),
      { type: 'custom_tool_call', name: 'run', input: 'ls' },
    ]
    expect(readAnswer('responses', false, JSON.stringify({ id: 'resp', status: 'completed', output, usage }))).toEqual({
      content: 'Hello',
      toolCalls: [
        { name: 'look', arguments: '{"a":1}' },
        { name: 'run', arguments: 'ls' },
      ],
      stopReason: 'completed',
      refusal: false,
      usage: counted,
    })
  })

  const events = [
    { type: 'response.created', response: { id: 'resp', status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item: { type: 'message', content: [] } },
    { type: 'response.output_text.delta', output_index: 0, delta: 'Hel' },
    { type: 'response.output_text.delta', output_index: 0, delta: 'lo' },
    { type: 'response.output_item.done', output_index: 0, item: message('Hello') },
    { type: 'response.output_item.added', output_index: 2, item: call('second', '') },
    { type: 'response.output_item.added', output_index: 1, item: call('first', '') },
    { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"x":' },
    { type: 'response.function_call_arguments.delta', output_index: 1, delta: '{}' },
    { type: 'response.function_call_arguments.delta', output_index: 2, delta: '1}' },
  ]
  const calls = [
    { name: 'first', arguments: '{}' },
    { name: 'second', arguments: '{"x":1}' },
  ]

  test.each([
    ['whose last event repeats it all', { output: [message('Hello'), call('first', '{}'), call('second', '{"x":1}')] }],
    ['whose last event leaves it out', { output: [] }],
  ])('a stream %s is read to its end', (_, last) => {
    const answer = readAnswer(
      'responses',
      true,
      sse(...events, { type: 'response.completed', response: { status: 'completed', usage, ...last } }),
    )
    expect(answer).toEqual({
      content: 'Hello',
      toolCalls: calls,
      stopReason: 'completed',
      refusal: false,
      usage: counted,
    })
  })

  test('of a stream that broke off what came of it is read', () => {
    expect(readAnswer('responses', true, sse(...events))).toMatchObject({
      content: 'Hello',
      toolCalls: calls,
      stopReason: 'in_progress',
      usage: null,
    })
    expect(readAnswer('responses', true, sse(...events.slice(0, 3)))).toMatchObject({ content: 'Hel', toolCalls: [] })
  })

  test.each([
    [
      'the length limit',
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      },
      'max_output_tokens',
      false,
    ],
    [
      'a filter',
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      },
      'content_filter',
      true,
    ],
    [
      'a failure',
      { type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'no' } } },
      'failed',
      false,
    ],
    ['an error', { type: 'error', code: 'server_error', message: 'no' }, 'failed', false],
  ])('a stream that %s ended says so', (_, last, stopReason, refusal) => {
    expect(readAnswer('responses', true, sse(...events.slice(0, 3), last))).toMatchObject({
      content: 'Hel',
      stopReason,
      refusal,
    })
  })

  test('a declared refusal is one, whole and streamed', () => {
    expect(
      readAnswer(
        'responses',
        false,
        JSON.stringify({
          status: 'completed',
          output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] }],
        }),
      ).refusal,
    ).toBe(true)
    expect(
      readAnswer('responses', true, sse({ type: 'response.refusal.delta', output_index: 0, delta: 'No.' })).refusal,
    ).toBe(true)
  })
})
