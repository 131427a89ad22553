import { describe, expect, test } from 'vitest'
import type { AppliedRule } from '../../../db/words/rule.ts'
import { applyRequestRules } from '../../domain/rules/apply.ts'
import { compileRules } from '../../domain/rules/compile.ts'
import { compileCondition } from '../../domain/rules/condition.ts'
import { readRuleFacts } from '../../domain/rules/facts.ts'
import { facts, body, toRule, judge, refuse } from './rule-fixtures.ts'

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
