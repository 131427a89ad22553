/**
 * Judging a rule that somebody wrote: every problem at once, each with its place. What is stored is judged again when
 * it is loaded.
 */
import type { Problem } from '../../../db/words/problem.ts'
import type { RuleEdit, TransformationRule } from '../../../db/words/rule.ts'
import { compileCondition } from './condition.ts'
import { findHeaderFault } from './header-names.ts'
import { isObject } from './parameters.ts'
import { compileReplacement } from './regular-expression.ts'

export const editsMax = 20
const textMax = 100_000
const pathStepsMax = 20
const stepCharactersMax = 200

/** What a person writes; the rest of a stored rule is Sinew's. */
export type RuleDraft = Pick<TransformationRule, 'name' | 'order' | 'active' | 'target' | 'condition' | 'edits'>

// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
export function parseRuleDraft(value: unknown): { draft: RuleDraft } | { problems: Problem[] } {
  if (!isObject(value)) return { problems: [{ path: 'rule', message: 'must be an object' }] }
  const problems: Problem[] = []
  const note = (path: string, message: string): void => void problems.push({ path, message })
  const { name, order, active, target, condition, edits, ...unknown } = value
  for (const field of Object.keys(unknown)) note(field, 'is not a known field')
  if (typeof name !== 'string' || name.trim() === '' || name.length > 100 || !isStorable(name))
    note('name', 'must be a text of 1 to 100 characters')
  if (!Number.isInteger(order) || Math.abs(order as number) > 1_000_000) note('order', 'must be an integer')
  if (typeof active !== 'boolean') note('active', 'must be true or false')
  if (target !== 'request' && target !== 'answer') note('target', 'must be request or answer')
  if (typeof condition !== 'string' || !isStorable(condition)) note('condition', 'must be a text; empty = always')
  else
    tryCompile(
      () => compileCondition(condition),
      (message) => note('condition', message),
    )
  if (!Array.isArray(edits) || edits.length === 0 || edits.length > editsMax)
    note('edits', `must be a list of 1 to ${editsMax} edits`)
  else
    edits.forEach((edit, index) =>
      judgeEdit(edit, target, (field, message) => note(`edits[${index}]${field === '' ? '' : `.${field}`}`, message)),
    )
  if (problems.length > 0) return { problems }
  return { draft: { name: (name as string).trim(), order, active, target, condition, edits } as RuleDraft }
}

function tryCompile(compile: () => unknown, note: (message: string) => void): void {
  try {
    compile()
  } catch (error) {
    note((error as Error).message)
  }
}

type Note = (field: string, message: string) => void

/** The members of each kind of edit, and what each may be. */
const members: {
  [K in RuleEdit['kind']]: Record<
    Exclude<keyof Extract<RuleEdit, { kind: K }>, 'kind'>,
    (value: unknown) => string | null
  >
} = {
  set: { path: judgePath, value: judgeValue },
  remove: { path: judgePath },
  rename: { path: judgePath, to: judgeName },
  replaceText: { in: oneOf('system', 'user', 'all'), pattern: judgeText, with: judgeText },
  addMessage: { role: oneOf('system', 'user'), position: oneOf('first', 'last'), text: judgeFullText },
  changeMessage: {
    role: oneOf('system', 'user'),
    which: oneOf('first', 'last', 'all'),
    change: oneOf('replace', 'prepend', 'append'),
    text: judgeFullText,
  },
  cap: { parameter: judgeName, most: judgeNumber },
  default: { parameter: judgeName, value: judgeNumber },
  routeTo: {
    model: (value) =>
      typeof value === 'string' && /^[^\s]{1,300}$/.test(value) ? null : 'must be the name of a model, without spaces',
  },
  addHeader: {
    name: (value) => (typeof value === 'string' ? null : 'must be a text'),
    value: (value) => (typeof value === 'string' ? null : 'must be a text'),
  },
}
const onlyRequests: readonly RuleEdit['kind'][] = ['addMessage', 'changeMessage', 'cap', 'default', 'routeTo']

function judgeEdit(edit: unknown, target: unknown, note: Note): void {
  if (!isObject(edit)) return note('', 'must be an object')
  const { kind, ...given } = edit
  if (typeof kind !== 'string' || !Object.hasOwn(members, kind))
    return note('kind', `must be one of ${Object.keys(members).join(', ')}`)
  const known: Record<string, (value: unknown) => string | null> = members[kind as RuleEdit['kind']]
  const before = new Set<string>()
  for (const field of Object.keys(given)) if (!Object.hasOwn(known, field)) note(field, 'is not a known field')
  for (const [field, judge] of Object.entries(known)) {
    const fault = Object.hasOwn(given, field) ? judge(given[field]) : 'is required'
    if (fault === null) continue
    before.add(field)
    note(field, fault)
  }
  if (target === 'answer' && onlyRequests.includes(kind as RuleEdit['kind']))
    note('kind', `${kind} changes requests, not answers`)
  if (before.size === 0) judgeTogether(edit as RuleEdit, target, note)
}

/** What several members say together; each of them is of its type here. */
// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
function judgeTogether(edit: RuleEdit, target: unknown, note: Note): void {
  if (edit.kind === 'replaceText') {
    const compiled = compileReplacement(edit.pattern, edit.with)
    if ('fault' in compiled) note(compiled.fault, compiled.message)
    if (target === 'answer' && edit.in !== 'all') note('in', "must be all: an answer is the model's alone")
  }
  if (edit.kind === 'addHeader') {
    const fault = findHeaderFault(edit.name, edit.value)
    if (fault !== null) note(fault.field, fault.message)
  }
  if (edit.kind === 'set' || edit.kind === 'remove' || edit.kind === 'rename') {
    const first = edit.path[0]
    if (first === 'stream' || (edit.kind === 'rename' && edit.path.length === 1 && edit.to === 'stream'))
      note('path', "stream is the caller's: its client waits for the one or the other")
    if (edit.kind === 'rename' && typeof edit.path.at(-1) !== 'string')
      note('path', 'must end with the name of a member')
  }
}

function judgePath(value: unknown): string | null {
  if (!Array.isArray(value) || value.length === 0 || value.length > pathStepsMax)
    return `must be a list of 1 to ${pathStepsMax} names and numbers, such as ["metadata", "tier"]`
  for (const step of value) {
    if (typeof step === 'number' ? !Number.isInteger(step) : judgeName(step) !== null)
      return 'each step must be a name or an integer'
  }
  return typeof value[0] === 'string' ? null : 'must begin with a name: a body is an object'
}

function judgeName(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || value.length > stepCharactersMax || !isStorable(value))
    return `must be a text of 1 to ${stepCharactersMax} characters`
  return value === '__proto__' ? 'is not a member of anything' : null
}

function judgeValue(value: unknown): string | null {
  if (value === undefined) return 'must be a JSON value'
  if (!isStorable(value)) return unstorable
  return JSON.stringify(value).length > textMax ? `is longer than ${textMax} characters` : null
}

/** PostgreSQL's jsonb has no place for NUL and halves of characters. */
function isStorable(value: unknown): boolean {
  return !/\\u0000|\\ud[89a-f]/.test(JSON.stringify(value).replaceAll('\\\\', ''))
}

const unstorable = 'has a character that cannot be stored'

function judgeText(value: unknown): string | null {
  if (typeof value === 'string' && !isStorable(value)) return unstorable
  return typeof value === 'string' && value.length <= textMax ? null : `must be a text of at most ${textMax} characters`
}

function judgeFullText(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? judgeText(value) : 'must be a text that is not empty'
}

function judgeNumber(value: unknown): string | null {
  return typeof value === 'number' && Number.isFinite(value) ? null : 'must be a number'
}

function oneOf(...words: string[]): (value: unknown) => string | null {
  return (value) => (typeof value === 'string' && words.includes(value) ? null : `must be one of ${words.join(', ')}`)
}
