/**
 * Step 5, continued: transformation rules, on a request and on its answer. The admin's test of a rule goes through this
 * very code.
 */
import type { AppliedRule } from '../../../db/words/rule.ts'
import {
  applyAnswerRules,
  applyRequestRules,
  tellUntouchedAnswer,
  type AnswerRules,
  type ServesModel,
} from '../../../workflows/domain/rules/apply.ts'
import type { CompiledRules } from '../../../workflows/domain/rules/compile.ts'
import type { CallFacts } from '../../../workflows/domain/rules/facts.ts'
import { applyBodyEdits } from '../../bytes/body-edits.ts'

export interface RewrittenRequest {
  /** `null` = not a byte changes. */
  body: Buffer | null
  /** What the body says then. */
  json: Record<string, unknown>
  /** To be set on the request to the upstream, names in lower case. */
  headers: [string, string][]
  /** To be looked up in place of the caller's model; it stands in the body already. `null` = the caller's. */
  model: string | null
  applied: AppliedRule[]
}

/** `json` is `body`, parsed. */
export function applyRules(
  rules: CompiledRules,
  facts: CallFacts,
  body: Buffer,
  json: Record<string, unknown>,
  serves?: ServesModel,
): RewrittenRequest {
  const { edits, body: changed, headers, model, applied } = applyRequestRules(rules, facts, json, serves)
  if (edits.length === 0) return { body: null, json, headers, model: null, applied }
  const bytes = applyBodyEdits(body, edits)
  if (bytes === null) throw new Error('the edits of a rule fit the body, but not its bytes')
  return { body: bytes, json: changed, headers, model, applied }
}

/** A whole answer. What is not a JSON object passes as it came. */
export function rewriteAnswer(
  matched: AnswerRules,
  facts: CallFacts,
  body: Buffer,
): { body: Buffer; applied: AppliedRule[] } {
  const json = parseObject(body)
  if (json === null) return { body, applied: tellUntouchedAnswer(matched, 'no JSON') }
  const { edits, applied } = applyAnswerRules(matched, facts, json)
  if (edits.length === 0) return { body, applied }
  const bytes = applyBodyEdits(body, edits)
  if (bytes === null) throw new Error('the edits of a rule fit the answer, but not its bytes')
  return { body: bytes, applied }
}

function parseObject(body: Buffer): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'))
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Puts rules' headers into a flat list of names and values; one of the same name goes. */
export function setHeaders(flat: string[], headers: readonly (readonly [string, string])[]): void {
  for (const [name, value] of headers) {
    for (let at = flat.length - 2; at >= 0; at -= 2) if (flat[at]?.toLowerCase() === name) flat.splice(at, 2)
    flat.push(name, value)
  }
}

/** As above, and in the record: answers the record's headers. */
export function setAnswerHeaders(
  flat: string[],
  recorded: [string, string][],
  headers: readonly [string, string][],
): [string, string][] {
  setHeaders(flat, headers)
  return [...recorded.filter(([name]) => !headers.some(([set]) => set === name)), ...headers]
}
