import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { wires } from '../wires.ts'
import { translateAnswer } from '../../dialects/translate.ts'
import { StreamTranslator } from '../stream-translator.ts'
import { streamProblem } from './valid-stream.ts'

const words = fc.oneof(fc.string(), fc.constantFrom('', 'x', '{', '{"a":1}', '}', '"', '\n'))
const index = fc.constantFrom(0, 0, 1, 2, -1, undefined)
const usage = fc.constantFrom(
  undefined,
  null,
  { prompt_tokens: 3, completion_tokens: 2 },
  { input_tokens: 1, output_tokens: 1 },
)

const call = fc.record(
  {
    index,
    id: fc.constantFrom('a', 'b', ''),
    function: fc.record({ name: fc.constantFrom('f', 'g', ''), arguments: words }, { requiredKeys: [] }),
    type: fc.constant('function'),
    extra_content: fc.constant({ google: { thought_signature: 'S' } }),
  },
  { requiredKeys: [] },
)
const detail = fc.record(
  { type: fc.constantFrom('reasoning.text', 'reasoning.encrypted'), text: words, data: words, signature: words, index },
  { requiredKeys: ['type'] },
)
const delta = fc.record(
  {
    content: words,
    refusal: words,
    reasoning_content: words,
    tool_calls: fc.array(call, { maxLength: 3 }),
    reasoning_details: fc.array(detail, { maxLength: 2 }),
    annotations: fc.constant([{ type: 'url_citation', url_citation: { url: 'u', start_index: 0, end_index: 1 } }]),
  },
  { requiredKeys: [] },
)
const chat = fc.record(
  {
    id: fc.constant('c'),
    model: fc.constant('m'),
    choices: fc.array(
      fc.record({ index, delta, finish_reason: fc.constantFrom(null, null, null, 'stop', 'tool_calls', 'length') }),
      { maxLength: 2 },
    ),
    usage,
  },
  { requiredKeys: ['choices'] },
)

const block = fc.record(
  {
    type: fc.constantFrom('text', 'thinking', 'redacted_thinking', 'tool_use', 'server_tool_use'),
    id: words,
    name: words,
    text: words,
    thinking: words,
    signature: words,
    data: words,
    input: fc.constantFrom({}, { a: 1 }),
  },
  { requiredKeys: ['type'] },
)
const blockDelta = fc.record(
  {
    type: fc.constantFrom('text_delta', 'thinking_delta', 'signature_delta', 'input_json_delta', 'citations_delta'),
    text: words,
    thinking: words,
    signature: words,
    partial_json: words,
    citation: fc.constant({ type: 'web_search_result_location', url: 'u' }),
  },
  { requiredKeys: ['type'] },
)
const messages = fc.oneof(
  fc.constant({ type: 'message_start', message: { id: 'm', model: 'c', usage: { input_tokens: 1 } } }),
  fc.record({ type: fc.constant('content_block_start'), index, content_block: block }),
  fc.record({ type: fc.constant('content_block_delta'), index, delta: blockDelta }),
  fc.record({ type: fc.constant('content_block_delta'), index, delta: blockDelta }),
  fc.record({ type: fc.constant('content_block_stop'), index }),
  fc.record({
    type: fc.constant('message_delta'),
    delta: fc.record({ stop_reason: fc.constantFrom('end_turn', 'tool_use', 'refusal') }),
    usage,
  }),
  fc.constantFrom({ type: 'message_stop' }, { type: 'ping' }),
)

const item = fc.record(
  {
    type: fc.constantFrom('message', 'function_call', 'reasoning', 'web_search_call', 'custom_tool_call'),
    id: words,
    call_id: words,
    name: words,
    arguments: words,
    input: words,
    encrypted_content: words,
    summary: fc.constantFrom([], [{ text: 's' }]),
    content: fc.constantFrom([], [{ type: 'output_text', text: 'xyz' }], [{ type: 'refusal', refusal: 'no' }]),
  },
  { requiredKeys: ['type'] },
)
const responses = fc.oneof(
  fc.constant({ type: 'response.created', response: { id: 'r', model: 'm' } }),
  fc.record({
    type: fc.constantFrom('response.output_item.added', 'response.output_item.done'),
    output_index: index,
    item,
  }),
  fc.record({
    type: fc.constantFrom(
      'response.output_text.delta',
      'response.function_call_arguments.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_text.delta',
      'response.refusal.delta',
      'response.reasoning_summary_part.added',
    ),
    output_index: index,
    content_index: fc.constantFrom(0, 1),
    delta: words,
  }),
  fc.record({
    type: fc.constantFrom(
      'response.output_text.done',
      'response.function_call_arguments.done',
      'response.content_part.done',
    ),
    output_index: index,
    text: words,
    arguments: words,
    part: fc.constant({ type: 'output_text', text: 'xyz' }),
  }),
  fc.record({
    type: fc.constantFrom('response.completed', 'response.incomplete', 'response.failed'),
    response: fc.record({
      status: fc.constantFrom('completed', 'incomplete', 'failed'),
      output: fc.array(item, { maxLength: 2 }),
      usage,
    }),
  }),
)

const streams: Readonly<Record<Wire, fc.Arbitrary<string>>> = {
  chat: fc
    .tuple(fc.array(chat, { maxLength: 8 }), fc.boolean())
    .map(
      ([chunks, done]) =>
        chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('') + (done ? 'data: [DONE]\n\n' : ''),
    ),
  messages: fc
    .array(messages, { maxLength: 14 })
    .map((events) => events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')),
  responses: fc
    .array(responses, { maxLength: 12 })
    .map((events) => events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')),
}
const pairs = wires.flatMap((from) => wires.filter((to) => to !== from).map((to) => ({ from, to })))

test('whatever an upstream streams, the caller gets a well-formed stream with exactly one end or error', () => {
  for (const way of pairs) {
    fc.assert(
      fc.property(streams[way.from], (stream) => {
        const translator = new StreamTranslator(way, { includeUsage: true })
        const text = translator.push(Buffer.from(stream)) + translator.end()
        expect(streamProblem(way.to, text)).toBeUndefined()
        expect(translator.push(Buffer.from(stream)) + translator.end()).toBe('')
      }),
      { numRuns: 300 },
    )
  }
})

test('a stream is translated to the same text however it is cut', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...pairs).chain((way) => fc.tuple(fc.constant(way), streams[way.from])),
      fc.array(fc.nat(3_000), { maxLength: 8 }),
      ([way, stream], cuts) => {
        const bytes = Buffer.from(stream)
        const run = (places: readonly number[]): string => {
          const translator = new StreamTranslator(way, { includeUsage: true }, () => 1)
          const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
          return (
            ends.map((end, at) => translator.push(bytes.subarray(at === 0 ? 0 : ends[at - 1], end))).join('') +
            translator.end()
          )
        }
        expect(run(cuts)).toBe(run([]))
      },
    ),
    { numRuns: 200 },
  )
})

test("any body at all is an answer or an error of the caller's dialect", () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    chat.map((chunk) => JSON.stringify(chunk)),
    fc.array(block, { maxLength: 3 }).map((content) => JSON.stringify({ content })),
    fc.array(item, { maxLength: 3 }).map((output) => JSON.stringify({ output })),
  )
  fc.assert(
    fc.property(body, fc.constantFrom(...pairs), fc.constantFrom(200, 400, 500), (text, way, status) => {
      const told = JSON.parse(translateAnswer(text, way, status).body) as Record<string, unknown>
      const members: Record<Wire, string> = { chat: 'choices', responses: 'output', messages: 'content' }
      expect(told.error !== undefined && told.error !== null ? true : Array.isArray(told[members[way.to]])).toBe(true)
    }),
    { numRuns: 400 },
  )
})
