import { findRecordedFailure } from './recorded.ts'
import { describe, expect, it } from 'vitest'
import { createFailureWatch, findAnswerFailure, type FailureWire } from '../domain/exchanges/answer-failure.ts'

type Case = readonly [what: string, wire: FailureWire, body: unknown, httpStatus: number, code?: string]

const choice = (members: object): object => ({ choices: [{ index: 0, ...members }] })
const text = { message: { role: 'assistant', content: 'part' } }

describe('a failure inside a 200 is one, with the status that its code stands for', () => {
  const failures: Case[] = [
    ['an error with a code', 'chat', { error: { message: 'overloaded', code: 503 } }, 503, '503'],
    ['a code in digits', 'chat', { error: { message: 'slow down', code: '429' } }, 429, '429'],
    ['a code that is a word', 'messages', { error: { message: 'm', code: 'rate_limit_exceeded' } }, 429],
    ['a code that is no status', 'chat', { error: { message: 'm', code: 1302 } }, 502, '1302'],
    ['an error as a text', 'chat', { error: 'model not loaded' }, 502],
    ['an error as a text with its code beside it', 'responses', { code: 'invalid-argument', error: 'bad' }, 400],
    ['an error beside a part of the answer', 'chat', { ...choice(text), error: { message: 'm', code: 500 } }, 500],
    ['the words of a server that broke', 'responses', { error: { message: 'm', type: 'server_error' } }, 502],
    ['Anthropic’s envelope', 'messages', { type: 'error', error: { type: 'overloaded_error', message: 'm' } }, 529],
    ['Anthropic’s envelope from a chat server', 'chat', { type: 'error', error: { type: 'rate_limit_error' } }, 429],
    ['a status code of MiniMax', 'chat', { choices: null, base_resp: { status_code: 1002, status_msg: 'm' } }, 502],
    ['an error in the choice', 'chat', choice({ ...text, error: { message: 'm', code: 502 } }), 502, '502'],
    ['finish_reason error', 'chat', choice({ ...text, finish_reason: 'error' }), 502, 'error'],
    ['DeepSeek’s broken end', 'chat', choice({ ...text, finish_reason: 'insufficient_system_resource' }), 502],
    ['Zhipu’s broken end', 'chat', choice({ ...text, finish_reason: 'network_error' }), 502],
    ['vLLM’s broken end', 'chat', choice({ ...text, finish_reason: 'abort' }), 502],
    [
      'Gemini’s malformed call through a chat server',
      'chat',
      choice({ finish_reason: 'malformed_function_call' }),
      502,
    ],
    [
      'Gemini’s malformed call behind a normal end',
      'chat',
      choice({ finish_reason: 'stop', native_finish_reason: 'MALFORMED_FUNCTION_CALL' }),
      502,
    ],
    ['no choices', 'chat', { choices: [], usage: {} }, 502, 'upstream_unreadable'],
    ['choices that are null', 'chat', { choices: null }, 502],
    ['a choice without a message', 'chat', { choices: [{}] }, 502],
    ['no content and no end', 'messages', { type: 'message', content: [], stop_reason: null }, 502],
    ['no output', 'responses', { status: 'completed', output: [] }, 502],
    ['a failed response', 'responses', { status: 'failed', error: { code: 'server_error', message: 'm' } }, 502],
    ['a failed response without words', 'responses', { status: 'failed', error: null, output: [{}] }, 502, 'failed'],
    ['a cancelled response', 'responses', { status: 'cancelled', output: [] }, 502, 'cancelled'],
    [
      'an incomplete response with an error',
      'responses',
      { status: 'incomplete', output: [{}], error: { code: 'rate_limit_exceeded', message: 'm' } },
      429,
    ],
    ['no candidates', 'google', { candidates: [], usageMetadata: {} }, 502],
    ['Google’s error', 'google', { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'm' } }, 429],
    ['Google’s error in a list', 'google', [{ error: { code: 503, message: 'm' } }], 503],
    ['a body of something else', 'chat', { bad: 1 }, 502],
    ['a bare message', 'chat', { message: 'no such route', code: 404 }, 404],
    ['a bare detail', 'responses', { detail: [{ loc: ['body'], msg: 'field required' }] }, 502],
    ['what is no JSON', 'messages', null, 502],
    ['a list', 'chat', [1], 502],
    ['an error where the call passes through', null, { error: { message: 'm', code: 500 } }, 500],
  ]
  for (const [what, wire, body, httpStatus, code] of failures) {
    it(`${what} (${wire})`, () => {
      const failure = findAnswerFailure(wire, body)
      expect(failure).toMatchObject({ httpStatus, ...(code === undefined ? {} : { code }) })
      expect(failure?.message).not.toBe('')
    })
  }

  it.each([
    'MALFORMED_FUNCTION_CALL',
    'UNEXPECTED_TOOL_CALL',
    'NO_IMAGE',
    'IMAGE_OTHER',
    'TOO_MANY_TOOL_CALLS',
    'OTHER',
  ])('Gemini’s end with %s fails in its own words', (finishReason) => {
    const body = { candidates: [{ finishReason, finishMessage: 'why it ended', index: 0 }] }
    const failure = { code: finishReason.toLowerCase(), message: 'why it ended', httpStatus: 502 }
    expect(findAnswerFailure('google', body)).toEqual(failure)
    expect(createFailureWatch('google').see(body)).toEqual(failure)
  })
})

describe('an answer is no failure', () => {
  const answers: (readonly [string, FailureWire, unknown])[] = [
    ['with a text', 'chat', choice({ ...text, finish_reason: 'stop' })],
    ['with an error that says nothing', 'chat', { ...choice(text), error: null }],
    ['with an empty error', 'chat', { ...choice(text), error: {} }],
    ['that the provider declined', 'chat', choice({ message: { content: null }, finish_reason: 'content_filter' })],
    ['at its limit', 'chat', choice({ message: { content: '' }, finish_reason: 'length' })],
    ['of the older completions', 'chat', choice({ text: 'words' })],
    [
      'whose second variant failed',
      'chat',
      {
        choices: [
          { index: 0, ...text },
          { index: 1, error: { code: 1 } },
        ],
      },
    ],
    ['in which Claude says no more', 'messages', { type: 'message', content: [], stop_reason: 'end_turn' }],
    ['in the background', 'responses', { status: 'queued', output: [], error: null }],
    ['at its limit before a word', 'responses', { status: 'incomplete', output: [], error: null }],
    ['of Gemini', 'google', { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }] }],
    ['that Gemini blocked', 'google', { candidates: [{ finishReason: 'PROHIBITED_CONTENT' }] }],
    ['to a prompt that Gemini blocked', 'google', { promptFeedback: { blockReason: 'SAFETY' } }],
    ['of embeddings', null, { data: [] }],
    ['of a call that passes through', null, null],
  ]
  it.each(answers)('%s (%s)', (_, wire, body) => {
    expect(findAnswerFailure(wire, body)).toBeNull()
  })
})

describe('a failure inside a stream is one, wherever it stands', () => {
  const chunk = choice({ delta: { content: 'par' }, finish_reason: null })
  const error = { error: { message: 'server died', type: 'server_error', code: 500 } }
  const died = { code: '500', message: 'server died', httpStatus: 500 }
  const end = choice({ delta: {}, finish_reason: 'stop' })

  it.each([
    ['first', [error, chunk, end]],
    ['in the middle', [chunk, error, end]],
    ['last', [chunk, end, error]],
  ])('an error %s', (_, events) => {
    const watch = createFailureWatch('chat')
    for (const event of events) watch.see(event)
    expect(watch.end()).toEqual(died)
    expect(watch.failure).toEqual(died)
  })

  const started = { type: 'message_start', message: { content: [], stop_reason: null } }
  const failures: (readonly [string, FailureWire, readonly unknown[]])[] = [
    ['a last chunk that ends with an error', 'chat', [chunk, choice({ delta: {}, finish_reason: 'error' })]],
    ['an error inside the delta’s choice', 'chat', [chunk, choice({ delta: {}, error: { message: 'm', code: 1 } })]],
    ['no choice in any chunk', 'chat', [{ choices: [], usage: {} }]],
    ['Anthropic’s error', 'messages', [started, { type: 'error', error: { type: 'overloaded_error', message: 'm' } }]],
    ['OpenAI’s error in Anthropic’s stream', 'messages', [started, error]],
    ['a response that failed', 'responses', [{ type: 'response.failed', response: { status: 'failed' } }]],
    ['an error of Responses', 'responses', [{ type: 'error', code: 'server_error', message: 'm' }]],
    [
      'a response without an item',
      'responses',
      [
        { type: 'response.created', response: { status: 'in_progress', output: [] } },
        { type: 'response.completed', response: { status: 'completed', output: [] } },
      ],
    ],
    ['Google’s error', 'google', [{ candidates: [{ content: {} }] }, { error: { code: 503, message: 'm' } }]],
    ['nothing', 'messages', []],
  ]
  it.each(failures)('%s (%s)', (_, wire, events) => {
    const watch = createFailureWatch(wire)
    for (const event of events) watch.see(event)
    expect(watch.end()).not.toBeNull()
    const recorded = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
    expect(findRecordedFailure(wire, recorded, { stream: true, cut: false })).toEqual(watch.failure)
  })

  it('is in plain words, where the event is named error', () => {
    expect(createFailureWatch('chat').see('upstream died', 'error')).toMatchObject({ message: 'upstream died' })
  })

  it('is an event that is no JSON, but no empty one', () => {
    expect(createFailureWatch('responses').see('{"type":"response.completed"')).toMatchObject({ httpStatus: 502 })
    expect(createFailureWatch('responses').see(' ')).toBeNull()
  })

  it('is by the name of the event, where its data has no type', () => {
    const failure = createFailureWatch('messages').see({ message: 'too busy', code: 529 }, 'error')
    expect(failure).toEqual({ code: '529', message: 'too busy', httpStatus: 529 })
  })

  it('no event that states a failure is taken for one that cannot', () => {
    const words: Record<string, unknown> = {
      chat: chunk,
      messages: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '{"error":1}' } },
      responses: { type: 'response.output_text.delta', delta: '"error"' },
      google: { candidates: [{ content: { parts: [{ text: '"error"' }] } }] },
    }
    const begun = [...failures, ['an error', 'chat', [chunk, error]] as const].filter(
      ([, , events]) => events.length > 1,
    )
    for (const [what, wire, events] of begun) {
      const watch = createFailureWatch(wire)
      watch.see(words[wire as string])
      const failing = events.filter((event) => createFailureWatch(wire).see(event) !== null)
      for (const event of failing) expect(watch.concerns(JSON.stringify(event)), what).toBe(true)
    }
    for (const [wire, event] of Object.entries(words)) {
      const watch = createFailureWatch(wire as FailureWire)
      expect(watch.concerns(JSON.stringify(event)), wire).toBe(true)
      watch.see(event)
      watch.see({ type: 'content_block_start' })
      watch.see({ type: 'response.output_item.added' })
      expect(watch.concerns(JSON.stringify(event)), wire).toBe(false)
    }
  })
})

describe('a recorded answer', () => {
  const stream = (text: string, cut = false) => findRecordedFailure('chat', text, { stream: true, cut })
  it('that is a page of a browser has failed, streamed or not', () => {
    expect(findRecordedFailure('chat', '<html>sign in</html>', { stream: false, cut: false })?.httpStatus).toBe(502)
    expect(stream('<html>sign in</html>')?.httpStatus).toBe(502)
  })
  it('whose end was not kept is judged by what is there', () => {
    expect(findRecordedFailure('chat', '{"choices":[{"mess', { stream: false, cut: true })).toBeNull()
    expect(stream('data: {"id":"a"', true)).toBeNull()
    expect(stream('data: {"error":"died"}\n\ndata: {"cho', true)?.message).toBe('died')
  })
  it('may carry empty events and the mark of its end', () => {
    const chunk = JSON.stringify(choice({ delta: { content: 'a' }, finish_reason: 'stop' }))
    expect(stream(`data:\n\ndata: ${chunk}\n\ndata: [DONE]\n\n`)).toBeNull()
  })
  it('that came whole although a stream was asked for is read as what it is', () => {
    expect(stream('{"error":{"message":"no","code":401}}')?.httpStatus).toBe(401)
  })
})
