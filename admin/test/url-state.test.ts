import { expect, test } from 'vitest'
import type { Exchange } from '../data/client.ts'
import { matchesFilter, mergeNewest, parseFilter, toListInput } from '../data/exchange-filter.ts'
import { pairMessages, toMessages } from '../data/messages.ts'
import { parseNext, paths } from '../paths.ts'

const item = (id: string, more: Partial<Exchange> = {}): Exchange =>
  ({
    id,
    createdAt: '2026-01-01T00:00:00Z',
    model: 'm',
    requestedModel: 'p/m',
    provider: 'p',
    status: 'ok',
    patternId: null,
    sessionId: null,
    ...more,
  }) as Exchange

test('every URL the pages link to', () => {
  expect([
    paths.home(),
    paths.signIn({ next: '/patterns?x=1' }),
    paths.exchanges({ model: 'a b', status: null, cursor: undefined }),
    paths.exchange('a/b'),
    paths.patterns({ order: 'newest' }),
    paths.pattern('1'),
    paths.enhancements({ state: '' }),
    paths.enhancement('1'),
    paths.reanalysis(),
    paths.system(),
  ]).toEqual([
    '/',
    '/sign-in?next=%2Fpatterns%3Fx%3D1',
    '/exchanges?model=a+b',
    '/exchanges/a%2Fb',
    '/patterns?order=newest',
    '/patterns/1',
    '/enhancements',
    '/enhancements/1',
    '/reanalysis',
    '/system',
  ])
})

test.each([
  ['/patterns', '/patterns'],
  ['//evil.test', '/'],
  ['https://evil.test', '/'],
  ['/\\evil.test', '/'],
  [null, '/'],
  ['javascript:alert(1)', '/'],
])('after signing in %s leads to %s', (next, to) => {
  expect(parseNext(next)).toBe(to)
})

test('what the URL says is what is asked for; what it should not say is left out', () => {
  expect(parseFilter({ model: 'm', status: 'fine', range: '2y', cursor: 'c', other: 'x', provider: '' })).toEqual({
    model: 'm',
    cursor: 'c',
  })
  expect(toListInput(parseFilter({ range: '1h', status: 'error' }), 50, Date.parse('2026-01-01T01:00:00Z'))).toEqual({
    status: 'error',
    from: '2026-01-01T00:00:00.000Z',
    limit: 50,
  })
})

test('a live exchange joins the list exactly when the list would have shown it', () => {
  expect(matchesFilter({ model: 'p/m', provider: 'p', status: 'ok' }, item('1'))).toBe(true)
  for (const filter of [
    { model: 'x' },
    { provider: 'x' },
    { status: 'error' as const },
    { patternId: 'x' },
    { sessionId: 'x' },
    { from: '2026-01-02T00:00:00Z' },
    { to: '2025-01-01T00:00:00Z' },
  ])
    expect(matchesFilter(filter, item('1')), JSON.stringify(filter)).toBe(false)
})

test('names are found by a part of them, whatever the case; a star stands for any characters', () => {
  const named = item('1', { model: 'GPT-4o-mini', requestedModel: 'openai/gpt-4o-mini', provider: 'OpenAI' })
  for (const model of ['gpt', '4O', 'openai/', 'gpt-4o-*', '*mini'])
    expect(matchesFilter({ model }, named), model).toBe(true)
  for (const model of ['gpt5', 'gpt.4o', '4o-*x', 'mini*']) expect(matchesFilter({ model }, named), model).toBe(false)
  expect(matchesFilter({ provider: 'open' }, named)).toBe(true)
  expect(toListInput({ model: 'gpt', provider: 'a*' }, 50, 0)).toEqual({ model: '*gpt*', provider: 'a*', limit: 50 })
})

test('a live list takes in nothing of which it cannot know yet whether it belongs', () => {
  for (const filter of [{ text: 'zebra' }, { outcome: 'failure' as const }, { reason: 'empty' }])
    expect(matchesFilter(filter, item('1')), JSON.stringify(filter)).toBe(false)
  expect(matchesFilter({ arm: 'control' }, item('1', { arm: 'control' }))).toBe(true)
  expect(matchesFilter({ arm: 'control' }, item('1', { arm: null }))).toBe(false)
})

test('what arrives is sorted in once, and what belongs to the next page stays there', () => {
  const merged = mergeNewest(
    [item('8'), item('6')],
    [item('9'), item('8', { status: 'error' }), item('5'), item('7')],
    '6',
    3,
  )
  expect(merged.items.map((entry) => entry.id)).toEqual(['9', '8', '7'])
  expect(merged.items[1]?.status).toBe('error')
  expect(merged.nextCursor).toBe('7')
  expect(mergeNewest([item('2')], [item('1')], null, 3)).toMatchObject({
    items: [{ id: '2' }, { id: '1' }],
    nextCursor: null,
  })
})

test('messages of every wire format stand side by side, an added system prompt alone', () => {
  const before = toMessages({
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Hi' }, { type: 'image' }] },
      { role: 'assistant', content: null, tool_calls: [{ function: { name: 'f', arguments: '{}' } }] },
    ],
  })
  const after = toMessages({
    system: 'Be brief.',
    messages: [
      { role: 'user', content: 'Hey' },
      { role: 'assistant', content: 'ok' },
    ],
  })
  expect(pairMessages(before ?? [], after ?? [])).toEqual([
    { role: 'system', original: null, sent: 'Be brief.' },
    { role: 'user', original: 'Hi\n{\n  "type": "image"\n}', sent: 'Hey' },
    { role: 'assistant', original: '→ {"name":"f","arguments":"{}"}', sent: 'ok' },
  ])
  const input = [
    { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
    { type: 'function_call', name: 'f', arguments: '{}', call_id: 'c' },
    { type: 'function_call_output', call_id: 'c', output: 'ok' },
    { type: 'reasoning', summary: [] },
  ]
  expect(toMessages({ instructions: 'Be brief.', input })).toEqual([
    { role: 'system', text: 'Be brief.' },
    { role: 'user', text: 'Hi' },
    { role: 'function_call', text: '→ {"name":"f","arguments":"{}"}' },
    { role: 'function_call_output', text: 'ok' },
    { role: 'reasoning', text: '{\n  "type": "reasoning",\n  "summary": []\n}' },
  ])
  expect(toMessages({ input: 'Hi' })).toEqual([{ role: 'user', text: 'Hi' }])
  expect(toMessages({ model: 'embedder', input: ['a', 'b'] })).toBeNull()
  expect(toMessages('text')).toBeNull()
})
