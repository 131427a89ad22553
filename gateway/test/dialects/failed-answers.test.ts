import { describe, expect, test } from 'vitest'
import type { ProviderWire, Wire } from '../../../db/words/wire.ts'
import { wires } from '../wires.ts'
import { translateAnswer, translateAnswerToStream } from '../../dialects/translate.ts'
import { StreamTranslator } from '../stream-translator.ts'

/** Whatever an upstream's 200 holds: to a caller of another wire a failure is an error, never an answer. */
type Body = Record<string, any>
const froms: readonly ProviderWire[] = ['chat', 'responses', 'messages', 'google']
const ways = froms.flatMap((from) => wires.filter((to) => to !== from).map((to) => ({ from, to })))

/** Which official client takes the body for an error, and what it says. */
function readError(to: Wire, body: string): { message: string; code?: string | null; type: string } {
  const { type, error } = JSON.parse(body) as Body
  if (to === 'messages') expect(type).toBe('error')
  return error as { message: string; code?: string | null; type: string }
}

const bodies: Readonly<Record<ProviderWire, Readonly<Record<string, readonly [body: unknown, status: number]>>>> = {
  chat: {
    'an error with a code': [{ error: { message: 'why', code: 503 } }, 503],
    'an error whose code is digits in a text': [{ error: { message: 'why', code: '429' } }, 429],
    'an error as a text': [{ error: 'why' }, 502],
    'an error beside a choice': [{ choices: [{ message: { content: 'a' } }], error: { message: 'why' } }, 502],
    'an error in the choice': [{ choices: [{ message: { content: 'a' }, error: { message: 'why', code: 500 } }] }, 500],
    'an end with an error': [{ choices: [{ message: { content: 'why' }, finish_reason: 'error' }] }, 502],
    'no choices': [{ choices: [] }, 502],
    'something else': [{ bad: 1 }, 502],
  },
  responses: {
    'an error with a code': [{ error: { message: 'why', code: 'rate_limit_exceeded' } }, 429],
    'a failure': [{ status: 'failed', output: [], error: { code: 'server_error', message: 'why' } }, 502],
    'an incomplete answer with an error': [
      { status: 'incomplete', output: [{ type: 'message' }], error: { code: 'invalid_prompt', message: 'why' } },
      400,
    ],
    'no output': [{ status: 'completed', output: [] }, 502],
  },
  messages: {
    'an error': [{ type: 'error', error: { type: 'overloaded_error', message: 'why' } }, 529],
    'an error of OpenAI’s': [{ error: { message: 'why', code: 503 } }, 503],
    'no content and no end': [{ type: 'message', content: [] }, 502],
  },
  google: {
    'an error': [{ error: { code: 429, message: 'why', status: 'RESOURCE_EXHAUSTED' } }, 429],
    'an error in a list': [[{ error: { code: 500, message: 'why', status: 'INTERNAL' } }], 500],
    'a malformed call': [{ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'why' }] }, 502],
    'an unexpected call': [{ candidates: [{ finishReason: 'UNEXPECTED_TOOL_CALL', finishMessage: 'why' }] }, 502],
    'no picture': [{ candidates: [{ finishReason: 'NO_IMAGE', finishMessage: 'why' }] }, 502],
    'no candidates': [{ candidates: [] }, 502],
  },
}

describe('a 200 that failed is an error of the caller’s wire, with the status that its code stands for, else 502', () => {
  for (const { from, to } of ways)
    for (const [what, [body, status]] of Object.entries(bodies[from]))
      test(`${from} → ${to}: ${what}`, () => {
        const text = JSON.stringify(body)
        const answer = translateAnswer(text, { from, to }, 200)
        expect(answer).toMatchObject({ status, answered: false })
        const error = readError(to, answer.body)
        if (text.includes('"why"') && !text.includes('"content":"why"')) expect(error.message).toBe('why')
        expect(error.message).not.toBe('')
        // Who asked for a stream is told the same way: no stream has begun.
        expect(translateAnswerToStream(text, { from, to }, { includeUsage: true })).toBeUndefined()
      })

  test('a page of a browser is 502 from every wire', () => {
    for (const way of ways)
      expect(translateAnswer('<html>sign in</html>', way, 200)).toMatchObject({ status: 502, readable: false })
  })

  test('its tokens are counted all the same', () => {
    const body = JSON.stringify({
      choices: [{ message: { content: 'a' }, finish_reason: 'error' }],
      usage: { prompt_tokens: 5, completion_tokens: 2 },
    })
    expect(translateAnswer(body, { from: 'chat', to: 'messages' }, 200).usage).toMatchObject({ input: 5, output: 2 })
  })
})

const sse = (event: Body): string =>
  `${typeof event.type === 'string' ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`

const chunk = (choice: Body): Body => ({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [choice] })
const part: Readonly<Record<ProviderWire, readonly Body[]>> = {
  chat: [chunk({ index: 0, delta: { content: 'par' }, finish_reason: null })],
  responses: [
    { type: 'response.created', response: { id: 'r', model: 'm', status: 'in_progress', output: [] } },
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'par' },
  ],
  messages: [
    { type: 'message_start', message: { id: 'm', model: 'm', content: [], usage: { input_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'par' } },
  ],
  google: [{ candidates: [{ content: { parts: [{ text: 'par' }] } }], responseId: 'g', modelVersion: 'm' }],
}
const end: Readonly<Record<ProviderWire, readonly Body[]>> = {
  chat: [chunk({ index: 0, delta: {}, finish_reason: 'stop' })],
  responses: [
    {
      type: 'response.completed',
      response: { status: 'completed', output: [{ type: 'message', content: [{ type: 'output_text', text: 'par' }] }] },
    },
  ],
  messages: [{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, { type: 'message_stop' }],
  google: [{ candidates: [{ content: { parts: [] }, finishReason: 'STOP' }] }],
}
const error = { error: { message: 'why', code: 500 } }
const failures: Readonly<Record<ProviderWire, Readonly<Record<string, readonly Body[]>>>> = {
  chat: {
    'an error': [error],
    'a choice with an error': [chunk({ index: 0, delta: {}, error: { message: 'why', code: 500 } })],
    'an end with an error and words': [
      { ...chunk({ index: 0, delta: { content: '' }, finish_reason: 'error' }), error: { message: 'why' } },
    ],
  },
  responses: {
    'an error': [{ type: 'error', code: 'server_error', message: 'why' }],
    'an error of the other shape': [error],
    'a failure': [{ type: 'response.failed', response: { status: 'failed', error: { code: 'x', message: 'why' } } }],
  },
  messages: {
    'an error': [{ type: 'error', error: { type: 'overloaded_error', message: 'why' } }],
    'an error of OpenAI’s': [error],
  },
  google: {
    'an error': [{ error: { code: 503, message: 'why', status: 'UNAVAILABLE' } }],
    'a malformed call': [{ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'why' }] }],
    'an unexpected call': [{ candidates: [{ finishReason: 'UNEXPECTED_TOOL_CALL', finishMessage: 'why' }] }],
  },
}

const ended = /message_stop|"finish_reason":"|\[DONE\]|response\.(?:completed|incomplete)/

describe('a failure inside a stream is an error event of the caller’s wire, and no end', () => {
  for (const { from, to } of ways)
    for (const [what, events] of Object.entries(failures[from]))
      for (const [place, all] of [
        ['first', [...events, ...end[from]]],
        ['in the middle', [...part[from], ...events, ...end[from]]],
        ['last', [...part[from], ...end[from], ...events]],
      ] as const)
        test(`${from} → ${to}: ${what}, ${place}`, () => {
          const translator = new StreamTranslator({ from, to }, { includeUsage: true })
          const text = translator.push(Buffer.from(all.map(sse).join(''))) + translator.end()
          expect(translator.failed).toBe(true)
          expect(text).toContain('"message":"why"')
          expect(text).not.toMatch(ended)
          if (place !== 'first') expect(text).toContain('par')
        })

  test('a stream that says nothing but its end is an error', () => {
    for (const [from, events] of [
      ['chat', 'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\ndata: [DONE]\n\n'],
      [
        'responses',
        sse({ type: 'response.created', response: { id: 'r', status: 'in_progress', output: [] } }) +
          sse({ type: 'response.completed', response: { status: 'completed', output: [] } }),
      ],
      ['google', sse({ candidates: [], usageMetadata: { promptTokenCount: 1 } })],
    ] as const)
      for (const to of wires.filter((wire) => wire !== from)) {
        const translator = new StreamTranslator({ from, to }, { includeUsage: true })
        const text = translator.push(Buffer.from(events)) + translator.end()
        expect(translator.failed, `${from} → ${to}`).toBe(true)
        expect(text).not.toMatch(ended)
      }
  })

  test('an error in plain words is said in these words', () => {
    for (const way of ways) {
      const translator = new StreamTranslator(way, { includeUsage: true })
      const text = translator.push(Buffer.from('event: error\ndata: the engine died\n\n'))
      expect(text).toContain('the engine died')
      expect(translator.failed).toBe(true)
    }
  })
})

describe('a decline is no failure: it keeps the words that each wire has for it', () => {
  const declined: Readonly<Record<Wire, string>> = {
    chat: '"finish_reason":"content_filter"',
    responses: '"reason":"content_filter"',
    messages: '"stop_reason":"refusal"',
  }
  test('a prompt or an answer that Gemini blocked', () => {
    for (const body of [
      { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } },
      { candidates: [{ finishReason: 'SAFETY' }] },
    ])
      for (const to of wires) {
        const answer = translateAnswer(JSON.stringify(body), { from: 'google', to }, 200)
        expect(answer).toMatchObject({ status: 200, answered: true })
        expect(answer.body).toContain(declined[to])
        const translator = new StreamTranslator({ from: 'google', to }, { includeUsage: true })
        expect(translator.push(Buffer.from(sse(body))) + translator.end()).toContain(declined[to])
        expect(translator.failed).toBe(false)
      }
  })
})
