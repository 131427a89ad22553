import { readAnswer } from '../../../workflows/test/recorded.ts'
import { parseJson, type JsonObject } from '../../dialects/json.ts'
import { readAnthropicUsage, toRecordedUsage } from '../../dialects/usage.ts'
import { describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { toDroppedHeader } from '../../dialects/report.ts'
import { translateAnswer } from '../../dialects/translate.ts'

type Body = Record<string, any>

function translate(
  from: Wire,
  to: Wire,
  body: object | string,
  status = 200,
): { body: Body; text: string; dropped: readonly string[]; readable: boolean } {
  const result = translateAnswer(typeof body === 'string' ? body : JSON.stringify(body), { from, to }, status)
  return { ...result, text: result.body, body: JSON.parse(result.body) as Body }
}

const message = (content: object[], more: object = {}): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'c',
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: {
    input_tokens: 5,
    cache_read_input_tokens: 3,
    cache_creation_input_tokens: 2,
    output_tokens: 4,
    output_tokens_details: { thinking_tokens: 1 },
  },
  ...more,
})
const completion = (body: object, finish = 'stop'): object => ({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...body }, finish_reason: finish }],
  usage: {
    prompt_tokens: 10,
    completion_tokens: 4,
    prompt_tokens_details: { cached_tokens: 3 },
    completion_tokens_details: { reasoning_tokens: 2 },
  },
})

describe('answers', () => {
  test("cached tokens are counted inside OpenAI's input and beside Anthropic's", () => {
    expect(translate('messages', 'chat', message([{ type: 'text', text: 'x' }])).body.usage).toEqual({
      prompt_tokens: 10,
      prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
      completion_tokens: 4,
      completion_tokens_details: { reasoning_tokens: 1 },
      total_tokens: 14,
    })
    expect(translate('chat', 'messages', completion({ content: 'x' })).body.usage).toMatchObject({
      input_tokens: 7,
      cache_read_input_tokens: 3,
      output_tokens: 4,
      output_tokens_details: { thinking_tokens: 2 },
    })
  })

  test('stop reasons', () => {
    const reasons: ReadonlyArray<readonly [string, string, string]> = [
      ['end_turn', 'stop', 'completed'],
      ['max_tokens', 'length', 'incomplete'],
      ['refusal', 'content_filter', 'incomplete'],
      ['model_context_window_exceeded', 'length', 'incomplete'],
    ]
    for (const [reason, finish, status] of reasons) {
      const answer = message([{ type: 'text', text: 'x' }], { stop_reason: reason })
      expect(translate('messages', 'chat', answer).body.choices[0].finish_reason).toBe(finish)
      expect(translate('messages', 'responses', answer).body.status).toBe(status)
    }
    expect(
      translate('messages', 'chat', message([], { stop_reason: 'stop_sequence', stop_sequence: 'END' })).dropped,
    ).toEqual(['stop_sequence'])
    expect(translate('messages', 'responses', message([], { stop_reason: 'pause_turn' })).dropped).toEqual([
      'stop_reason',
    ])
    // OpenAI ends a forced call with "stop"; a client of Anthropic acts on "tool_use".
    expect(
      translate(
        'chat',
        'messages',
        completion({
          content: null,
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
        }),
      ).body.stop_reason,
    ).toBe('tool_use')
  })

  test('arguments are cut out of the text, never read and written again', () => {
    const text = JSON.stringify(
      message([{ type: 'tool_use', id: 't', name: 'f', input: 'INPUT' }], { stop_reason: 'tool_use' }),
    ).replace('"INPUT"', '{ "n": 1.10, "2": 12345678901234567890, "1": 0 }')
    expect(translate('messages', 'chat', text).body.choices[0].message.tool_calls[0].function.arguments).toBe(
      '{ "n": 1.10, "2": 12345678901234567890, "1": 0 }',
    )
    expect(translate('messages', 'responses', text).body.output[0].arguments).toBe(
      '{ "n": 1.10, "2": 12345678901234567890, "1": 0 }',
    )
    expect(
      translate(
        'chat',
        'messages',
        completion({ tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"n": 1.10}' } }] }),
      ).text,
    ).toContain('"input":{"n": 1.10}')
  })

  test('encrypted reasoning survives a client of another dialect', () => {
    const answer = {
      id: 'r',
      object: 'response',
      status: 'completed',
      model: 'm',
      output: [
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'a' },
            { type: 'summary_text', text: 'b' },
          ],
          encrypted_content: 'ENC',
        },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'x', annotations: [] }] },
      ],
    }
    const messages = translate('responses', 'messages', answer)
    expect(messages.body.content[0]).toMatchObject({ type: 'thinking', thinking: 'a\n\nb' })
    expect(translate('messages', 'responses', messages.text).body.output[0]).toMatchObject({
      id: 'rs_1',
      encrypted_content: 'ENC',
      summary: [{ text: 'a\n\nb' }],
    })
    expect(translate('responses', 'chat', answer).body.choices[0].message.reasoning_details).toEqual([
      { type: 'reasoning.summary', summary: 'a\n\nb', index: 0 },
      { type: 'reasoning.encrypted', data: 'ENC', id: 'rs_1', format: 'openai-responses-v1', index: 1 },
    ])
  })

  test('a thought signature of a call survives every other dialect', () => {
    const extra_content = { google: { thought_signature: 'TS' } }
    const answer = completion(
      {
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content }],
      },
      'tool_calls',
    )
    for (const through of ['messages', 'responses'] as const) {
      expect(
        translate(through, 'chat', translate('chat', through, answer).text).body.choices[0].message.tool_calls[0]
          .extra_content,
      ).toEqual(extra_content)
    }
  })

  test('logprobs, refusals and further choices', () => {
    const logprobs = { content: [{ token: 'x', logprob: -0.1, bytes: [120], top_logprobs: [] }] }
    const answer = {
      id: 'c',
      model: 'm',
      choices: [
        { message: { content: 'x' }, logprobs, finish_reason: 'stop' },
        { message: { content: 'y' }, finish_reason: 'stop' },
      ],
    }
    expect(translate('chat', 'responses', answer)).toMatchObject({
      body: { output: [{ content: [{ text: 'x', logprobs: logprobs.content }] }] },
      dropped: ['choices[1]'],
    })
    expect(translate('chat', 'messages', answer).dropped).toEqual(['choices[1]', 'choices[0].logprobs'])
    expect(translate('chat', 'messages', completion({ content: null, refusal: 'No.' })).body).toMatchObject({
      content: [{ type: 'text', text: 'No.' }],
      stop_reason: 'refusal',
    })
  })

  test('text after a call is told, and that its place is lost is named', () => {
    const { body, dropped } = translate(
      'messages',
      'chat',
      message([
        { type: 'text', text: 'a' },
        { type: 'tool_use', id: 't', name: 'f', input: {} },
        { type: 'text', text: 'b' },
      ]),
    )
    expect(body.choices[0].message.content).toBe('ab')
    expect(dropped).toEqual(['content[2].position'])
  })
})

describe('errors', () => {
  test("type, message and code arrive in the caller's dialect", () => {
    expect(
      translate(
        'chat',
        'messages',
        { error: { message: 'slow down', type: 'requests', code: 'rate_limit_exceeded', param: null } },
        429,
      ).body,
    ).toEqual({ type: 'error', error: { type: 'rate_limit_error', message: 'slow down', code: 'rate_limit_exceeded' } })
    expect(
      translate('messages', 'chat', { type: 'error', error: { type: 'overloaded_error', message: 'busy' } }, 529).body,
    ).toEqual({ error: { message: 'busy', type: 'overloaded_error', param: null, code: null } })
    expect(translate('chat', 'messages', { error: 'plain words' }, 400).body.error).toMatchObject({
      type: 'invalid_request_error',
      message: 'plain words',
    })
  })

  test('a body that is no answer is told as an error, whatever it is', () => {
    for (const body of ['<html>bad gateway</html>', '', '[]', '{"hello":1}']) {
      const { body: told, readable } = translate('chat', 'messages', body, 502)
      expect(told).toMatchObject({ type: 'error', error: { type: 'api_error' } })
      expect(readable).toBe(false)
    }
  })
})

test('the header names fields in plain characters and stays small', () => {
  expect(toDroppedHeader([])).toBeUndefined()
  expect(toDroppedHeader(['a[0].b', 'ä\r\nx-evil: 1'])).toBe('a[0].b, ___x-evil__1')
  const many = toDroppedHeader(Array.from({ length: 1_000 }, (_, index) => `messages[${index}].content`)) ?? ''
  expect(many.length).toBeLessThan(2_100)
  expect(many).toMatch(/, and \d+ more$/)
})

test('what Claude wrote to its cache is recorded alike for its own callers and for those of another wire', () => {
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 1000,
    cache_creation_input_tokens: 500,
    cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 300 },
    output_tokens: 40,
  }
  expect(toRecordedUsage(readAnthropicUsage(parseJson(JSON.stringify(usage)) as JsonObject))).toEqual(
    readAnswer('messages', false, JSON.stringify({ usage })).usage,
  )
})
