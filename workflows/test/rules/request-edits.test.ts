import { describe, expect, test } from 'vitest'
import type { RuleEdit } from '../../../db/words/rule.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { applyRequestRules } from '../../domain/rules/apply.ts'
import { compileRules } from '../../domain/rules/compile.ts'
import { facts, body, toRule, apply } from './rule-fixtures.ts'

describe('edits of a request', () => {
  test.each<[string, RuleEdit, (changed: any) => unknown, unknown]>([
    [
      'sets a member, and objects on the way to it',
      { kind: 'set', path: ['metadata', 'tier'], value: 'gold' },
      (it) => it.metadata,
      { tier: 'gold' },
    ],
    [
      'sets in a list, from its end',
      { kind: 'set', path: ['messages', -1, 'name'], value: 'Ann' },
      (it) => it.messages[1].name,
      'Ann',
    ],
    ['removes', { kind: 'remove', path: ['messages', 0] }, (it) => it.messages.length, 1],
    [
      'replaces texts of the user, with groups',
      { kind: 'replaceText', in: 'user', pattern: 'ACME-(\\d+)', with: 'no. $1' },
      (it) => it.messages[1].content,
      'Order no. 17, please',
    ],
    [
      'leaves the texts of others',
      { kind: 'replaceText', in: 'system', pattern: 'Order', with: 'X' },
      (it) => it.messages[1].content,
      'Order ACME-17, please',
    ],
    [
      'adds a system message first',
      { kind: 'addMessage', role: 'system', position: 'first', text: 'S' },
      (it) => it.messages[0],
      { role: 'system', content: 'S' },
    ],
    [
      'adds a user message last',
      { kind: 'addMessage', role: 'user', position: 'last', text: 'U' },
      (it) => it.messages[2],
      { role: 'user', content: 'U' },
    ],
    [
      'appends to the system message',
      { kind: 'changeMessage', role: 'system', which: 'first', change: 'append', text: ' Always.' },
      (it) => it.messages[0].content,
      'Be brief. Always.',
    ],
    ['sets a default', { kind: 'default', parameter: 'temperature', value: 0.2 }, (it) => it.temperature, 0.2],
    [
      "knows the limit of tokens by the wire's name",
      { kind: 'default', parameter: 'maxTokens', value: 50 },
      (it) => it.max_completion_tokens,
      50,
    ],
    ['routes to a model', { kind: 'routeTo', model: 'other/m2' }, (it) => it.model, 'other/m2'],
  ])('%s', (_name, edit, read, expected) => {
    expect(read(apply([edit]).body)).toEqual(expected)
  })

  test('renames a member and keeps its value', () => {
    expect(
      apply([{ kind: 'rename', path: ['max_tokens'], to: 'max_completion_tokens' }], { ...body, max_tokens: 5 }).body,
    ).toEqual({ ...body, max_completion_tokens: 5 })
  })

  test.each<[Wire, object, RuleEdit]>([
    ['chat', {}, { kind: 'rename', path: ['messages', 0, 'content'], to: 'model' }],
    [
      'chat',
      { tools: [{ type: 'function', function: { name: 'f' } }] },
      { kind: 'set', path: ['tools', 0, 'type'], value: 'else' },
    ],
    [
      'responses',
      { input: 'hi', tools: [{ type: 'function', name: 'f', parameters: {} }] },
      { kind: 'set', path: ['tools', 0, 'type'], value: 'else' },
    ],
    [
      'messages',
      { max_tokens: 5, tools: [{ name: 'f', input_schema: {} }] },
      { kind: 'set', path: ['tools', 0, 'type'], value: 'else' },
    ],
  ])('what a message or a tool cannot be without is not taken from it: %s %o', (wire, more, edit) => {
    const { messages, ...rest } = { ...body, messages: [{ role: 'user', content: 'hi' }], ...more } as Record<
      string,
      unknown
    >
    const request = wire === 'responses' ? rest : { ...rest, messages }
    expect(apply([edit], request, wire)).toMatchObject({ edits: [], applied: [{ result: 'undone' }] })
  })

  test('caps what is above, and nothing else', () => {
    expect(
      apply([{ kind: 'cap', parameter: 'maxTokens', most: 100 }], { ...body, max_tokens: 500 }).body.max_tokens,
    ).toBe(100)
    expect(apply([{ kind: 'cap', parameter: 'maxTokens', most: 100 }], { ...body, max_tokens: 50 }).edits).toEqual([])
    expect(apply([{ kind: 'cap', parameter: 'maxTokens', most: 100 }]).edits).toEqual([])
  })

  test('the system speaks where each wire has a place for it', () => {
    const add: RuleEdit = { kind: 'addMessage', role: 'system', position: 'last', text: 'S' }
    const messages = { model: 'c', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }
    expect(apply([add], messages, 'messages').body.system).toBe('S')
    expect(apply([add], { ...messages, system: 'A' }, 'messages').body.system).toBe('A\n\nS')
    expect(apply([add], { ...messages, system: [{ type: 'text', text: 'A' }] }, 'messages').body.system).toEqual([
      { type: 'text', text: 'A' },
      { type: 'text', text: 'S' },
    ])
    expect(apply([add], { model: 'g', input: 'hi' }, 'responses').body.instructions).toBe('S')
    expect(apply([{ ...add, role: 'user' }], { model: 'g', input: 'hi' }, 'responses').body.input).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'user', content: 'S' },
    ])
  })

  test('a message of several texts and a picture keeps the picture when it is replaced', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'u' } },
      { type: 'text', text: 'b' },
    ]
    const { body: changed } = apply(
      [{ kind: 'changeMessage', role: 'user', which: 'last', change: 'replace', text: 'N' }],
      { model: 'm', messages: [{ role: 'user', content }] },
    )
    expect(changed.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'N' },
          { type: 'image_url', image_url: { url: 'u' } },
        ],
      },
    ])
  })

  test('edits see the result of those before them, conditions too', () => {
    const rules = [
      toRule({
        id: 'a',
        order: 2,
        condition: 'model == "other/m2" && text.contains("17-17")',
        edits: [{ kind: 'addHeader', name: 'X-Routed', value: 'yes' }],
      }),
      toRule({
        id: 'b',
        order: 1,
        edits: [
          { kind: 'replaceText', in: 'user', pattern: '17', with: '17-17' },
          { kind: 'replaceText', in: 'user', pattern: '17-17,', with: '<$0>' },
          { kind: 'routeTo', model: 'other/m2' },
        ],
      }),
    ]
    const { body: changed, model, headers, applied } = applyRequestRules(compileRules(rules), facts, body)
    expect(changed.messages).toEqual([body.messages[0], { role: 'user', content: 'Order ACME-<17-17,> please' }])
    expect({ model, headers }).toEqual({ model: 'other/m2', headers: [['x-routed', 'yes']] })
    expect(applied).toEqual([
      { id: 'b', version: 1, result: 'applied' },
      { id: 'a', version: 1, result: 'applied' },
    ])
  })

  test.each<[string, RuleEdit]>([
    ['no model', { kind: 'remove', path: ['model'] }],
    ['no messages', { kind: 'set', path: ['messages'], value: [] }],
    ['an unknown speaker', { kind: 'set', path: ['messages', 0, 'role'], value: 'boss' }],
    ['half a token', { kind: 'set', path: ['max_tokens'], value: 0.5 }],
    ['too hot', { kind: 'default', parameter: 'temperature', value: 9 }],
    ['a choice of tools that are not there', { kind: 'set', path: ['tool_choice'], value: 'auto' }],
    ['a name that is taken', { kind: 'rename', path: ['model'], to: 'messages' }],
  ])('an edit that would make the request invalid is undone, and the others stay: %s', (_name, edit) => {
    const { body: changed, applied } = apply([edit, { kind: 'set', path: ['user'], value: 'u' }])
    expect(changed).toEqual({ ...body, user: 'u' })
    expect(applied[0]).toMatchObject({ result: 'undone', note: expect.stringMatching(/^edits\[0\]: ./) as string })
  })

  test('a request that is wrong by itself may be edited elsewhere', () => {
    expect(apply([{ kind: 'set', path: ['user'], value: 'u' }], { model: 'm', messages: 'none' }).body).toEqual({
      model: 'm',
      messages: 'none',
      user: 'u',
    })
  })

  test('a result without its call is never left behind', () => {
    const messages = [
      { role: 'user', content: 'q' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'secret', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'secret', content: 'r' },
    ]
    for (const at of [1, 2]) {
      const { edits, applied } = apply([{ kind: 'remove', path: ['messages', at] }], { model: 'm', messages })
      expect(edits).toEqual([])
      // The note names the fault, not the caller's words.
      expect(applied[0]?.note).toMatch(/^edits\[0\]: messages: a (call|result) has no/)
    }
  })
})
