import { describe, expect, test } from 'vitest'
import type { RuleEdit } from '../../../db/words/rule.ts'
import { applyAnswerRules, matchAnswerRules } from '../../domain/rules/apply.ts'
import { compileRules } from '../../domain/rules/compile.ts'
import { facts, body, toRule } from './rule-fixtures.ts'

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
