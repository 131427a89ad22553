import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Wire } from '../../db/words/wire.ts'
import { readAnswer } from '../domain/exchanges/answer.ts'
import { readEvents } from '../domain/exchanges/events.ts'
import { asObject, parseJson } from '../domain/json/json.ts'
import { loadRecordedTraffic, toWire, type WireRow } from './recorded-traffic.ts'

const sse = (...events: object[]): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + 'data: [DONE]\n\n'
const chunk = (delta: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
})

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

test('of a call that passes through only the counted tokens are read', () => {
  const embedding = JSON.stringify({
    object: 'list',
    data: [{ embedding: [0.1] }],
    usage: { prompt_tokens: 8, total_tokens: 8 },
  })
  expect(readAnswer(null, false, embedding)).toEqual({
    content: null,
    toolCalls: [],
    stopReason: null,
    refusal: false,
    usage: { inputTokens: 8, outputTokens: null, cachedInputTokens: null, reasoningTokens: null },
  })
  expect(readAnswer(null, false, 'bytes of a file').usage).toBeNull()
})

describe('a refusal in words', () => {
  const said = (content: string): boolean =>
    readAnswer('chat', false, JSON.stringify({ choices: [{ message: { content } }] })).refusal

  test.each([
    "I'm sorry, but I can't assist with that.",
    "I'm sorry, but I cannot help with that request.",
    'I cannot comply with this request.',
    "Sorry, I can't help with that.",
    'As an AI language model, I am unable to provide medical advice.',
    'I’m sorry, but I can’t help with that.',
    'I apologize, but I cannot generate that.',
    'Unfortunately, I cannot provide that.',
    'I must decline to answer.',
  ])('is one: %s', (text) => expect(said(text)).toBe(true))

  test.each([
    'I am able to help you with that!',
    'I can help with that.',
    'Sorry for the delay: here is the summary you asked for.',
    'I cannot find an order with that number.',
    `I can't help but notice that the text is about rivers. ${'It goes on. '.repeat(60)}`,
  ])('is none: %s', (text) => expect(said(text)).toBe(false))
})

test('whatever the bytes are, reading them never throws', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('chat' as const, 'responses' as const, 'messages' as const, null),
      fc.boolean(),
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((json) => `data: ${json}\n\n`),
      ),
      (wire, stream, text) => {
        expect(readAnswer(wire, stream, text).toolCalls).toBeInstanceOf(Array)
      },
    ),
  )
})

test('counts that no column holds are not counted', () => {
  const usage = readAnswer(
    'chat',
    false,
    JSON.stringify({ choices: [], usage: { prompt_tokens: 1e12, completion_tokens: -1, total_tokens: 'x' } }),
  ).usage
  expect(usage).toEqual({ inputTokens: null, outputTokens: null, cachedInputTokens: null, reasoningTokens: null })
})

const wires: Record<string, Wire> = {
  'openai.chat': 'chat',
  'openai.responses': 'responses',
  'anthropic.messages': 'messages',
}
/**
 * Other calls of the same API, errors, what is made in the background, a recording whose last event is damaged, and a
 * host that answers what it was asked.
 */
function noAnswer(row: WireRow): boolean {
  const text = toWire(row)
  if (/count_tokens|responses\/(compact|input_tokens)|workers\.dev/.test(row.url ?? '')) return true
  if (/^event: ?error|^data: ?\{"type": ?"(error|response\.failed)"/m.test(text)) return true
  if (row.stream)
    return (
      parseJson(
        readEvents(text)
          .map(({ data }) => data)
          .filter((data) => data !== '[DONE]')
          .at(-1) ?? '',
      ) === null
    )
  const body = asObject(parseJson(text))
  return asObject(body?.error) !== null || body?.status === 'queued'
}

test('of every recorded answer the reader finds a text or tool calls, and how it ended', () => {
  const answered = loadRecordedTraffic().filter(
    (row) => wires[row.api] && (row.status ?? 200) === 200 && !noAnswer(row),
  )
  const unread = answered.filter((row) => {
    const answer = readAnswer(wires[row.api] as Wire, row.stream, toWire(row))
    return (answer.content === null && answer.toolCalls.length === 0 && !answer.refusal) || answer.stopReason === null
  })
  expect(answered.length).toBeGreaterThan(10)
  expect(new Set(answered.map((row) => row.api)).size).toBe(3)
  expect(unread.map((row) => row.id)).toEqual([])
})
