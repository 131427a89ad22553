import { describe, expect, test } from 'vitest'
import type { ProviderWire } from '../../../db/words/wire.ts'
import { wires } from '../wires.ts'
import { translateAnswer } from '../../dialects/translate.ts'
import { StreamTranslator } from '../stream-translator.ts'

/** Clients shorten the conversation only where they find their own words. */
const limits: readonly (readonly [ProviderWire, object])[] = [
  ['chat', { error: { message: 'too big', type: 'invalid_request_error', code: 'context_length_exceeded' } }],
  ['chat', { error: { message: "This model's maximum context length is 8192 tokens.", type: 'BadRequestError' } }],
  ['chat', { error: 'This model’s maximum prompt length is 131072 but the request contains 200000 tokens.' }],
  ['chat', { error: { message: 'the request exceeds the available context size', type: 'exceed_context_size_error' } }],
  ['responses', { error: { message: 'Your input exceeds the context window of this model.', code: null } }],
  [
    'messages',
    { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' } },
  ],
  ['messages', { message: 'Input is too long for requested model.' }],
  [
    'google',
    { error: { code: 400, message: 'The input token count (9) exceeds the maximum number of tokens allowed (8).' } },
  ],
]

describe('a context limit is said in the words that the caller’s client looks for', () => {
  for (const [from, body] of limits)
    for (const to of wires)
      test(`${from} → ${to}: ${JSON.stringify(body).slice(0, 80)}`, () => {
        const answer = translateAnswer(JSON.stringify(body), { from, to }, 400)
        const { error } = JSON.parse(answer.body) as { error: Record<string, string> }
        if (to === 'messages') {
          expect(error.type).toBe('invalid_request_error')
          expect(error.message?.match(/prompt is too long/g)).toHaveLength(1)
        } else expect(error.code).toBe('context_length_exceeded')
      })

  test('inside a stream as well', () => {
    const events = { chat: 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n' }
    const error = 'data: {"error":{"message":"m","code":"context_length_exceeded"}}\n\n'
    const translator = new StreamTranslator({ from: 'chat', to: 'messages' }, { includeUsage: true })
    expect(translator.push(Buffer.from(events.chat + error))).toContain('prompt is too long')
  })

  test('no other error takes these words', () => {
    for (const [status, message] of [
      [429, 'Rate limit reached: too many tokens: total 9 a minute'],
      [400, 'max_tokens is too large'],
      [500, 'maximum context length'],
    ] as const)
      for (const to of wires) {
        const body = JSON.stringify({ error: { message, type: 'x', code: 'c' } })
        const answer = translateAnswer(body, { from: 'chat', to }, status)
        expect(answer.body).not.toContain('context_length_exceeded')
        expect(answer.body).not.toContain('prompt is too long')
      }
  })
})
