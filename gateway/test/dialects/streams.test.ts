import { describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { maxEventBytes } from '../../bytes/sse.ts'
import { translateAnswerToStream } from '../../dialects/translate.ts'
import { StreamTranslator } from '../stream-translator.ts'

type Event = Record<string, any>

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 5, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const usageChunk = `data: ${JSON.stringify({ id: 'c1', choices: [], usage: { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } } })}\n\n`
const event = (type: string, body: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
const messageStart = event('message_start', {
  message: {
    id: 'msg_1',
    model: 'c',
    content: [],
    usage: { input_tokens: 7, cache_read_input_tokens: 2, output_tokens: 1 },
  },
})
const messageEnd = (reason: string): string =>
  event('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 9 } }) +
  event('message_stop', {})

function translate(
  from: Wire,
  to: Wire,
  stream: string,
  end: (translator: StreamTranslator) => string = (translator) => translator.end(),
): { text: string; events: Event[]; translator: StreamTranslator } {
  const translator = new StreamTranslator({ from, to }, { includeUsage: true })
  const text = translator.push(Buffer.from(stream)) + end(translator)
  const events = [...text.matchAll(/^data: (\{.*)$/gm)].map((match) => JSON.parse(match[1] ?? '') as Event)
  return { text, events, translator }
}

test('an error event of the Responses dialect has its word as code: it is the type elsewhere', () => {
  const error = event('error', { code: 'rate_limit_exceeded', message: 'slow', param: null })
  expect(translate('responses', 'chat', error).events).toEqual([
    { error: { message: 'slow', type: 'rate_limit_exceeded', param: null, code: 'rate_limit_exceeded' } },
  ])
  expect(translate('responses', 'messages', error).events).toMatchObject([
    { type: 'error', error: { type: 'rate_limit_error', message: 'slow' } },
  ])
})

describe('tool calls in streams', () => {
  const interleaved = [
    chunk({
      role: 'assistant',
      tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
    }),
    chunk({ tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{"y"' } }] }),
    chunk({
      tool_calls: [
        { index: 0, function: { arguments: '{"x":1.0}' } },
        { index: 1, function: { arguments: ':2}' } },
      ],
    }),
    chunk({}, 'tool_calls'),
    usageChunk,
    'data: [DONE]\n\n',
  ].join('')

  test('chat → messages: interleaved calls become whole blocks with indexes of their own', () => {
    const { events } = translate('chat', 'messages', interleaved)
    expect(
      events
        .filter((said) => said.type.startsWith('content_block'))
        .map((said) => [said.type, said.index, said.content_block?.name ?? said.delta?.partial_json]),
    ).toEqual([
      ['content_block_start', 0, 'f'],
      ['content_block_delta', 0, '{"x":1.0}'],
      ['content_block_stop', 0, undefined],
      ['content_block_start', 1, 'g'],
      ['content_block_delta', 1, '{"y"'],
      ['content_block_delta', 1, ':2}'],
      ['content_block_stop', 1, undefined],
    ])
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { input_tokens: 7, cache_read_input_tokens: 3, output_tokens: 4 },
    })
  })

  test('chat → responses: every item is added, said and done, and the last event repeats them', () => {
    const { events } = translate('chat', 'responses', interleaved)
    expect(events.map((said) => said.sequence_number)).toEqual(events.map((_, index) => index))
    expect(
      events
        .filter((said) => said.type === 'response.function_call_arguments.done')
        .map((said) => [said.output_index, said.arguments]),
    ).toEqual([
      [0, '{"x":1.0}'],
      [1, '{"y":2}'],
    ])
    expect(events.at(-1)).toMatchObject({
      type: 'response.completed',
      response: {
        status: 'completed',
        output: [
          { call_id: 'a', name: 'f' },
          { call_id: 'b', name: 'g' },
        ],
        usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14 },
      },
    })
  })

  test('a call of free text, for which Anthropic has no words, is named as left out, and no half of it is told', () => {
    const free =
      chunk({ tool_calls: [{ index: 0, id: 'a', type: 'custom', custom: { name: 'sh', input: 'ls' } }] }) +
      chunk({ content: 'Done' }) +
      chunk({}, 'stop') +
      'data: [DONE]\n\n'
    const { events, translator } = translate('chat', 'messages', free)
    expect(events.map((said) => said.content_block?.type ?? said.delta?.text ?? said.type)).toEqual([
      'message_start',
      'text',
      'Done',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    expect(translator.dropped).toEqual(['choices[0].message.tool_calls[0]'])
  })

  test('providers that leave out, repeat or delay index, id and name', () => {
    const odd = [
      chunk({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] }),
      chunk({ tool_calls: [{ id: 'b', function: { name: 'g', arguments: '{"n":' } }] }),
      chunk({ tool_calls: [{ id: 'b', function: { name: 'g', arguments: '1}' } }] }),
      chunk({ tool_calls: [{ index: 7, function: { arguments: '{"late"' } }] }),
      chunk({ tool_calls: [{ index: 7, function: { name: 'h', arguments: ':1}' } }] }),
      chunk({}, 'stop'),
      'data: [DONE]\n\n',
    ].join('')
    const { events } = translate('chat', 'messages', odd)
    expect(
      events
        .filter((said) => said.type === 'content_block_start')
        .map((said) => [said.content_block.id, said.content_block.name]),
    ).toEqual([
      ['a', 'f'],
      ['b', 'g'],
      ['call_2', 'h'],
    ])
    expect(
      events
        .filter((said) => said.delta?.partial_json)
        .map((said) => said.delta.partial_json)
        .join(''),
    ).toBe('{}{"n":1}{"late":1}')
    expect(events.at(-2)?.delta.stop_reason).toBe('tool_use')
  })

  test("messages → chat: arguments may stand in the block's start, in deltas or nowhere", () => {
    const block = (index: number, input: object, deltas: string[]): string =>
      event('content_block_start', { index, content_block: { type: 'tool_use', id: `t${index}`, name: 'f', input } }) +
      deltas
        .map((partial_json) =>
          event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json } }),
        )
        .join('') +
      event('content_block_stop', { index })
    const { events } = translate(
      'messages',
      'chat',
      messageStart +
        block(0, { a: 1 }, []) +
        block(1, {}, ['', '{"b":', '2}']) +
        block(2, {}, ['']) +
        messageEnd('tool_use'),
    )
    const calls: string[] = []
    for (const call of events.flatMap((said) => said.choices?.[0]?.delta.tool_calls ?? []))
      calls[call.index] = (calls[call.index] ?? '') + call.function.arguments
    expect(calls).toEqual(['{"a":1}', '{"b":2}', '{}'])
  })

  test('responses → chat: a call that only its end tells', () => {
    const item = { type: 'function_call', id: 'fc', call_id: 'call_1', name: 'f', arguments: '{"z":9007199254740993}' }
    const stream =
      event('response.created', { response: { id: 'r', model: 'm' } }) +
      event('response.output_item.done', { output_index: 0, item }) +
      event('response.completed', {
        response: { id: 'r', status: 'completed', output: [item], usage: { input_tokens: 1, output_tokens: 2 } },
      })
    const { text, events } = translate('responses', 'chat', stream)
    expect(
      events
        .flatMap((said) => said.choices[0]?.delta.tool_calls ?? [])
        .map((call) => call.function.arguments)
        .join(''),
    ).toBe('{"z":9007199254740993}')
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(events.at(-1)?.usage).toMatchObject({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 })
  })
})

test('responses → messages: arguments and text that only a done event tells are told once', () => {
  const call = { type: 'function_call', id: 'fc', call_id: 'c', name: 'f', arguments: '{"a":1}' }
  const stream =
    event('response.created', { response: { id: 'r', model: 'm' } }) +
    event('response.output_item.added', { output_index: 0, item: { ...call, arguments: '' } }) +
    event('response.function_call_arguments.done', { output_index: 0, arguments: '{"a":1}' }) +
    event('response.output_text.delta', { output_index: 1, content_index: 0, delta: 'Hel' }) +
    event('response.output_text.done', { output_index: 1, content_index: 0, text: 'Hello' }) +
    event('response.completed', {
      response: {
        id: 'r',
        status: 'completed',
        output: [call, { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }],
      },
    })
  const { events } = translate('responses', 'messages', stream)
  expect(
    events
      .filter((said) => said.type === 'content_block_delta')
      .map((said) => said.delta.partial_json ?? said.delta.text),
  ).toEqual(['{"a":1}', 'Hel', 'lo'])
})

test('chat → messages: the first form of function calls, and an error in plain words', () => {
  const { events } = translate(
    'chat',
    'messages',
    chunk({ role: 'assistant', function_call: { name: 'f', arguments: '' } }) +
      chunk({ function_call: { arguments: '{"a":1}' } }) +
      chunk({}, 'function_call') +
      'data: [DONE]\n\n',
  )
  expect(events.find((said) => said.type === 'content_block_start')?.content_block).toMatchObject({
    name: 'f',
    id: 'call_f',
  })
  expect(events.find((said) => said.delta?.partial_json)?.delta.partial_json).toBe('{"a":1}')
  expect(events.at(-2)?.delta.stop_reason).toBe('tool_use')
  expect(
    translate('chat', 'messages', `${chunk({ content: 'x' })}event: error\ndata: out of memory\n\n`).events.at(-1),
  ).toMatchObject({ type: 'error', error: { message: 'out of memory' } })
})

describe('reasoning, citations and refusals in streams', () => {
  const thinking =
    messageStart +
    event('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }) +
    event('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } }) +
    event('content_block_delta', { index: 0, delta: { type: 'signature_delta', signature: 'SIG' } }) +
    event('content_block_stop', { index: 0 }) +
    event('content_block_start', { index: 1, content_block: { type: 'redacted_thinking', data: 'RED' } }) +
    event('content_block_stop', { index: 1 }) +
    event('content_block_start', { index: 2, content_block: { type: 'text', text: '' } }) +
    event('content_block_delta', { index: 2, delta: { type: 'text_delta', text: 'Hi' } }) +
    event('content_block_stop', { index: 2 }) +
    messageEnd('end_turn')

  test('signatures and redacted thinking survive the way through either OpenAI dialect and back', () => {
    for (const through of ['chat', 'responses'] as const) {
      const { events } = translate(through, 'messages', translate('messages', through, thinking).text)
      const starts = events.filter((said) => said.type === 'content_block_start').map((said) => said.content_block)
      expect(starts.map((block) => block.type)).toEqual(['thinking', 'redacted_thinking', 'text'])
      expect(starts[1].data).toBe('RED')
      expect(events.filter((said) => said.type === 'content_block_stop').map((said) => said.index)).toEqual([0, 1, 2])
      expect(
        events.filter((said) => said.delta?.type === 'signature_delta').map((said) => said.delta.signature),
      ).toEqual(['SIG'])
      expect(
        events
          .filter((said) => said.delta?.thinking)
          .map((said) => said.delta.thinking)
          .join(''),
      ).toBe('hm')
    }
  })

  test('citations arrive with their text', () => {
    const cited =
      messageStart +
      event('content_block_start', { index: 0, content_block: { type: 'text', text: 'A fact.' } }) +
      event('content_block_delta', {
        index: 0,
        delta: {
          type: 'citations_delta',
          citation: {
            type: 'web_search_result_location',
            url: 'https://x',
            title: 'X',
            encrypted_index: 'E',
            cited_text: 'fact',
          },
        },
      }) +
      event('content_block_stop', { index: 0 }) +
      messageEnd('end_turn')
    expect(
      translate('messages', 'chat', cited).events.flatMap((said) => said.choices[0]?.delta.annotations ?? []),
    ).toEqual([
      {
        type: 'url_citation',
        url_citation: {
          url: 'https://x',
          title: 'X',
          start_index: 0,
          end_index: 7,
          encrypted_index: 'E',
          cited_text: 'fact',
        },
      },
    ])
    expect(
      translate('messages', 'responses', cited).events.at(-1)?.response.output[0].content[0].annotations,
    ).toMatchObject([{ type: 'url_citation', url: 'https://x', encrypted_index: 'E' }])
  })

  test('a refusal is one in every dialect', () => {
    const refused = chunk({ role: 'assistant', refusal: 'No.' }) + chunk({}, 'stop') + 'data: [DONE]\n\n'
    expect(translate('chat', 'messages', refused).events.at(-2)?.delta.stop_reason).toBe('refusal')
    expect(translate('chat', 'responses', refused).events.at(-1)?.response).toMatchObject({
      status: 'completed',
      output: [{ content: [{ type: 'refusal', refusal: 'No.' }] }],
    })
    expect(
      translate('messages', 'chat', messageStart + messageEnd('refusal')).events.at(-2)?.choices[0].finish_reason,
    ).toBe('content_filter')
  })
})

describe('streams that fail', () => {
  const begun: ReadonlyArray<readonly [Wire, string]> = [
    ['chat', chunk({ content: 'Hel' })],
    [
      'messages',
      messageStart + event('content_block_start', { index: 0, content_block: { type: 'text', text: 'Hel' } }),
    ],
    [
      'responses',
      event('response.created', { response: { id: 'r', model: 'm' } }) +
        event('response.output_text.delta', { output_index: 0, content_index: 0, delta: 'Hel' }),
    ],
  ]
  const ends: Readonly<Record<Wire, RegExp>> = {
    chat: /\[DONE\]|"finish_reason":"/,
    messages: /message_stop|stop_reason":"/,
    responses: /response\.completed|response\.incomplete/,
  }
  const targets: readonly Wire[] = ['chat', 'messages', 'responses']

  test('a stream that is cut off is never shown as complete', () => {
    for (const [from, stream] of begun) {
      for (const to of targets.filter((target) => target !== from)) {
        const { text, translator } = translate(from, to, stream)
        expect(text).toContain('Hel')
        expect(text).toContain('before the answer was complete')
        expect(text).not.toMatch(ends[to])
        expect(translator.failed).toBe(true)
      }
    }
  })

  test("an error inside a stream arrives as one of the caller's dialect, and nothing after it", () => {
    const overloaded = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })
    const { events } = translate('messages', 'chat', (begun[1]?.[1] ?? '') + overloaded + messageEnd('end_turn'))
    expect(events.at(-1)).toEqual({
      error: { message: 'Overloaded', type: 'overloaded_error', param: null, code: null },
    })
    const quota = `${begun[0]?.[1]}data: {"error":{"message":"Quota","type":"insufficient_quota","code":"insufficient_quota"}}\n\n`
    expect(translate('chat', 'messages', quota).text).toContain(
      'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error","message":"Quota","code":"insufficient_quota"}}',
    )
    expect(translate('chat', 'responses', quota).events.slice(-2)).toMatchObject([
      { type: 'error', message: 'Quota' },
      { type: 'response.failed', response: { status: 'failed', output: [{ status: 'incomplete' }] } },
    ])
  })

  test('a damaged event spoils the end, not what could still be read', () => {
    const { text, translator } = translate(
      'chat',
      'messages',
      `${begun[0]?.[1]}data: {"choices":\n\n${chunk({ content: 'lo' })}${chunk({}, 'stop')}data: [DONE]\n\n`,
    )
    expect(text).toContain('"text":"lo"')
    expect(text).not.toMatch(ends.messages)
    expect(translator.failed).toBe(true)
  })

  test('an answer that was complete stays complete when the connection breaks after it', () => {
    const { translator } = translate('messages', 'chat', messageStart + messageEnd('end_turn'), (running) =>
      running.fail({ type: 'api_error', message: 'reset' }),
    )
    expect(translator.failed).toBe(false)
  })

  test('a line without end is an error, not memory', () => {
    const translator = new StreamTranslator({ from: 'chat', to: 'messages' }, { includeUsage: false })
    const piece = Buffer.alloc(1024 * 1024, 'x')
    let text = ''
    for (let size = 0; size <= maxEventBytes; size += piece.length) text += translator.push(piece)
    expect(text).toContain('longer than')
    expect(translator.failed).toBe(true)
  })
})

test('what a stream cannot say is named in a comment before its end', () => {
  const { text, translator } = translate(
    'messages',
    'chat',
    messageStart +
      event('content_block_start', {
        index: 0,
        content_block: { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      }) +
      event('content_block_stop', { index: 0 }) +
      messageEnd('end_turn'),
  )
  expect(translator.dropped).toEqual(['content[0]'])
  expect(text).toContain(': x-sinew-dropped: content[0]\n\n')
})

test('a chat caller who did not ask for usage gets no usage chunk', () => {
  const translator = new StreamTranslator({ from: 'messages', to: 'chat' }, { includeUsage: false })
  expect(translator.push(Buffer.from(messageStart + messageEnd('end_turn'))) + translator.end()).not.toContain('usage')
})

test('an upstream that answers JSON to a caller who asked for a stream is streamed', () => {
  const answer = {
    id: 'c',
    model: 'm',
    choices: [
      {
        message: {
          role: 'assistant',
          content: 'Hi',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1.0}' } }],
        },
        finish_reason: 'tool_calls',
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 2 },
  }
  const text =
    translateAnswerToStream(JSON.stringify(answer), { from: 'chat', to: 'messages' }, { includeUsage: true })?.body ??
    ''
  expect(text).toContain('"partial_json":"{\\"x\\":1.0}"')
  expect(text.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n')).toBe(true)
})
