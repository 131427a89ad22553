import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AppliedRule, RuleEdit, TransformationRule } from '../../db/words/rule.ts'
import type { Wire } from '../../db/words/wire.ts'
import { applyAnswerRules, applyRequestRules, matchAnswerRules } from '../domain/rules/apply.ts'
import { compileRules } from '../domain/rules/compile.ts'
import { compileCondition } from '../domain/rules/condition.ts'
import { readRuleFacts, type CallFacts } from '../domain/rules/facts.ts'
import { parseRuleDraft } from '../domain/rules/parse.ts'
import {
  compileReplacement,
  replaceAll,
  StreamedReplacement,
  type Replacement,
} from '../domain/rules/regular-expression.ts'

const facts: CallFacts = {
  dialect: 'openai',
  wire: 'chat',
  key: 'demo',
  team: 'default',
  session: 's-1',
  pattern: 'p-1',
  taskClass: '',
  headers: [
    ['x-app', 'shop'],
    ['anthropic-beta', 'a'],
  ],
  now: Date.parse('2026-01-31T09:00:00Z'),
}
const body = {
  model: 'gpt-4o',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Order ACME-17, please' },
  ],
}

const toRule = (rule: Partial<TransformationRule>): TransformationRule => ({
  id: 'r1',
  name: 'a rule',
  order: 0,
  active: true,
  target: 'request',
  condition: '',
  edits: [],
  version: 1,
  ...rule,
})
const apply = (edits: RuleEdit[], request: Record<string, unknown> = body, wire: Wire = 'chat') =>
  applyRequestRules(compileRules([toRule({ edits })]), { ...facts, wire }, request)
const judge = (condition: string): boolean => compileCondition(condition)(readRuleFacts(facts, body, 0))
const refuse = (condition: string): string => {
  try {
    compileCondition(condition)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('conditions', () => {
  test.each([
    ['', true],
    ['dialect == "openai" && wire == "chat" && model.startsWith("gpt-")', true],
    ['key == "demo" && team != "other" && session == "s-1" && pattern == "p-1" && taskClass == ""', true],
    ['text.contains("ACME") && system == "Be brief."', true],
    ['text.matches("ACME-[0-9]+") && !text.matches("^ACME")', true],
    ['"x-app" in headers && headers["x-app"] == "shop"', true],
    ['has(headers.missing)', false],
    ['headers.get("x-app") == "shop" && headers.get("missing") == ""', true],
    ['headers.exists(name, name.startsWith("anthropic-"))', true],
    ['time.getHours() >= 9 && time < timestamp("2027-01-01T00:00:00Z")', true],
    ['status == 0', true],
    ['text.size() > 1000', false],
  ])('%s', (condition, expected) => {
    expect(judge(condition)).toBe(expected)
  })

  test('what could take long, what is no question, and what nobody knows is refused in words', () => {
    expect(refuse('text.matches("(a+)+$")')).toBe('')
    expect(refuse('text.matches("(?=a)")')).toContain('the pattern is no regular expression of RE2')
    expect(refuse('text.matches(system)')).toContain('written as a text')
    expect(refuse('text.split("").exists(a, true)')).toContain('split() is not a function of conditions')
    expect(refuse('headers.exists(a, headers.exists(b, a == b))')).toContain('inside another loop')
    expect(refuse('cel.bind(a, text, a + a) == ""')).toContain('bind() is not a function of conditions')
    expect(refuse('[text, text].map(a, a + text).size() > 1')).toContain('map() is not a function')
    expect(refuse('text')).toContain('gives string, not true or false')
    expect(refuse('nobody == 1')).not.toBe('')
    expect(refuse('1 +')).not.toBe('')
    expect(refuse(`"${'a'.repeat(3000)}" == text`)).toContain('longer than')
    expect(refuse(Array.from({ length: 120 }, () => 'true').join(' && '))).not.toBe('')
    expect(refuse(`${'('.repeat(300)}true${')'.repeat(300)}`)).not.toBe('')
    expect(refuse('text /* matches */ .matches("a")')).not.toBe('')
    expect(refuse('text.matchesInLinearTime("a")')).not.toBe('')
  })

  test('a pattern on which other engines stand still is answered at once', () => {
    const long = { ...body, messages: [{ role: 'user', content: `${'a'.repeat(60_000)}!` }] }
    expect(compileCondition('text.matches("^(a+)+$")')(readRuleFacts(facts, long, 0))).toBe(false)
  })

  test('a text and the list of headers are cut before a condition sees them', () => {
    const long = { ...body, messages: [{ role: 'user', content: 'b'.repeat(200_000) }] }
    const many = { ...facts, headers: Array.from({ length: 3_000 }, (_, index) => [`x-${index}`, 'v'] as const) }
    const seen = readRuleFacts(many, long, 0)
    expect(compileCondition('text.size() == 65536 && headers.size() == 100')(seen)).toBe(true)
  })

  test('a condition that fails does not hold, and the record says so', () => {
    const rule = toRule({
      condition: 'headers["nothing"] == "x"',
      edits: [{ kind: 'set', path: ['user'], value: 'x' }],
    })
    const { edits, applied } = applyRequestRules(compileRules([rule]), facts, body)
    expect(edits).toEqual([])
    expect(applied).toEqual<AppliedRule[]>([{ id: 'r1', version: 1, result: 'error', note: 'condition' }])
  })
})

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

describe('what could take long', () => {
  test('a pattern that can match without a character is refused, however it is written', () => {
    for (const pattern of ['\\b', 'x*', 'a|', '(?m)^', '(?:)', '\\b(?:x{0,3})', '$'])
      expect(compileReplacement(pattern, '-')).toMatchObject({ fault: 'pattern' })
    for (const pattern of ['\\bx', 'x+', 'a|b', '(?m)^x?y'])
      expect(compileReplacement(pattern, '-')).toHaveProperty('replacement')
  })

  test('searches that look far beyond what they find are ended by the clock, and the edit is undone', () => {
    let asked = 0
    const request = { model: 'm', messages: [{ role: 'user', content: 'a'.repeat(2_000) }] }
    const rules = compileRules([
      toRule({ edits: [{ kind: 'replaceText', in: 'user', pattern: '(?s)a.*b|a', with: 'x' }] }),
    ])
    const { edits, applied } = applyRequestRules(rules, { ...facts, clock: () => 10 * asked++ }, request)
    expect(edits).toEqual([])
    expect(applied).toEqual([{ id: 'r1', version: 1, result: 'undone', note: 'edits[0]: the search takes too long' }])
    expect(asked).toBeLessThan(50)
  })

  test('the longer the pattern, the less text it is searched in', () => {
    const request = { model: 'm', messages: [{ role: 'user', content: 'a'.repeat(100_000) }] }
    expect(
      apply([{ kind: 'replaceText', in: 'user', pattern: 'x{300,400}', with: '' }], request).applied[0],
    ).toMatchObject({ result: 'undone', note: expect.stringContaining('more text than') as string })
    expect(apply([{ kind: 'replaceText', in: 'user', pattern: 'x', with: '' }], request).applied[0]).toMatchObject({
      result: 'unchanged',
    })
  })

  test('whatever is given for a rule or a condition, it is judged and nothing is thrown but words', () => {
    const wild = fc.oneof(
      fc.string(),
      fc.constant(null),
      fc.boolean(),
      fc.double(),
      fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
    )
    const kind = fc.constantFrom(
      'set',
      'remove',
      'rename',
      'replaceText',
      'addMessage',
      'changeMessage',
      'cap',
      'default',
      'routeTo',
      'addHeader',
      'else',
    )
    const edit = fc.record(
      {
        kind,
        path: wild,
        value: wild,
        to: wild,
        in: wild,
        pattern: wild,
        with: wild,
        role: wild,
        position: wild,
        text: wild,
        which: wild,
        change: wild,
        parameter: wild,
        most: wild,
        model: wild,
        name: wild,
      },
      { requiredKeys: ['kind'] },
    )
    const rule = fc.record(
      {
        name: wild,
        order: wild,
        active: wild,
        target: fc.constantFrom('request', 'answer', 'else'),
        condition: fc.oneof(fc.string(), wild),
        edits: fc.oneof(wild, fc.array(fc.oneof(edit, wild), { maxLength: 3 })),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(rule, wild), (given) => {
        const parsed = parseRuleDraft(given)
        if ('problems' in parsed) expect(parsed.problems.length).toBeGreaterThan(0)
        compileRules([{ ...(given as TransformationRule), active: true }])
      }),
      { numRuns: 1_000 },
    )
    const word = fc.constantFrom(
      'text',
      'headers',
      '.',
      '(',
      ')',
      '"a"',
      '&&',
      '||',
      '!',
      '==',
      'matches',
      'exists',
      'h',
      ',',
      '[',
      ']',
      '1',
      'has',
      '?',
      ':',
      ' ',
      'in',
      '{',
      '}',
      "'",
      '\\',
      '//',
    )
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
        (condition) => {
          try {
            const holds = compileCondition(condition)
            try {
              expect(typeof holds(readRuleFacts(facts, body, 0))).toBe('boolean')
            } catch (error) {
              expect(error).toBeInstanceOf(Error)
            }
          } catch (error) {
            expect((error as Error).message).not.toBe('')
          }
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test('what is put in reads the same in whatever order a rule was stored', () => {
    const set = (value: unknown) => apply([{ kind: 'set', path: ['metadata'], value }]).edits
    expect(set({ b: 1, a: { d: 1, c: [2] } })).toEqual(set({ a: { c: [2], d: 1 }, b: 1 }))
  })
})

describe('rules as they are stored', () => {
  test('every problem is named by its field, all at once', () => {
    const parsed = parseRuleDraft({
      name: '',
      order: 1.5,
      active: 'yes',
      target: 'both',
      condition: 'text +',
      extra: 1,
      edits: [
        { kind: 'set', path: ['stream'], value: true },
        { kind: 'set', path: ['__proto__', 'a'], value: 1 },
        { kind: 'replaceText', in: 'user', pattern: '(', with: '' },
        { kind: 'replaceText', in: 'user', pattern: 'a*', with: '' },
        { kind: 'replaceText', in: 'user', pattern: 'a', with: '$3' },
        { kind: 'addHeader', name: 'Authorization', value: 'x' },
        { kind: 'addHeader', name: 'x-sinew-session', value: 'x' },
        { kind: 'addHeader', name: 'transfer-encoding', value: 'x' },
        { kind: 'addHeader', name: 'x-a', value: 'a\r\nb: c' },
        { kind: 'fly' },
        { kind: 'routeTo', model: 'a b' },
        { kind: 'cap', parameter: 'n' },
        { kind: 'remove', path: [] },
        { kind: 'remove', path: ['a'], why: 1 },
      ],
    })
    expect('problems' in parsed && parsed.problems.map(({ path }) => path)).toEqual([
      'extra',
      'name',
      'order',
      'active',
      'target',
      'condition',
      'edits[0].path',
      'edits[1].path',
      'edits[2].pattern',
      'edits[3].pattern',
      'edits[4].with',
      'edits[5].name',
      'edits[6].name',
      'edits[7].name',
      'edits[8].value',
      'edits[9].kind',
      'edits[10].model',
      'edits[11].most',
      'edits[12].path',
      'edits[13].why',
    ])
  })

  test('what changes requests only is no edit of an answer', () => {
    const parsed = parseRuleDraft({
      name: 'a',
      order: 0,
      active: true,
      target: 'answer',
      condition: '',
      edits: [
        { kind: 'routeTo', model: 'm' },
        { kind: 'replaceText', in: 'user', pattern: 'a', with: 'b' },
      ],
    })
    expect('problems' in parsed && parsed.problems.map(({ path }) => path)).toEqual(['edits[0].kind', 'edits[1].in'])
  })

  test('an invalid stored rule is left out and named; the others work', () => {
    const compiled = compileRules([
      toRule({ id: 'bad', name: 'old', condition: 'nobody()', edits: [{ kind: 'set', path: ['user'], value: 'x' }] }),
      toRule({ id: 'good', edits: [{ kind: 'set', path: ['user'], value: 'y' }] }),
    ])
    expect(compiled.leftOut).toEqual([
      { id: 'bad', name: 'old', problem: expect.stringContaining('condition') as string },
    ])
    expect(applyRequestRules(compiled, facts, body).body).toEqual({ ...body, user: 'y' })
  })
})

describe('edits of a whole answer', () => {
  const answer = {
    id: 'c',
    object: 'chat.completion',
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'ACME-1 and ACME-2' }, finish_reason: 'stop' }],
    usage: { total_tokens: 3 },
  }
  const applyTo = (edits: RuleEdit[], status = 200) => {
    const matched = matchAnswerRules(
      compileRules([toRule({ target: 'answer', condition: 'status == 200', edits })]),
      facts,
      body,
      status,
    )
    return { ...applyAnswerRules(matched, facts, answer), headers: matched.headers }
  }

  test('texts, members and headers change where the condition holds for the status', () => {
    const edits: RuleEdit[] = [
      { kind: 'replaceText', in: 'all', pattern: 'ACME-\\d', with: '*' },
      { kind: 'remove', path: ['usage'] },
      { kind: 'set', path: ['note'], value: 'n' },
      { kind: 'addHeader', name: 'X-Rule', value: '1' },
    ]
    const changed = applyTo(edits)
    expect(changed.body).toEqual({
      ...answer,
      usage: undefined,
      note: 'n',
      choices: [{ ...answer.choices[0], message: { role: 'assistant', content: '* and *' } }],
    })
    expect(changed.headers).toEqual([['x-rule', '1']])
    expect(applyTo(edits, 500)).toMatchObject({ edits: [], headers: [], applied: [] })
  })

  test('an answer that a client could not read is not made', () => {
    expect(applyTo([{ kind: 'set', path: ['choices'], value: 1 }])).toMatchObject({
      edits: [],
      applied: [{ result: 'undone' }],
    })
    expect(applyTo([{ kind: 'remove', path: ['choices', 0, 'message'] }])).toMatchObject({
      edits: [],
      applied: [{ result: 'undone' }],
    })
  })
})

describe('replacing in a text that comes in pieces', () => {
  const patterns = [
    'ab',
    'a{1,3}b?',
    '\\bab\\b',
    '^a',
    'b$',
    '(?m)^b',
    '(?i)AB|b',
    '[^a]',
    'a.b',
    '(a|ab)(c|bcd)?',
    '😀',
    '\\Ba',
    '.😀?',
    'ab\\z',
    '(?s)a.{0,4}',
  ]
  const compiled = new Map(
    patterns.map((pattern) => [
      pattern,
      (compileReplacement(pattern, '<$0>') as { replacement: Replacement }).replacement,
    ]),
  )
  const letters = fc
    .array(fc.constantFrom('a', 'b', 'c', ' ', '\n', '😀', 'A', 'd'), { maxLength: 24 })
    .map((list) => list.join(''))

  test('the result is that of the whole text, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...patterns),
        letters,
        fc.array(fc.nat(8), { minLength: 1, maxLength: 8 }),
        (pattern, text, sizes) => {
          const replacement = compiled.get(pattern) as Replacement
          expect(replacement.longest).not.toBeNull()
          const streamed = new StreamedReplacement(replacement)
          let out = ''
          for (let at = 0, turn = 0; at < text.length; turn++) {
            const size = sizes[turn % sizes.length] as number
            out += streamed.push(text.slice(at, at + size))
            at += size
            if (size === 0) sizes[turn % sizes.length] = 1
          }
          expect({ text: out + streamed.end() }).toEqual(replaceAll(replacement, text))
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test('no more is held back than the longest match could need', () => {
    const streamed = new StreamedReplacement(
      (compileReplacement('secret-[0-9]{4}', '*') as { replacement: Replacement }).replacement,
    )
    let held = 0
    for (const letter of 'The secret-1234 is out. '.repeat(50)) {
      held += 1 - (streamed.push(letter).length > 0 ? 1 : 0)
      expect(held).toBeLessThan(2_000)
    }
    expect(streamed.push('x'.repeat(1_000)).length).toBeGreaterThanOrEqual(900)
  })

  test('an expression whose match has no end is none for streams', () => {
    for (const pattern of ['a+', '\\d{2,}', 'a.*b', `a{600}`])
      expect((compileReplacement(pattern, '') as { replacement: Replacement }).replacement.longest).toBeNull()
  })

  test('a text does not grow without end', () => {
    expect(
      replaceAll(
        (compileReplacement('a', 'b'.repeat(1_000)) as { replacement: Replacement }).replacement,
        'a'.repeat(100_000),
      ),
    ).toEqual({ refused: 'the text would become too long' })
  })
})
