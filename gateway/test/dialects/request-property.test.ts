import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wires } from '../wires.ts'
import { UntranslatableError } from '../../dialects/report.ts'
import { translateRequest } from '../../dialects/translate.ts'
import { requestProblem } from './valid.ts'

const pairs = wires.flatMap((from) => wires.filter((to) => to !== from).map((to) => ({ from, to })))
const text = fc.oneof(fc.string(), fc.constantFrom('', 'x', 'data:image/png;base64,AA==', '{}', '{"a":1.0}', '[1]'))
const wild = fc.oneof(
  text,
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
)
const role = fc.constantFrom('user', 'assistant', 'system', 'developer', 'tool', 'else')
const type = fc.constantFrom(
  'text',
  'image_url',
  'file',
  'input_audio',
  'refusal',
  'thinking',
  'redacted_thinking',
  'image',
  'document',
  'tool_use',
  'tool_result',
  'server_tool_use',
  'input_text',
  'output_text',
  'input_image',
  'input_file',
  'message',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'reasoning',
  'web_search_call',
)
const part = fc.record(
  {
    type,
    text,
    refusal: text,
    thinking: text,
    signature: text,
    data: text,
    id: text,
    name: text,
    call_id: text,
    tool_use_id: text,
    arguments: wild,
    input: wild,
    output: wild,
    content: fc.oneof(text, fc.array(fc.record({ type, text }, { requiredKeys: ['type'] }), { maxLength: 2 })),
    is_error: fc.boolean(),
    encrypted_content: text,
    summary: fc.array(fc.record({ text })),
    source: fc.record(
      {
        type: fc.constantFrom('base64', 'url', 'text', 'file'),
        media_type: fc.constantFrom('image/png', 'application/pdf', 'text/plain'),
        data: text,
        url: text,
      },
      { requiredKeys: ['type'] },
    ),
    image_url: fc.oneof(text, fc.record({ url: text })),
    file: fc.record({ file_data: text, filename: text }, { requiredKeys: [] }),
    file_data: text,
    file_url: text,
    cache_control: fc.constant({ type: 'ephemeral' }),
  },
  { requiredKeys: ['type'] },
)
const call = fc.record(
  {
    id: text,
    type: fc.constantFrom('function', 'custom'),
    function: fc.record({ name: text, arguments: wild }),
    custom: fc.record({ name: text, input: text }),
  },
  { requiredKeys: ['type'] },
)
const content = fc.oneof(text, fc.constant(null), fc.array(part, { maxLength: 4 }))
const message = fc.record(
  {
    role,
    type: fc.constantFrom('message'),
    content,
    tool_calls: fc.array(call, { maxLength: 2 }),
    tool_call_id: text,
    refusal: text,
    reasoning_content: text,
  },
  { requiredKeys: ['role', 'content'] },
)
const tool = fc.record(
  {
    type: fc.constantFrom('function', 'custom', 'web_search'),
    name: text,
    function: fc.record({ name: text, parameters: fc.constant({ type: 'object' }) }),
    parameters: fc.constant({ type: 'object' }),
    input_schema: fc.constant({ type: 'object' }),
  },
  { requiredKeys: [] },
)
const choice = fc.oneof(
  fc.constantFrom('auto', 'none', 'required', 'any'),
  fc.record(
    { type: fc.constantFrom('auto', 'any', 'tool', 'function', 'allowed_tools'), name: text, mode: text },
    { requiredKeys: ['type'] },
  ),
  wild,
)
const request = fc.record(
  {
    model: text,
    stream: fc.boolean(),
    messages: fc.array(message, { maxLength: 5 }),
    input: fc.oneof(text, fc.array(fc.oneof(message, part), { maxLength: 6 })),
    system: content,
    instructions: text,
    tools: fc.array(tool, { maxLength: 3 }),
    tool_choice: choice,
    temperature: fc.double({ noNaN: true }),
    max_tokens: fc.nat(),
    top_k: fc.nat(),
    stop: fc.oneof(text, fc.array(text)),
    reasoning: wild,
    thinking: wild,
    response_format: wild,
    text: wild,
    metadata: wild,
    extra: wild,
  },
  { requiredKeys: ['model'] },
)

test('a translated request is valid in its dialect, or refused by the one declared error', () => {
  fc.assert(
    fc.property(
      request,
      fc.constantFrom(...pairs),
      fc.constantFrom('refuse' as const, 'drop' as const),
      (body, way, untranslatable) => {
        try {
          const { body: written } = translateRequest(JSON.stringify(body), way, { untranslatable })
          expect(requestProblem(way.to, written)).toBeUndefined()
        } catch (error) {
          if (!(error instanceof UntranslatableError)) throw error
          expect(error.fields.length).toBeGreaterThan(0)
        }
      },
    ),
    { numRuns: 1_500 },
  )
})

test('any text at all is translated or refused by that error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.constantFrom(...pairs), (body, way) => {
      try {
        expect(requestProblem(way.to, translateRequest(body, way, { untranslatable: 'drop' }).body)).toBeUndefined()
      } catch (error) {
        if (!(error instanceof UntranslatableError)) throw error
      }
    }),
    { numRuns: 500 },
  )
})

test("the same request is always the same bytes or the same refusal, so that providers' caches keep hitting", () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), fc.constantFrom(...pairs), (messages, way) => {
      const body = JSON.stringify({ model: 'm', messages, input: messages })
      // A request of which nothing is left is refused, each time in the same words.
      const send = (): unknown => {
        try {
          return translateRequest(body, way, { untranslatable: 'drop' })
        } catch (error) {
          if (error instanceof UntranslatableError) return error.message
          throw error
        }
      }
      expect(send()).toEqual(send())
    }),
    { numRuns: 200 },
  )
})
