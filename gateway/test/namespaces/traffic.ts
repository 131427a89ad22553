/**
 * Generated requests and answers of each wire format with tools in every place that has a tool's name, built once for
 * the client's names and once for the upstream's.
 */
import fc from 'fast-check'
import type { Wire } from '../../../db/words/wire.ts'

/** How a tool of the client is called on this side of the gateway. */
export type Call = (name: string) => string

export interface Traffic {
  names: string[]
  request(call: Call): object
  answer(call: Call): object
  /** The events of a stream, as the values of their data. */
  events(call: Call): (object | string)[]
}

/**
 * Names as clients send them: usual ones, too long ones, ones that no provider takes, ones that look prefixed or
 * shortened, decoys.
 */
export const toolName = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/),
  fc.stringMatching(/^[a-zA-Z0-9_-]{60,64}$/),
  fc.stringMatching(/^[a-z.]{65,140}$/),
  fc.stringMatching(/^acme__[a-z]{1,3}$/),
  fc.stringMatching(/^acme__acme__[a-z]{1,3}$/),
  fc.stringMatching(/^[ab]{1,3}_[0-9a-f]{16}$/),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('bash', 'lookup', 'search.web', 'données', '', 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(66)),
)

/** Text of the model and of tools: it may say names, and they stay as they are said. */
const prose = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('acme__lookup', '{"name":"acme__lookup"}', '"name":"acme__x"', 'data: {"name":"acme__x"}\n\n'),
)

const facts = fc.record({
  names: fc.uniqueArray(toolName, { minLength: 1, maxLength: 5 }),
  texts: fc.array(prose, { minLength: 1, maxLength: 4 }),
  choice: fc.nat(6),
})

type Build = (names: string[], text: (index: number) => string, choice: number) => Traffic

const chat: Build = (names, text, choice) => {
  const typed = (call: Call, name: string, index: number, rest: (kind: 'function' | 'custom') => object): object => {
    const kind = index % 3 === 2 ? 'custom' : 'function'
    return { ...(index % 3 === 1 ? {} : { type: kind }), id: `c${index}`, [kind]: { name: call(name), ...rest(kind) } }
  }
  const calls = (call: Call): object[] =>
    names.map((name, index) =>
      typed(call, name, index, (kind) =>
        kind === 'custom' ? { input: text(index) } : { arguments: JSON.stringify({ name: text(index) }) },
      ),
    )
  const first = names[0] as string
  const legacy = (call: Call): object => ({ name: call(first), arguments: text(1) })
  return {
    names,
    request: (call) => ({
      model: 'm',
      tools: [
        ...names.map((name, index) =>
          typed(call, name, index, () => ({
            description: text(index),
            parameters: { properties: { name: { const: text(0) } } },
          })),
        ),
        { type: 'builtin_function', function: { name: '$web_search' } },
        { type: 'web_search', name: 'acme__search' },
      ],
      functions: [{ name: call(first) }],
      function_call: choice === 0 ? { name: call(first) } : 'auto',
      tool_choice: [
        'auto',
        { type: 'function', function: { name: call(first) } },
        { type: 'custom', custom: { name: call(first) } },
        {
          type: 'allowed_tools',
          allowed_tools: {
            mode: 'auto',
            tools: names.map((name) => ({ type: 'function', function: { name: call(name) } })),
          },
        },
        { type: 'function', function: { name: '$web_search' } },
        null,
      ][choice],
      messages: [
        { role: 'user', name: first, content: text(0) },
        {
          role: 'assistant',
          content: text(1),
          tool_calls: [
            ...calls(call),
            { type: 'builtin_function', id: 'b', function: { name: '$web_search', arguments: '{}' } },
          ],
          function_call: legacy(call),
        },
        { role: 'tool', tool_call_id: 'c0', name: call(first), content: text(2) },
        { role: 'tool', tool_call_id: 'b', name: '$web_search', content: text(2) },
        { role: 'function', name: call(first), content: text(0) },
      ],
    }),
    answer: (call) => ({
      id: 'a',
      model: 'm',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: text(0), tool_calls: calls(call), function_call: legacy(call) },
          logprobs: { content: [{ token: text(1) }] },
        },
      ],
      usage: null,
    }),
    events: (call) => [
      { choices: [{ index: 0, delta: { role: 'assistant', content: text(0) } }] },
      { choices: calls(call).map((entry, index) => ({ index, delta: { tool_calls: [{ ...entry, index }] } })) },
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: text(2) } }] } }] },
      { choices: [{ index: 0, delta: { function_call: legacy(call) } }] },
      '[DONE]',
    ],
  }
}

const responses: Build = (names, text, choice) => {
  const type = (index: number): string => (index % 3 === 2 ? 'custom' : 'function')
  const first = names[0] as string
  const tools = (call: Call): object[] => [
    ...names.map((name, index) => ({ type: type(index), name: call(name), description: text(index) })),
    { type: 'namespace', name: call(first), tools: [{ type: 'function', name: call(first) }] },
    { type: 'web_search' },
    { type: 'mcp', server_label: first, allowed_tools: [first] },
  ]
  const tool_choice = (call: Call): unknown =>
    [
      'auto',
      { type: 'function', name: call(first) },
      { type: 'custom', name: call(first) },
      {
        type: 'allowed_tools',
        mode: 'auto',
        tools: [...names.map((name) => ({ type: 'function', name: call(name) })), { type: 'mcp', server_label: first }],
      },
      { type: 'mcp', server_label: first, name: first },
      { type: 'web_search' },
    ][choice]
  const items = (call: Call): object[] => [
    ...names.map((name, index) =>
      type(index) === 'custom'
        ? { type: 'custom_tool_call', call_id: `c${index}`, name: call(name), input: text(index) }
        : {
            type: 'function_call',
            call_id: `c${index}`,
            name: call(name),
            namespace: call(name),
            arguments: JSON.stringify({ name: text(index) }),
          },
    ),
    { type: 'mcp_call', server_label: first, name: 'acme__lookup', arguments: '{}' },
    {
      type: 'tool_search_call',
      execution: 'server',
      arguments: { paths: names.filter((name) => /^[\w-]+$/.test(name)).map(call) },
    },
    { type: 'tool_search_call', execution: 'client', arguments: { paths: [first] } },
    { type: 'tool_search_output', tools: [{ type: 'function', name: call(first) }] },
  ]
  const response = (call: Call): object => ({
    id: 'r',
    object: 'response',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: text(0) }] }, ...items(call)],
    tools: tools(call),
    tool_choice: tool_choice(call),
  })
  return {
    names,
    request: (call) => ({
      model: 'm',
      instructions: text(0),
      tools: tools(call),
      tool_choice: tool_choice(call),
      input: [
        { role: 'user', content: text(1) },
        ...items(call),
        { type: 'function_call_output', call_id: 'c0', name: call(first), output: text(2) },
        { type: 'additional_tools', role: 'developer', tools: [{ type: 'function', name: call(first) }] },
      ],
    }),
    answer: response,
    events: (call) => [
      { type: 'response.created', response: response(call) },
      ...items(call).flatMap((item, index) => [
        { type: 'response.output_item.added', output_index: index, item },
        { type: 'response.output_item.done', output_index: index, item },
      ]),
      { type: 'response.output_text.delta', delta: text(0), name: 'acme__lookup' },
      { type: 'response.function_call_arguments.done', name: call(first), arguments: text(1) },
      { type: 'response.completed', response: response(call) },
    ],
  }
}

const messages: Build = (names, text, choice) => {
  const first = names[0] as string
  const blocks = (call: Call): object[] => [
    { type: 'text', text: text(0) },
    ...names.map((name, index) => ({
      type: 'tool_use',
      id: `c${index}`,
      name: call(name),
      input: { name: text(index), type: 'tool_use' },
    })),
    { type: 'tool_use', id: 'p', name: 'str_replace_based_edit_tool', input: {} },
    { type: 'server_tool_use', id: 's', name: 'acme__lookup', input: { name: text(0) } },
    { type: 'tool_use', id: 'w', toolset_name: 'browser', name: first, input: {} },
    {
      type: 'tool_search_tool_result',
      tool_use_id: 's',
      content: {
        type: 'tool_search_tool_search_result',
        tool_references: [{ type: 'tool_reference', tool_name: call(first) }],
      },
    },
  ]
  return {
    names,
    request: (call) => ({
      model: 'm',
      system: text(0),
      tools: [
        ...names.map((name, index) => ({
          ...(index % 2 === 0 ? {} : { type: 'custom' }),
          name: call(name),
          description: text(index),
          input_schema: { properties: { name: { const: text(1) } } },
        })),
        { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: [
        { type: 'auto' },
        { type: 'tool', name: call(first) },
        { type: 'tool', name: 'web_search' },
        { type: 'any' },
      ][choice],
      context_management: { edits: [{ type: 'clear_tool_uses_20250919', exclude_tools: ['web_search', call(first)] }] },
      messages: [
        { role: 'user', content: text(1) },
        {
          role: 'assistant',
          content: [
            ...blocks(call),
            {
              type: 'compaction',
              content: text(0),
              tool_changes: [{ type: 'tool_addition', tool: { type: 'tool_reference', name: call(first) } }],
            },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'c0',
              content: [
                { type: 'text', text: text(2) },
                { type: 'tool_reference', tool_name: call(first) },
              ],
            },
            {
              type: 'tool_addition',
              tool: { type: 'tool_definition', definition: { name: call(first), input_schema: {} } },
            },
          ],
        },
      ],
    }),
    answer: (call) => ({ id: 'm', type: 'message', role: 'assistant', content: blocks(call), stop_reason: 'tool_use' }),
    events: (call) => [
      { type: 'message_start', message: { id: 'm', content: [] } },
      ...blocks(call).flatMap((content_block, index) => [
        { type: 'content_block_start', index, content_block },
        { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: text(index) } },
        { type: 'content_block_stop', index },
      ]),
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' },
    ],
  }
}

const builds: Readonly<Record<Wire, Build>> = { chat, responses, messages }

export function trafficOf(wire: Wire): fc.Arbitrary<Traffic> {
  // Names that the provider has given to its own tools of these requests are not the client's to give again.
  const own = new Set(['$web_search', 'acme__search', 'str_replace_based_edit_tool', 'web_search'])
  return facts
    .map(({ names, texts, choice }) => ({ names: names.filter((name) => !own.has(name)), texts, choice }))
    .filter(({ names }) => names.length > 0)
    .map(({ names, texts, choice }) => builds[wire](names, (index) => texts[index % texts.length] as string, choice))
}

const members = fc.constantFrom(
  'tools',
  'functions',
  'function',
  'custom',
  'name',
  'type',
  'messages',
  'input',
  'tool_choice',
  'tool_calls',
  'content',
  'role',
  'tool',
  'tool_use',
  'function_call',
  'allowed_tools',
  'namespace',
  'tool_reference',
  'exclude_tools',
  'choices',
  'delta',
  'message',
  'output',
  'item',
  'response',
  'content_block',
  'tool_search_call',
  'server',
  'arguments',
  'paths',
  'acme__x',
  '__proto__',
  'constructor',
)

/** Any JSON, made of the words that bodies with tools are made of, in places where nobody expects them. */
export const oddBody: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    members,
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('value'), { maxLength: 3 }),
    // Written as text, so that every name is a member, also one that is written twice.
    fc
      .array(fc.tuple(members, tie('value')), { maxLength: 4 })
      .map(
        (entries) =>
          JSON.parse(
            `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
          ) as unknown,
      ),
  ),
})).value
