import { afterAll, describe, expect, test } from 'vitest'
import { checkAnswer, readExpectations } from '../domain/outcomes/expectations.ts'
import { createSchemaChecker } from '../activities/schema/schema-checker.ts'

const schemas = createSchemaChecker()
afterAll(() => schemas.close())

/** The codes of all faults, with the schemas asked. */
async function faultsOf(
  body: unknown,
  answer: { content?: string | null; toolCalls?: { name: string; arguments: string }[] },
): Promise<string[]> {
  const { faults, checks } = checkAnswer(readExpectations(body), { content: null, toolCalls: [], ...answer })
  const violated = await Promise.all(
    checks.map(async ({ schema, value, fault }) => ((await schemas.isValid(schema, value)) === false ? [fault] : [])),
  )
  return [...faults, ...violated.flat()].map(({ code }) => code)
}

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } },
  required: ['name'],
  additionalProperties: false,
}

describe.each<[string, object]>([
  ['Chat Completions', { response_format: { type: 'json_schema', json_schema: { name: 'person', schema } } }],
  ['Responses', { text: { format: { type: 'json_schema', name: 'person', schema } } }],
  ['Messages', { output_config: { format: { type: 'json_schema', schema } } }],
  ["Messages' older member", { output_format: { type: 'json_schema', schema } }],
])('an answer to a schema of %s', (_, body) => {
  test.each<[string, string, string[]]>([
    ['that matches', '{"name":"Ada","age":36}', []],
    ['of another type', '{"name":"Ada","age":"36"}', ['schema_violation']],
    ['without a required member', '{}', ['schema_violation']],
    ['with a member of its own', '{"name":"Ada","x":1}', ['schema_violation']],
    ['in words', 'Here you are: {"name":"Ada"}', ['invalid_json']],
    ['in a code fence', '```json\n{"name":"Ada"}\n```', ['invalid_json']],
    ['null', 'null', ['schema_violation']],
  ])('%s', async (_case, content, faults) => expect(await faultsOf(body, { content })).toEqual(faults))

  test('that calls a tool first is not judged yet', async () =>
    expect(await faultsOf(body, { content: 'Let me look.', toolCalls: [{ name: 'any', arguments: '{}' }] })).toEqual(
      [],
    ))
})

test('JSON mode asks for an object and nothing more', async () => {
  const body = { response_format: { type: 'json_object' } }
  expect(await faultsOf(body, { content: '{"any":1}' })).toEqual([])
  expect(await faultsOf(body, { content: '[1]' })).toEqual(['schema_violation'])
  expect(await faultsOf(body, { content: 'no' })).toEqual(['invalid_json'])
  expect(await faultsOf({ response_format: { type: 'text' } }, { content: 'no' })).toEqual([])
})

describe.each<[string, object]>([
  ['Chat Completions', { tools: [{ type: 'function', function: { name: 'find', parameters: schema } }] }],
  ['Responses', { tools: [{ type: 'function', name: 'find', parameters: schema }] }],
  ['Messages', { tools: [{ name: 'find', input_schema: schema }] }],
  ["Chat Completions' older member", { functions: [{ name: 'find', parameters: schema }] }],
])('a tool call of %s', (_, body) => {
  test.each<[string, { name: string; arguments: string }, string[]]>([
    ['that matches', { name: 'find', arguments: '{"name":"Ada"}' }, []],
    ['of a tool that was not given', { name: 'drop', arguments: '{}' }, ['unknown_tool']],
    ['whose arguments are no JSON', { name: 'find', arguments: '{"name":' }, ['invalid_arguments']],
    ['whose arguments do not match', { name: 'find', arguments: '{"name":1}' }, ['arguments_violation']],
    ['without arguments where some are required', { name: 'find', arguments: '' }, ['arguments_violation']],
  ])('%s', async (_case, call, faults) => expect(await faultsOf(body, { toolCalls: [call] })).toEqual(faults))
})

test('calls are not held against tools that cannot be known: the provider runs some itself', async () => {
  const calls = { toolCalls: [{ name: 'web_search', arguments: '{}' }] }
  expect(
    await faultsOf(
      {
        tools: [
          { type: 'web_search_20250305', name: 'web_search' },
          { name: 'find', input_schema: schema },
        ],
      },
      calls,
    ),
  ).toEqual([])
  expect(
    await faultsOf({ mcp_servers: [{ name: 'x' }], tools: [{ name: 'find', input_schema: schema }] }, calls),
  ).toEqual([])
  expect(await faultsOf({}, calls)).toEqual([])
})

test('free-text tools take any text', async () => {
  expect(
    await faultsOf(
      { tools: [{ type: 'custom', custom: { name: 'shell' } }] },
      { toolCalls: [{ name: 'shell', arguments: 'ls -l' }] },
    ),
  ).toEqual([])
})

describe('a hostile schema costs its own answer and nothing else', () => {
  test('a pattern that backtracks without end is given up, and not tried again', async () => {
    const hostile = { type: 'string', pattern: '^(a+)+$' }
    const value = `${'a'.repeat(40)}!`
    const [first, honest] = await Promise.all([
      schemas.isValid(hostile, value),
      schemas.isValid({ type: 'string' }, 'x'),
    ])
    // What waited behind it in the same thread is not judged either: no verdict is better than a wrong one.
    expect([first, honest]).toEqual([null, null])
    expect(await schemas.isValid(hostile, value)).toBe(null)
    expect(await schemas.isValid({ type: 'string' }, 'x')).toBe(true)
  })

  test('one that names itself, does not exist, or is no schema tells nothing', async () => {
    expect(await schemas.isValid({ $ref: '#' }, {})).toBe(null)
    expect(await schemas.isValid({ $ref: 'https://example.com/x.json' }, {})).toBe(null)
    expect(await schemas.isValid({ type: 'string', pattern: '(' }, 'x')).toBe(null)
    expect(await schemas.isValid({ type: 'string' }, 'x')).toBe(true)
  })
})
