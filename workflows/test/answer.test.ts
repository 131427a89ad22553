import { readAnswer } from './recorded.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Wire } from '../../db/words/wire.ts'
import { readEvents } from '../domain/exchanges/events.ts'
import { asObject, parseJson } from '../domain/json/json.ts'
import { loadRecordedTraffic, toWire, type WireRow } from './recorded-traffic.ts'

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
