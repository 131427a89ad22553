/** Nothing unknown vanishes silently, however deep in a conversation it stands. */
import { expect, test } from 'vitest'
import type { ProviderWire, Wire } from '../../../db/words/wire.ts'
import { translateRequest } from '../../dialects/translate.ts'

const pixel = 'iVBORw0KGgo='
const bodies: Record<Wire, object> = {
  chat: {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See', x_text: 1 },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}`, x_deep: 'a' }, x_image: true },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', x_call: 1, function: { name: 'f', arguments: '{}', x_function: 1 } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'done' },
    ],
  },
  messages: {
    max_tokens: 9,
    system: [{ type: 'text', text: 'Be brief.', x_system: 1 }],
    messages: [
      {
        role: 'user',
        content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel, x_deep: 1 } }],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: { any: 1 }, x_call: 1 }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c', x_result: 1, content: [{ type: 'text', text: 'done', x_inner: 1 }] },
        ],
      },
    ],
  },
  responses: {
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'See', x_text: 1 },
          { type: 'input_image', image_url: `data:image/png;base64,${pixel}`, x_image: 1 },
        ],
      },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}', x_call: 1 },
      { type: 'function_call_output', call_id: 'c', output: 'done', x_result: 1 },
    ],
  },
}
const places: Record<Wire, string[]> = {
  chat: [
    'messages[0].content[0].x_text',
    'messages[0].content[1].image_url.x_deep',
    'messages[0].content[1].x_image',
    'messages[1].tool_calls[0].x_call',
    'messages[1].tool_calls[0].function.x_function',
  ],
  messages: [
    'system[0].x_system',
    'messages[0].content[0].source.x_deep',
    'messages[1].content[0].x_call',
    'messages[2].content[0].x_result',
    'messages[2].content[0].content[0].x_inner',
  ],
  responses: ['input[0].content[0].x_text', 'input[0].content[1].x_image', 'input[1].x_call', 'input[2].x_result'],
}
const ways = (['chat', 'messages', 'responses'] as const).flatMap((from) =>
  (['chat', 'messages', 'responses', 'google'] as const)
    .filter((to) => to !== from)
    .map((to): [Wire, ProviderWire] => [from, to]),
)

test.each(ways)('members of parts that %s for %s leaves out are named, and nothing else', (from, to) => {
  const { dropped, body } = translateRequest(
    JSON.stringify({ model: 'm', ...bodies[from] }),
    { from, to },
    { untranslatable: 'drop' },
  )
  expect(dropped.filter((path) => path.includes('x_')).sort()).toEqual([...places[from]].sort())
  expect(body).not.toContain('"x_')
})

test('arguments of a call are the model’s: no member of theirs is unknown', () => {
  const { dropped } = translateRequest(
    JSON.stringify({ model: 'm', ...bodies.messages }),
    { from: 'messages', to: 'chat' },
    { untranslatable: 'drop' },
  )
  expect(dropped.join()).not.toMatch(/input\./)
})
