import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAnswer } from '../domain/answer.ts'
import { loadRecordedTraffic, toWire, type WireRow } from './recorded-traffic.ts'

const sse = (...events: object[]): string => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + 'data: [DONE]\n\n'
const chunk = (delta: object, finish: string | null = null): object => ({ choices: [{ index: 0, delta, finish_reason: finish }] })

describe("OpenAI's answers", () => {
  test('a completion: text, stop reason and usage', () => {
    const text = JSON.stringify({
      choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 3 }, completion_tokens_details: { reasoning_tokens: 1 } },
    })
    expect(readAnswer('openai', false, text)).toEqual({
      content: 'Hello', toolCalls: [], stopReason: 'stop', refusal: false, cacheWriteTokens: null,
      usage: { inputTokens: 5, outputTokens: 2, cachedInputTokens: 3, reasoningTokens: 1 },
    })
  })

  test('tool call deltas of a stream are joined, each call on its own', () => {
    const answer = readAnswer('openai', true, sse(
      chunk({ role: 'assistant', content: null, tool_calls: [{ index: 0, id: 'a', function: { name: 'first', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] }),
      chunk({ tool_calls: [{ index: 1, id: 'b', function: { name: 'second', arguments: '{}' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
      chunk({}, 'tool_calls'),
      { choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } },
    ))
    expect(answer.toolCalls).toEqual([{ name: 'first', arguments: '{"x":1}' }, { name: 'second', arguments: '{}' }])
    expect(answer).toMatchObject({ content: null, stopReason: 'tool_calls', usage: { inputTokens: 9, outputTokens: 4 } })
  })

  test('a declared refusal and a filtered answer are refusals', () => {
    expect(readAnswer('openai', false, JSON.stringify({ choices: [{ message: { content: null, refusal: 'No.' }, finish_reason: 'stop' }] })).refusal).toBe(true)
    expect(readAnswer('openai', true, sse(chunk({ refusal: 'I ' }), chunk({ refusal: 'will not' }, 'stop'))).refusal).toBe(true)
    expect(readAnswer('openai', true, sse(chunk({}, 'content_filter'))).refusal).toBe(true)
  })

  test('an error that answers a streaming request is read as JSON', () => {
    expect(readAnswer('openai', true, '{"error":{"message":"no"}}')).toMatchObject({ content: null, stopReason: null, usage: null })
  })
})

describe("Anthropic's answers", () => {
  test("a stream's usage is its first count with its last one on top", () => {
    const answer = readAnswer('anthropic', true, sse(
      { type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 4, cache_creation_input_tokens: 2 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
      { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 't', name: 'look', input: {} } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a":' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '1}' } },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 20 } },
      { type: 'message_stop' },
    ))
    expect(answer).toEqual({
      content: 'Hi', toolCalls: [{ name: 'look', arguments: '{"a":1}' }], stopReason: 'tool_use', refusal: false, cacheWriteTokens: 2,
      usage: { inputTokens: 10, outputTokens: 20, cachedInputTokens: 4, reasoningTokens: null },
    })
  })

  test('thinking is no answer', () => {
    const text = JSON.stringify({ content: [{ type: 'thinking', thinking: 'hm' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } })
    expect(readAnswer('anthropic', false, text)).toMatchObject({ content: null, toolCalls: [] })
  })

  test('its refusal is declared by the stop reason', () => {
    expect(readAnswer('anthropic', false, JSON.stringify({ content: [], stop_reason: 'refusal' })).refusal).toBe(true)
  })
})

describe('a refusal in words', () => {
  const said = (content: string): boolean => readAnswer('openai', false, JSON.stringify({ choices: [{ message: { content } }] })).refusal

  test.each([
    "I'm sorry, but I can't assist with that.", "I'm sorry, but I cannot help with that request.", 'I cannot comply with this request.',
    "Sorry, I can't help with that.", 'As an AI language model, I am unable to provide medical advice.', "I’m sorry, but I can’t help with that.",
    'I apologize, but I cannot generate that.', 'Unfortunately, I cannot provide that.', 'I must decline to answer.',
  ])('is one: %s', (text) => expect(said(text)).toBe(true))

  test.each([
    'I am able to help you with that!', 'I can help with that.', 'Sorry for the delay: here is the summary you asked for.', 'I cannot find an order with that number.',
    `I can't help but notice that the text is about rivers. ${'It goes on. '.repeat(60)}`,
  ])('is none: %s', (text) => expect(said(text)).toBe(false))
})

test('whatever the bytes are, reading them never throws', () => {
  fc.assert(
    fc.property(fc.constantFrom('openai' as const, 'anthropic' as const), fc.boolean(), fc.oneof(fc.string(), fc.json(), fc.json().map((json) => `data: ${json}\n\n`)), (dialect, stream, text) => {
      expect(readAnswer(dialect, stream, text).toolCalls).toBeInstanceOf(Array)
    }),
  )
})

test('counts that no column holds are not counted', () => {
  const usage = readAnswer('openai', false, JSON.stringify({ choices: [], usage: { prompt_tokens: 1e12, completion_tokens: -1, total_tokens: 'x' } })).usage
  expect(usage).toEqual({ inputTokens: null, outputTokens: null, cachedInputTokens: null, reasoningTokens: null })
})

const dialects: Record<string, 'openai' | 'anthropic'> = { 'openai.chat': 'openai', 'anthropic.messages': 'anthropic' }
/** Errors inside a stream, and a host that answers what it was asked instead of an answer. */
const noAnswer = (row: WireRow): boolean => /count_tokens|workers\.dev/.test(row.url ?? '') || /^event: error/m.test(String(row.response))

test('of every recorded answer the reader finds a text or tool calls, and how it ended', () => {
  const answered = loadRecordedTraffic().filter((row) => dialects[row.api] && (row.status ?? 200) === 200 && !noAnswer(row))
  const unread = answered.filter((row) => {
    const answer = readAnswer(dialects[row.api] as 'openai', row.stream, toWire(row))
    return (answer.content === null && answer.toolCalls.length === 0 && !answer.refusal) || answer.stopReason === null
  })
  expect(answered.length).toBeGreaterThan(20)
  expect(unread.map((row) => row.id)).toEqual([])
})
