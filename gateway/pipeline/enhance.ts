/** Step 5: an approved enhancement of the prompt's pattern, if there is one for the caller's team. */
import { applyEnhancement, type PromptEdit } from '../../workflows/domain/enhance.ts'
import { fingerprintPrompt } from '../../workflows/domain/fingerprint.ts'
import { readPrompt } from '../../workflows/domain/prompt.ts'
import { wireOf } from '../../workflows/domain/wire.ts'
import type { ServedEnhancement, WireDialect } from '../../db/types.ts'
import type { DialectRules } from '../dialects/dialect.ts'
import type { JsonEdit } from './json-edit.ts'

export interface Enhanced {
  enhancementId: string
  edits: JsonEdit[]
}

/** `served`: the team's enhancements by pattern hash. `null` = the prompt goes as it is. */
export function enhance(served: ReadonlyMap<string, ServedEnhancement>, rules: DialectRules, body: Record<string, unknown>): Enhanced | null {
  const wire = wireOf(rules.endpoint)
  if (wire === null) return null
  const prompt = readPrompt(wire, body)
  const fingerprint = fingerprintPrompt(prompt)
  const enhancement = fingerprint && served.get(fingerprint.hash)
  if (!enhancement) return null
  const application = applyEnhancement(enhancement, prompt, fingerprint)
  if ('refused' in application) return null
  const edits = application.edits.map((edit) => toJsonEdit(edit, wire, body))
  return edits.every((edit) => edit !== null) ? { enhancementId: enhancement.enhancementId, edits } : null
}

/** The member that holds the system prompt; `null` = it is the first of the messages. */
const systemMembers = { chat: null, responses: 'instructions', messages: 'system' } as const satisfies Record<WireDialect, string | null>

function toJsonEdit(edit: PromptEdit, wire: WireDialect, body: Record<string, unknown>): JsonEdit | null {
  if (edit.kind === 'replace') return edit
  // A system prompt of a shape that the domain does not read as one text is still there: a second one would contradict it.
  if (hasSystem(wire, body)) return null
  const member = systemMembers[wire]
  if (member !== null && body[member] === null) return { kind: 'set', path: [member], json: JSON.stringify(edit.text) }
  if (member !== null) return { kind: 'addMember', name: member, json: JSON.stringify(edit.text) }
  return { kind: 'unshift', path: ['messages'], json: JSON.stringify({ role: 'system', content: edit.text }) }
}

function hasSystem(wire: WireDialect, body: Record<string, unknown>): boolean {
  const member = systemMembers[wire]
  if (member !== null && body[member] !== undefined && body[member] !== null) return true
  const list = wire === 'responses' ? body.input : body.messages
  const messages = Array.isArray(list) ? (list as unknown[]) : []
  return messages.some((message) => ['system', 'developer'].includes(String((message as { role?: unknown } | null)?.role)))
}

