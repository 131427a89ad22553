/** A call, a body and rules that the tests of rules start from. */
import type { RuleEdit, TransformationRule } from '../../../db/words/rule.ts'
import type { Wire } from '../../../db/words/wire.ts'
import { applyRequestRules } from '../../domain/rules/apply.ts'
import { compileRules } from '../../domain/rules/compile.ts'
import { compileCondition } from '../../domain/rules/condition.ts'
import { readRuleFacts, type CallFacts } from '../../domain/rules/facts.ts'

export const facts: CallFacts = {
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
export const body = {
  model: 'gpt-4o',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Order ACME-17, please' },
  ],
}

export const toRule = (rule: Partial<TransformationRule>): TransformationRule => ({
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
export const apply = (edits: RuleEdit[], request: Record<string, unknown> = body, wire: Wire = 'chat') =>
  applyRequestRules(compileRules([toRule({ edits })]), { ...facts, wire }, request)
export const judge = (condition: string): boolean => compileCondition(condition)(readRuleFacts(facts, body, 0))
export const refuse = (condition: string): string => {
  try {
    compileCondition(condition)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
