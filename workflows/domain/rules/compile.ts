/** Rules made ready once, when they are loaded; what each request costs is the conditions and the edits that apply. */
import type { RuleEdit, TransformationRule } from '../../../db/words/rule.ts'
import { compileCondition, type Condition } from './condition.ts'
import { parseRuleDraft } from './parse.ts'
import { compileReplacement, type Replacement } from './regular-expression.ts'

/** Rules beyond these are left out: each costs every request its condition. */
export const activeRulesMax = 200

export type CompiledEdit =
  | Exclude<RuleEdit, { kind: 'replaceText' }>
  | (Extract<RuleEdit, { kind: 'replaceText' }> & { replacement: Replacement })

export interface CompiledRule {
  id: string
  version: number
  name: string
  holds: Condition
  edits: CompiledEdit[]
}

export interface CompiledRules {
  request: CompiledRule[]
  answer: CompiledRule[]
  /** Stored rules that cannot be used, and why. */
  leftOut: { id: string; name: string; problem: string }[]
}

/** Only active rules, in their order. Never throws. */
export function compileRules(rules: readonly TransformationRule[]): CompiledRules {
  const compiled: CompiledRules = { request: [], answer: [], leftOut: [] }
  const inOrder = rules.filter(({ active }) => active).toSorted((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
  for (const [index, rule] of inOrder.entries()) {
    const result =
      index < activeRulesMax ? compileRule(rule) : { problem: `there are more than ${activeRulesMax} active rules` }
    if ('problem' in result) compiled.leftOut.push({ id: rule.id, name: rule.name, problem: result.problem })
    else compiled[rule.target].push(result.rule)
  }
  return compiled
}

function compileRule({ id, version, ...stored }: TransformationRule): { rule: CompiledRule } | { problem: string } {
  const parsed = parseRuleDraft(stored)
  if ('problems' in parsed)
    return { problem: parsed.problems.map(({ path, message }) => `${path}: ${message}`).join('; ') }
  const { name, condition, edits } = parsed.draft
  return { rule: { id, version, name, holds: compileCondition(condition), edits: edits.map(compileEdit) } }
}

function compileEdit(edit: RuleEdit): CompiledEdit {
  if (edit.kind !== 'replaceText') return edit
  const compiled = compileReplacement(edit.pattern, edit.with)
  if ('fault' in compiled) throw new Error(compiled.message)
  return { ...edit, replacement: compiled.replacement }
}
