/** Streams in another wire: reasoning, citations, refusals, failures, and how they end. */
import { describe, expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { maxEventBytes } from '../../bytes/sse.ts'
import { translateAnswerToStream } from '../../dialects/translate.ts'
import { StreamTranslator } from '../stream-translator.ts'
import { chunk, event, messageStart, messageEnd, translate } from './translate-whole-stream.ts'

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
