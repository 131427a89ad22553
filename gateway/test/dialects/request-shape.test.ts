import { expect, test } from 'vitest'
import type { Wire } from '../../../db/words/wire.ts'
import { findShapeFault } from '../../dialects/request-shape.ts'

const user = { role: 'user', content: 'x' }
const call = (body: object) => ({ messages: [user, { role: 'assistant', tool_calls: [body] }] })
const part = (body: object) => [{ role: 'user', content: [body] }]
const tool = (parameters: unknown) => ({ type: 'function', function: { name: 'f', parameters } })

test.each<[Wire, object, string]>([
  ['chat', { messages: part({ type: 'text' }) }, 'messages[0].content[0].text'],
  ['chat', { messages: part({ type: 'text', text: 5 }) }, 'messages[0].content[0].text'],
  ['chat', { messages: [{ role: 'tool', tool_call_id: 5, content: 'x' }] }, 'messages[0].tool_call_id'],
  ['chat', call({ id: 'c', type: 'function', function: 'f' }), 'messages[1].tool_calls[0].function'],
  [
    'chat',
    call({ id: 'c', type: 'function', function: { name: 'f', arguments: 5 } }),
    'messages[1].tool_calls[0].function.arguments',
  ],
  ['chat', { messages: [user], tools: [tool('x')] }, 'tools[0].function.parameters'],
  ['chat', { messages: [user], functions: 'f' }, 'functions'],
  ['messages', { messages: part({ type: 'text' }) }, 'messages[0].content[0].text'],
  ['messages', { messages: [user], tools: [{ name: 5 }] }, 'tools[0].name'],
  ['messages', { messages: [user], tools: [{ name: 'f', input_schema: 'x' }] }, 'tools[0].input_schema'],
  ['responses', { input: part({ type: 'input_text', text: null }) }, 'input[0].content[0].text'],
  ['responses', { input: 'x', tools: [{ type: 'function', name: 'f', parameters: [] }] }, 'tools[0].parameters'],
])('what a translation could only lose in silence is a fault that names its place: %s %j', (wire, body, field) => {
  expect(findShapeFault(wire, body as Record<string, unknown>)?.field).toBe(field)
})

test.each<[Wire, object]>([
  ['chat', call({ id: 'c', function: { name: 'f', arguments: { a: 1 } } })],
  ['chat', call({ id: 'c', type: 'custom', custom: { name: 'f', input: 'x' } })],
  [
    'chat',
    {
      messages: [user, { role: 'assistant', content: '', name: null }],
      tools: [tool(null), { type: 'web_search' }],
      functions: null,
    },
  ],
  [
    'messages',
    {
      messages: [user],
      tools: [
        { type: 'mcp_toolset', mcp_server_name: 's' },
        { name: 'f', input_schema: { type: 'object' }, strict: null },
      ],
    },
  ],
  [
    'responses',
    {
      input: [{ type: 'item_reference', id: 'i' }],
      tools: [{ type: 'web_search' }, { type: 'function', name: 'f', parameters: null, strict: null }],
    },
  ],
])('what providers take passes: %s %j', (wire, body) => {
  expect(findShapeFault(wire, body as Record<string, unknown>)).toBeNull()
})
