import { describe, expect, test } from 'vitest'
import { applyRequestRules } from '../../domain/rules/apply.ts'
import { compileRules } from '../../domain/rules/compile.ts'
import { parseRuleDraft } from '../../domain/rules/parse.ts'
import { facts, body, toRule } from './rule-fixtures.ts'

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
