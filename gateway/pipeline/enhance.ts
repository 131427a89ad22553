/** Step 5: an approved enhancement of the prompt's pattern, if there is one for the caller's team. */
import { applyEnhancement, type PromptEdit } from '../../workflows/domain/enhance.ts'
import { fingerprintPrompt } from '../../workflows/domain/fingerprint.ts'
import { readPrompt } from '../../workflows/domain/prompt.ts'
import type { ServedEnhancement } from '../../db/types.ts'
import type { DialectRules } from '../dialects/dialect.ts'
import type { JsonEdit } from './json-edit.ts'

export interface Enhanced {
  enhancementId: string
  edits: JsonEdit[]
}

/** `served`: the team's enhancements by pattern hash. `null` = the prompt goes as it is. */
export function enhance(served: ReadonlyMap<string, ServedEnhancement>, rules: DialectRules, body: Record<string, unknown>): Enhanced | null {
  const prompt = readPrompt(rules.dialect, body)
  const fingerprint = fingerprintPrompt(prompt)
  const enhancement = fingerprint && served.get(fingerprint.hash)
  if (!enhancement) return null
  const application = applyEnhancement(enhancement, prompt, fingerprint)
  if ('refused' in application) return null
  const edits = application.edits.map((edit) => toJsonEdit(edit, rules, body))
  return edits.every((edit) => edit !== null) ? { enhancementId: enhancement.enhancementId, edits } : null
}

function toJsonEdit(edit: PromptEdit, rules: DialectRules, body: Record<string, unknown>): JsonEdit | null {
  if (edit.kind === 'replace') return edit
  // A system prompt of a shape that the domain does not read as one text is still there: a second one would contradict it.
  if (hasSystem(rules, body)) return null
  if (rules.systemPlace === 'member') return { kind: 'addMember', name: 'system', json: JSON.stringify(edit.text) }
  return { kind: 'unshift', path: ['messages'], json: JSON.stringify({ role: 'system', content: edit.text }) }
}

function hasSystem(rules: DialectRules, body: Record<string, unknown>): boolean {
  if (rules.systemPlace === 'member') return body.system !== undefined
  const messages = Array.isArray(body.messages) ? (body.messages as unknown[]) : []
  return messages.some((message) => ['system', 'developer'].includes(String((message as { role?: unknown } | null)?.role)))
}

