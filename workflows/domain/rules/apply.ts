/**
 * Rules on one request and on its answer. Pure: the gateway runs this on traffic, the admin on samples, and both see
 * the same. An edit sees the result of all before it, a condition too.
 */
import type { AppliedRule, BodyEdit } from '../../../db/words/rule.ts'
import type { Wire } from '../../../db/words/wire.ts'
import type { JsonObject } from '../json/json.ts'
import { findAnswerFaults } from './answer-faults.ts'
import type { CompiledEdit, CompiledRule, CompiledRules } from './compile.ts'
import { isStreamless, modelOf, planEdit } from './edit.ts'
import { clockOf, readRuleFacts, type CallFacts, type Clock } from './facts.ts'
import type { Replacement } from './regular-expression.ts'
import { findAddedFault, findRequestFaults } from './request-faults.ts'
import { editValue } from './values.ts'

export interface AppliedRequestRules {
  /** To be made on the bytes one after another; none = not a byte changes. */
  edits: BodyEdit[]
  /** The body with all edits made. */
  body: JsonObject
  /** Names in lower case; each replaces one of its name. */
  headers: [string, string][]
  /** What to look up in place of the caller's model; `null` = as the caller wrote it. */
  model: string | null
  applied: AppliedRule[]
}

/** Whether somebody serves a model of this name. */
export type ServesModel = (model: string) => boolean

/** `body`: the parsed request. Never throws. */
export function applyRequestRules(
  rules: CompiledRules,
  facts: CallFacts,
  body: JsonObject,
  serves: ServesModel = () => true,
): AppliedRequestRules {
  const result: AppliedRequestRules = { edits: [], body, headers: [], model: null, applied: [] }
  if (rules.request.length === 0) return result
  const asked = modelOf(body)
  const judged = createJudge((value) =>
    findRequestFaults(facts.wire, value).concat(findModelFault(value, asked, serves)),
  )
  let seen = readRuleFacts(facts, body, 0)
  for (const rule of rules.request) {
    const held = holds(rule, () => rule.holds(seen))
    if (held === false) continue
    if (held !== true) {
      result.applied.push(held)
      continue
    }
    const before = result.body
    const changes = createChanges(rule)
    for (const edit of rule.edits) {
      if (edit.kind === 'addHeader') changes.changed(setHeader(result.headers, edit))
      else
        result.body = makeEdit(
          edit,
          { wire: facts.wire, target: 'request', clock: clockOf(facts) },
          result.body,
          result.edits,
          judged,
          changes,
        )
    }
    if (result.body !== before) seen = readRuleFacts(facts, result.body, 0)
    result.applied.push(changes.toApplied())
  }
  const model = modelOf(result.body)
  if (model !== asked) result.model = model
  return result
}

/** The caller's own model is its own affair; another must be there. */
function findModelFault(body: unknown, asked: string | null, serves: ServesModel): string[] {
  const model = modelOf(body as JsonObject)
  return model === null || model === asked || serves(model) ? [] : ['model: nobody serves it']
}

export interface AnswerRules {
  /** To be put on the answer; names in lower case, each replaces one of its name. */
  headers: [string, string][]
  /** The rules whose condition held, for the body. */
  matched: CompiledRule[]
  /** Conditions that failed. */
  errors: AppliedRule[]
}

/** Which rules an answer of this status has; `body` is the request as it was sent. Never throws. */
export function matchAnswerRules(
  rules: CompiledRules,
  facts: CallFacts,
  body: JsonObject,
  status: number,
): AnswerRules {
  const result: AnswerRules = { headers: [], matched: [], errors: [] }
  if (rules.answer.length === 0) return result
  const seen = readRuleFacts(facts, body, status)
  for (const rule of rules.answer) {
    const held = holds(rule, () => rule.holds(seen))
    if (held === false) continue
    if (held !== true) {
      result.errors.push(held)
      continue
    }
    result.matched.push(rule)
    for (const edit of rule.edits) if (edit.kind === 'addHeader') setHeader(result.headers, edit)
  }
  return result
}

export interface AppliedAnswerRules {
  edits: BodyEdit[]
  body: JsonObject
  applied: AppliedRule[]
}

/** The rules that hold, on a whole answer. Never throws. */
export function applyAnswerRules(
  { matched, errors }: AnswerRules,
  facts: CallFacts,
  body: JsonObject,
): AppliedAnswerRules {
  const result: AppliedAnswerRules = { edits: [], body, applied: [...errors] }
  const judged = createJudge((value) => findAnswerFaults(facts.wire, value))
  for (const rule of matched) {
    const changes = createChanges(rule)
    for (const edit of rule.edits) {
      if (edit.kind === 'addHeader') changes.changed(true)
      else
        result.body = makeEdit(
          edit,
          { wire: facts.wire, target: 'answer', clock: clockOf(facts) },
          result.body,
          result.edits,
          judged,
          changes,
        )
    }
    result.applied.push(changes.toApplied())
  }
  return result
}

/** The replacements of texts that a streamed answer has, in order. */
export function listStreamedReplacements({ matched }: AnswerRules): { ruleId: string; replacement: Replacement }[] {
  return matched.flatMap(({ id, edits }) =>
    edits.flatMap((edit) =>
      edit.kind === 'replaceText' && !isStreamless(edit) ? [{ ruleId: id, replacement: edit.replacement }] : [],
    ),
  )
}

/** What is said of the rules that hold for a streamed answer; `changed` = those that have replaced something. */
export function tellStreamedAnswer({ matched, errors }: AnswerRules, changed: ReadonlySet<string>): AppliedRule[] {
  return [
    ...errors,
    ...matched.map((rule) => tellSkipped(rule, rule.edits.findIndex(isStreamless), 'stream', changed.has(rule.id))),
  ]
}

/** What is said of them for an answer whose body no rule changes: an error, or nothing that is JSON. */
export function tellUntouchedAnswer({ matched, errors }: AnswerRules, why: string): AppliedRule[] {
  return [
    ...errors,
    ...matched.map((rule) =>
      tellSkipped(
        rule,
        rule.edits.findIndex(({ kind }) => kind !== 'addHeader'),
        why,
        false,
      ),
    ),
  ]
}

function tellSkipped(
  { id, version, edits }: CompiledRule,
  skipped: number,
  why: string,
  changed: boolean,
): AppliedRule {
  if (skipped >= 0) return { id, version, result: 'skipped', note: `edits[${skipped}]: ${why}` }
  return { id, version, result: changed || edits.some(({ kind }) => kind === 'addHeader') ? 'applied' : 'unchanged' }
}

/** Whether one of the rules changes bodies. */
export function changesBodies({ matched }: AnswerRules): boolean {
  return matched.some(({ edits }) => edits.some(({ kind }) => kind !== 'addHeader'))
}

/** A condition that fails does not hold; the record says so, without the text that made it fail. */
function holds(rule: CompiledRule, ask: () => boolean): boolean | AppliedRule {
  try {
    return ask()
  } catch {
    return { id: rule.id, version: rule.version, result: 'error', note: 'condition' }
  }
}

/** Judges bodies; of one that was judged already the faults are known. */
function createJudge(findFaults: (body: unknown) => string[]) {
  let last: { body: unknown; faults: string[] } | null = null
  return {
    faultsOf(body: unknown): string[] {
      const known = last?.body === body && last !== null ? last : { body, faults: findFaults(body) }
      last = known
      return known.faults
    },
    /** What `after` has wrong that `before` had not. */
    compare(before: unknown, after: unknown): string | null {
      const known = this.faultsOf(before)
      const faults = findFaults(after)
      const added = findAddedFault(known, faults)
      if (added === null) last = { body: after, faults }
      return added
    },
  }
}

function createChanges(rule: CompiledRule) {
  let changed = false
  let undone: string | null = null
  return {
    changed(really: boolean): void {
      changed ||= really
    },
    undo(edit: CompiledEdit, why: string): void {
      undone ??= `edits[${rule.edits.indexOf(edit)}]: ${why}`
    },
    toApplied(): AppliedRule {
      const { id, version } = rule
      if (undone !== null) return { id, version, result: 'undone', note: undone }
      return { id, version, result: changed ? 'applied' : 'unchanged' }
    },
  }
}

/** The body with the edit made, or as it was. What was made is added to `edits`. */
function makeEdit(
  edit: Exclude<CompiledEdit, { kind: 'addHeader' }>,
  { wire, target, clock }: { wire: Wire; target: 'request' | 'answer'; clock: Clock },
  body: JsonObject,
  edits: BodyEdit[],
  judged: ReturnType<typeof createJudge>,
  changes: ReturnType<typeof createChanges>,
): JsonObject {
  const planned = planEdit(edit, wire, target, body, clock)
  if ('refused' in planned) {
    changes.undo(edit, planned.refused)
    return body
  }
  if (planned.edits.length === 0) return body
  let value: unknown = body
  for (const single of planned.edits) {
    const edited = editValue(value, single)
    if (edited === null) {
      changes.undo(edit, 'there is no such place')
      return body
    }
    value = edited.value
  }
  const fault = judged.compare(body, value)
  if (fault !== null) {
    // Ids are the caller's own words; the record says only what they are of.
    changes.undo(edit, fault.replace(/the (call|result) .* has no/, 'a $1 has no'))
    return body
  }
  edits.push(...planned.edits)
  changes.changed(true)
  return value as JsonObject
}

function setHeader(headers: [string, string][], { name, value }: { name: string; value: string }): true {
  const lower = name.toLowerCase()
  const at = headers.findIndex(([known]) => known === lower)
  if (at >= 0) headers[at] = [lower, value]
  else headers.push([lower, value])
  return true
}
