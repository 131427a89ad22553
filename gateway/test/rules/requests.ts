/**
 * Requests that their APIs take, of all three wire formats, and rules as people might write them: generators for
 * property tests.
 */
import fc from 'fast-check'
import type { RuleEdit } from '../../../db/words/rule.ts'
import type { Wire } from '../../../db/words/wire.ts'

const word = fc.constantFrom(
  'Summarise',
  'this',
  'ACME-1234',
  'naïve',
  '😀',
  'please',
  'the',
  'order',
  '"quoted"',
  'back\\slash',
  'a\u2028b',
  'ab',
)
const text = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '))
const id = fc.integer({ min: 0, max: 9 }).map((number) => `call_${number}`)
const schema = fc.constant({ type: 'object', properties: { city: { type: 'string' } } })
const number = {
  temperature: fc.double({ min: 0, max: 1, noNaN: true }),
  top_p: fc.double({ min: 0, max: 1, noNaN: true }),
}

const chatPart = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.constant({ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }),
)
const chatTurn = fc.oneof(
  fc
    .record({
      role: fc.constantFrom('user', 'system', 'developer'),
      content: fc.oneof(text, fc.array(fc.record({ type: fc.constant('text'), text }), { minLength: 1, maxLength: 2 })),
    })
    .map((one) => [one]),
  fc
    .record({ role: fc.constant('user'), content: fc.array(chatPart, { minLength: 1, maxLength: 3 }) })
    .map((one) => [one]),
  fc.record({ role: fc.constant('assistant'), content: text }).map((one) => [one]),
  fc.tuple(id, text).map(([call, result]) => [
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: call, type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } }],
    },
    { role: 'tool', tool_call_id: call, content: result },
  ]),
)
const chatTools = fc.record(
  {
    tools: fc.constant([{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }]),
    tool_choice: fc.constantFrom('auto', 'none'),
  },
  { requiredKeys: ['tools'] },
)
const chatRequest = fc
  .tuple(
    fc.record(
      {
        model: fc.constantFrom('gpt-4o', 'mock/gpt-4o'),
        messages: fc.array(chatTurn, { minLength: 1, maxLength: 4 }).map((turns) => turns.flat()),
        ...number,
        max_tokens: fc.integer({ min: 1, max: 9_000 }),
        stop: fc.oneof(text, fc.array(text, { maxLength: 2 })),
        metadata: fc.dictionary(fc.constantFrom('tier', 'app'), text),
        n: fc.constant(1),
        seed: fc.integer(),
      },
      { requiredKeys: ['model', 'messages'] },
    ),
    fc.oneof(fc.constant({}), chatTools),
  )
  .map(([request, tools]) => ({ ...request, ...tools }))

const block = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.constant({ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }),
)
const messagesTurn = fc.oneof(
  fc.tuple(fc.oneof(text, fc.array(block, { minLength: 1, maxLength: 3 })), text).map(([asked, said]) => [
    { role: 'user', content: asked },
    { role: 'assistant', content: said },
  ]),
  fc.tuple(text, id, text).map(([asked, call, result]) => [
    { role: 'user', content: asked },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
        { type: 'tool_use', id: call, name: 'weather', input: { city: 'Bern' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: call, content: result },
        { type: 'text', text: asked },
      ],
    },
  ]),
)
const messagesRequest = fc
  .tuple(
    fc.record(
      {
        model: fc.constant('claude-sonnet-4-5'),
        messages: fc
          .tuple(fc.array(messagesTurn, { maxLength: 3 }), text)
          .map(([turns, last]) => [...turns.flat(), { role: 'user', content: last }]),
        max_tokens: fc.integer({ min: 1, max: 9_000 }),
        ...number,
        system: fc.oneof(
          text,
          fc.array(fc.record({ type: fc.constant('text'), text }), { minLength: 1, maxLength: 2 }),
        ),
        stop_sequences: fc.array(text, { maxLength: 2 }),
        metadata: fc.record({ user_id: text }),
        top_k: fc.nat(100),
      },
      { requiredKeys: ['model', 'messages', 'max_tokens'] },
    ),
    fc.oneof(
      fc.constant({}),
      fc.record(
        {
          tools: fc.record({ name: fc.constant('weather'), input_schema: schema }).map((tool) => [tool]),
          tool_choice: fc.constant({ type: 'auto' }),
        },
        { requiredKeys: ['tools'] },
      ),
    ),
  )
  .map(([request, tools]) => ({ ...request, ...tools }))

const responsesItem = fc.oneof(
  fc
    .record({
      role: fc.constantFrom('user', 'system', 'developer'),
      content: fc.oneof(
        text,
        fc.array(fc.record({ type: fc.constant('input_text'), text }), { minLength: 1, maxLength: 2 }),
      ),
    })
    .map((one) => [one]),
  fc
    .record({
      type: fc.constant('message'),
      role: fc.constant('assistant'),
      content: fc
        .record({ type: fc.constant('output_text'), text, annotations: fc.constant([]) })
        .map((part) => [part]),
    })
    .map((one) => [one]),
  fc.tuple(id, text).map(([call, result]) => [
    { type: 'function_call', call_id: call, name: 'weather', arguments: '{}' },
    { type: 'function_call_output', call_id: call, output: result },
  ]),
)
const responsesRequest = fc.record(
  {
    model: fc.constant('gpt-5'),
    input: fc.oneof(
      text,
      fc.array(responsesItem, { minLength: 1, maxLength: 4 }).map((items) => items.flat()),
    ),
    instructions: text,
    ...number,
    max_output_tokens: fc.integer({ min: 1, max: 9_000 }),
    metadata: fc.dictionary(fc.constantFrom('tier', 'app'), text),
    tools: fc.constant([{ type: 'function', name: 'weather', parameters: { type: 'object' } }]),
  },
  { requiredKeys: ['model', 'input'] },
)

export const requests: Record<Wire, fc.Arbitrary<Record<string, unknown>>> = {
  chat: chatRequest,
  messages: messagesRequest,
  responses: responsesRequest,
}

const usage = fc.constant({ total_tokens: 3, output_tokens: 2 })
const id1 = fc.constant('id_1')
/** Whole answers as their clients read them. */
export const answers: Record<Wire, fc.Arbitrary<Record<string, unknown>>> = {
  chat: fc.record(
    {
      id: id1,
      object: fc.constant('chat.completion'),
      model: fc.constant('m'),
      choices: fc.array(
        fc.record({
          index: fc.nat(3),
          message: fc.record({ role: fc.constant('assistant'), content: fc.oneof(text, fc.constant(null)) }),
          finish_reason: fc.constant('stop'),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      usage,
    },
    { requiredKeys: ['id', 'object', 'model', 'choices'] },
  ),
  messages: fc.record({
    id: id1,
    type: fc.constant('message'),
    role: fc.constant('assistant'),
    model: fc.constant('c'),
    content: fc.array(
      fc.oneof(
        fc.record({ type: fc.constant('text'), text }),
        fc.constant({ type: 'tool_use', id: 't', name: 'f', input: {} }),
      ),
      { maxLength: 3 },
    ),
    stop_reason: fc.constant('end_turn'),
    usage,
  }),
  responses: fc.record({
    id: id1,
    object: fc.constant('response'),
    model: fc.constant('g'),
    status: fc.constant('completed'),
    output: fc.array(
      fc.oneof(
        fc.record({
          type: fc.constant('message'),
          role: fc.constant('assistant'),
          content: fc.array(fc.record({ type: fc.constant('output_text'), text }), { maxLength: 2 }),
        }),
        fc.constant({ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }),
      ),
      { maxLength: 3 },
    ),
    usage,
  }),
}

const step = fc.constantFrom(
  'model',
  'choices',
  'message',
  'output',
  'usage',
  'status',
  'messages',
  'input',
  'content',
  'role',
  'system',
  'instructions',
  'temperature',
  'max_tokens',
  'tools',
  'tool_choice',
  'metadata',
  'tier',
  'text',
  'type',
  'tool_calls',
  'id',
  'stop',
  'function',
  'name',
  'source',
  'extra',
  'constructor',
)
const path = fc
  .tuple(step, fc.array(fc.oneof(step, fc.integer({ min: -2, max: 3 })), { maxLength: 4 }))
  .map(([first, rest]) => [first, ...rest])
const value = fc.oneof(
  text,
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<unknown>([], {}, [1], { type: 'text' }, { role: 'user', content: 'x' }, [
    { role: 'user', content: 'x' },
  ]),
)
const pattern = fc.constantFrom(
  'ACME-(\\d+)',
  '(?i)please',
  '[^ ]+',
  '.',
  '\\bthe\\b',
  '(a)(b)?',
  '😀',
  '\\w+$',
  '\\s+',
)

/** All kinds, and mostly such as would break something if nobody watched. */
export const edits: fc.Arbitrary<RuleEdit> = fc.oneof(
  fc.record({ kind: fc.constant('set'), path, value }),
  fc.record({ kind: fc.constant('remove'), path }),
  fc.record({ kind: fc.constant('rename'), path, to: step }),
  fc.record({
    kind: fc.constant('replaceText'),
    in: fc.constantFrom('system', 'user', 'all'),
    pattern,
    with: fc.constantFrom('', ' ', 'X', '<$0>', '$$', 'ünï "q"'),
  }),
  fc.record({
    kind: fc.constant('addMessage'),
    role: fc.constantFrom('system', 'user'),
    position: fc.constantFrom('first', 'last'),
    text,
  }),
  fc.record({
    kind: fc.constant('changeMessage'),
    role: fc.constantFrom('system', 'user'),
    which: fc.constantFrom('first', 'last', 'all'),
    change: fc.constantFrom('replace', 'prepend', 'append'),
    text,
  }),
  fc.record({
    kind: fc.constant('cap'),
    parameter: fc.constantFrom('maxTokens', 'temperature', 'max_tokens', 'top_p'),
    most: fc.constantFrom(0, 0.5, 1, 100, -1),
  }),
  fc.record({
    kind: fc.constant('default'),
    parameter: fc.constantFrom('maxTokens', 'temperature', 'n', 'max_tokens'),
    value: fc.constantFrom(0, 0.5, 1, 100, 3.5),
  }),
  fc.record({ kind: fc.constant('routeTo'), model: fc.constantFrom('mock/other', 'gpt-4o') }),
  fc.record({
    kind: fc.constant('addHeader'),
    name: fc.constantFrom('x-tier', 'X-Team'),
    value: fc.constantFrom('a', 'b'),
  }),
) as fc.Arbitrary<RuleEdit>
