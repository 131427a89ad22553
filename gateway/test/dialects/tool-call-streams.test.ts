/** Calls of tools in streams, piece by piece, in every other wire. */
import { describe, expect, test } from 'vitest'
import { chunk, usageChunk, event, messageStart, messageEnd, translate } from './translate-whole-stream.ts'

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
