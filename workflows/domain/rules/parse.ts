/**
 * Judges a rule that somebody wrote, and reports every problem at once, each with its place. Stored rules are judged
 * again when they are loaded.
 */
import type { Problem } from '../../../db/words/problem.ts'
import type { RuleEdit, TransformationRule } from '../../../db/words/rule.ts'
import { compileCondition } from './condition.ts'
import { findHeaderFault } from './header-names.ts'
import { editMembers, isStorable, type Judge } from './edit-members.ts'
import { isObject } from './parameters.ts'
import { compileReplacement } from './regular-expression.ts'

const maxEdits = 20
const maxNameCharacters = 100
const maxOrder = 1_000_000

/** What a person writes; the rest of a stored rule is Sinew's. */
export type RuleDraft = Pick<TransformationRule, 'name' | 'order' | 'active' | 'target' | 'condition' | 'edits'>

type Note = (field: string, message: string) => void

export function parseRuleDraft(value: unknown): { draft: RuleDraft } | { problems: Problem[] } {
  if (!isObject(value)) return { problems: [{ path: 'rule', message: 'must be an object' }] }
  const problems: Problem[] = []
  const note: Note = (path, message) => void problems.push({ path, message })
  const { edits, ...fields } = value
  for (const field of Object.keys(fields)) if (!Object.hasOwn(fieldJudges, field)) note(field, 'is not a known field')
  for (const [field, judge] of Object.entries(fieldJudges)) {
    const fault = judge(fields[field])
    if (fault !== null) note(field, fault)
  }
  judgeEdits(edits, fields.target, note)
  if (problems.length > 0) return { problems }
  return { draft: { ...fields, name: (fields.name as string).trim(), edits } as RuleDraft }
}

const fieldJudges: Record<Exclude<keyof RuleDraft, 'edits'>, Judge> = {
  name: (name) =>
    typeof name === 'string' && name.trim() !== '' && name.length <= maxNameCharacters && isStorable(name)
      ? null
      : `must be a text of 1 to ${maxNameCharacters} characters`,
  order: (order) => (Number.isInteger(order) && Math.abs(order as number) <= maxOrder ? null : 'must be an integer'),
  active: (active) => (typeof active === 'boolean' ? null : 'must be true or false'),
  target: (target) => (target === 'request' || target === 'answer' ? null : 'must be request or answer'),
  condition: judgeCondition,
}

function judgeCondition(condition: unknown): string | null {
  if (typeof condition !== 'string' || !isStorable(condition)) return 'must be a text; empty = always'
  try {
    compileCondition(condition)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function judgeEdits(edits: unknown, target: unknown, note: Note): void {
  if (!Array.isArray(edits) || edits.length === 0 || edits.length > maxEdits)
    return note('edits', `must be a list of 1 to ${maxEdits} edits`)
  edits.forEach((edit, index) =>
    judgeEdit(edit, target, (field, message) => note(`edits[${index}]${field === '' ? '' : `.${field}`}`, message)),
  )
}

const onlyRequests: readonly RuleEdit['kind'][] = ['addMessage', 'changeMessage', 'cap', 'default', 'routeTo']

function judgeEdit(edit: unknown, target: unknown, note: Note): void {
  if (!isObject(edit)) return note('', 'must be an object')
  const { kind, ...given } = edit
  if (typeof kind !== 'string' || !Object.hasOwn(editMembers, kind))
    return note('kind', `must be one of ${Object.keys(editMembers).join(', ')}`)
  const judges: Record<string, Judge> = editMembers[kind as RuleEdit['kind']]
  let wellTyped = true
  for (const field of Object.keys(given)) if (!Object.hasOwn(judges, field)) note(field, 'is not a known field')
  for (const [field, judge] of Object.entries(judges)) {
    const fault = Object.hasOwn(given, field) ? judge(given[field]) : 'is required'
    if (fault === null) continue
    wellTyped = false
    note(field, fault)
  }
  if (target === 'answer' && onlyRequests.includes(kind as RuleEdit['kind']))
    note('kind', `${kind} changes requests, not answers`)
  if (wellTyped) judgeTogether(edit as RuleEdit, target, note)
}

/** What several members say together; each of them is of its type here. */
function judgeTogether(edit: RuleEdit, target: unknown, note: Note): void {
  switch (edit.kind) {
    case 'replaceText':
      return judgeReplacement(edit, target, note)
    case 'addHeader': {
      const fault = findHeaderFault(edit.name, edit.value)
      if (fault !== null) note(fault.field, fault.message)
      return
    }
    case 'set':
    case 'remove':
      return judgeStream(edit.path[0] === 'stream', note)
    case 'rename':
      judgeStream(edit.path[0] === 'stream' || (edit.path.length === 1 && edit.to === 'stream'), note)
      if (typeof edit.path.at(-1) !== 'string') note('path', 'must end with the name of a member')
  }
}

function judgeReplacement(edit: Extract<RuleEdit, { kind: 'replaceText' }>, target: unknown, note: Note): void {
  const compiled = compileReplacement(edit.pattern, edit.with)
  if ('fault' in compiled) note(compiled.fault, compiled.message)
  if (target === 'answer' && edit.in !== 'all') note('in', "must be all: an answer is the model's alone")
}

function judgeStream(changed: boolean, note: Note): void {
  if (changed) note('path', "stream is the caller's: its client waits for the one or the other")
}
