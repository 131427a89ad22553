import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TransformationRule } from '../../../db/words/rule.ts'
import { applyRequestRules } from '../../domain/rules/apply.ts'
import { compileRules } from '../../domain/rules/compile.ts'
import { compileCondition } from '../../domain/rules/condition.ts'
import { readRuleFacts } from '../../domain/rules/facts.ts'
import { parseRuleDraft } from '../../domain/rules/parse.ts'
import { compileReplacement } from '../../domain/rules/regular-expression.ts'
import { facts, body, toRule, apply } from './rule-fixtures.ts'

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
