/** What real servers write into a stream that the standard and the official clients let pass. */
import { describe, expect, test } from 'vitest'
import type { ProviderWire, Wire } from '../../../db/words/wire.ts'
import { maxEventBytes } from '../../bytes/sse.ts'
import { messages } from '../../dialects/anthropic.ts'
import { StreamTranslator } from '../stream-translator.ts'

const event = (type: string, body: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

const streams: Readonly<Record<ProviderWire, string[]>> = {
  chat: [chunk({ role: 'assistant', content: 'Hello' }), chunk({}, 'stop'), 'data: [DONE]\n\n'],
  messages: [
    event('message_start', { message: { id: 'a', model: 'm', usage: { input_tokens: 1 } } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello' } }),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
    event('message_stop', {}),
  ],
  responses: [
    event('response.created', { response: { id: 'r', model: 'm' } }),
    event('response.output_text.delta', { output_index: 0, content_index: 0, delta: 'Hello' }),
    event('response.completed', { response: { id: 'r', status: 'completed', output: [] } }),
  ],
  google: [
    `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text: 'Hello' }] } }] })}\n\n`,
    `data: ${JSON.stringify({ candidates: [{ finishReason: 'STOP' }] })}\n\n`,
  ],
}
const ends: Readonly<Record<Wire, string>> = {
  chat: 'data: [DONE]\n\n',
  messages: 'event: message_stop',
  responses: 'event: response.completed',
}
const callers: readonly Wire[] = ['chat', 'messages', 'responses']
const ways = (Object.keys(streams) as ProviderWire[]).flatMap((from) =>
  callers.filter((to) => to !== from).map((to) => ({ from, to })),
)

/** In one piece, and byte by byte: what counts must not depend on where chunks end. */
function translate(from: ProviderWire, to: Wire, stream: string): { text: string; failed: boolean } {
  const bytes = Buffer.from(stream)
  const results = [[bytes], [...bytes].map((byte) => Buffer.of(byte))].map((chunks) => {
    const translator = new StreamTranslator({ from, to }, { includeUsage: false })
    const text = chunks.map((piece) => translator.push(piece)).join('') + translator.end()
    return { text: text.replaceAll(/"created(?:_at)?":\d+/g, '"created":0'), failed: translator.failed }
  })
  expect(results[1]).toEqual(results[0])
  return results[0] as { text: string; failed: boolean }
}

describe.each(ways)('a translated stream, $from to $to', ({ from, to }) => {
  const events = streams[from]
  const plain = translate(from, to, events.join(''))

  test('is whole', () => {
    expect(plain).toMatchObject({ failed: false, text: expect.stringContaining('Hello') as string })
    expect(plain.text).toContain(ends[to])
  })

  test.each([
    ['an event with empty data', 'data:\n\n'],
    ['an event with blank data', 'data: \ndata:\n\n'],
    ['a named event with empty data', 'event: ping\ndata:\n\n'],
    ['a named event without data', 'event: ping\n\n'],
    ['a comment', ': keep-alive\n\n'],
    ['an id and a wait', 'id: 7\nretry: 100\n\n'],
  ])('reads the same with %s before, between and after its events', (_name, extra) => {
    expect(translate(from, to, extra + events.join(extra) + extra)).toEqual(plain)
  })

  test.each([
    ['lines that end in CR', (text: string) => text.replaceAll('\n', '\r')],
    ['lines that end in CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['no space behind the colon', (text: string) => text.replaceAll(/^(data|event): /gm, '$1:')],
    ['a byte order mark', (text: string) => `\u{feff}${text}`],
    ['data in several lines', (text: string) => text.replaceAll(/^data: \{/gm, 'data: {\ndata: ')],
    ['[DONE] behind its end', (text: string) => `${text}data: [DONE]\n\n`],
    ['[DONE] twice behind its end', (text: string) => `${text}event: done\ndata: [DONE]\n\ndata: [DONE]\n\n`],
    ['no blank line behind its last event', (text: string) => text.slice(0, -1)],
    ['no line end behind its last event', (text: string) => text.slice(0, -2)],
  ])('reads the same with %s', (_name, vary) => {
    expect(translate(from, to, vary(events.join('')))).toEqual(plain)
  })

  test('is not whole where its last event was cut off inside its data', () => {
    // Behind the stop reason of these two nothing is needed any more.
    const withoutEnd = from === 'chat' || from === 'messages' ? events.slice(0, -1) : events
    const cut = translate(from, to, withoutEnd.join('').slice(0, -4))
    expect(cut.text).not.toContain(ends[to])
    expect(cut.failed).toBe(true)
  })
})

describe.each([
  { from: 'chat', to: 'responses' },
  { from: 'messages', to: 'chat' },
  { from: 'responses', to: 'messages' },
  { from: 'google', to: 'chat' },
] as const)('a translated stream, $from to $to', ({ from, to }) => {
  const events = streams[from]

  test('carries an event of 12 MiB, and says so where one is larger than can be read', () => {
    const big = (size: number): string => {
      const text = 'x'.repeat(size)
      if (from === 'chat') return chunk({ content: text })
      if (from === 'google') return `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] } }] })}\n\n`
      return from === 'messages'
        ? event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
        : event('response.output_text.delta', { output_index: 0, content_index: 0, delta: text })
    }
    const run = (size: number): { text: string; failed: boolean } => {
      const translator = new StreamTranslator({ from, to }, { includeUsage: false })
      const middle = from === 'messages' ? 3 : 1
      const bytes = Buffer.from([...events.slice(0, middle), big(size), ...events.slice(middle)].join(''))
      let text = ''
      for (let at = 0; at < bytes.length; at += 65_536) text += translator.push(bytes.subarray(at, at + 65_536))
      return { text: text + translator.end(), failed: translator.failed }
    }
    const carried = run(12 * 1024 * 1024)
    expect([carried.failed, carried.text.includes(ends[to])]).toEqual([false, true])
    const tooLarge = run(maxEventBytes + 65_536)
    expect([tooLarge.failed, tooLarge.text.includes(ends[to])]).toEqual([true, false])
    expect(tooLarge.text).toContain(`longer than ${maxEventBytes} bytes`)
  })
})

describe('a Messages stream without message_stop', () => {
  const [beginning, end] = [streams.messages.slice(0, -2).join(''), streams.messages.at(-2) as string]

  test.each(['chat', 'responses'] as const)('is complete for %s once its stop reason has come, not before', (to) => {
    expect(translate('messages', to, beginning + end)).toEqual(translate('messages', to, streams.messages.join('')))
    expect(translate('messages', to, beginning).failed).toBe(true)
  })

  test('is judged the same where its bytes pass untouched', () => {
    expect(messages.judgeUnfinished(beginning + end)).toBe('complete')
    expect(messages.judgeUnfinished(beginning)).toBe('unfinished')
    expect(messages.judgeUnfinished(`${beginning}${event('error', { error: { message: 'no' } })}`)).toBe('error')
  })

  test('is not complete where a second message begins and says no stop reason', () => {
    expect(translate('messages', 'chat', streams.messages.join('') + beginning).failed).toBe(true)
  })
})
