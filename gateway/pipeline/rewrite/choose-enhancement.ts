/** Step 5: an approved enhancement of the prompt's pattern, if there is one for the caller's team. */
import { applyEnhancement, type PromptEdit } from '../../../workflows/domain/enhancements/apply-enhancement.ts'
import { fingerprintPrompt } from '../../../workflows/domain/patterns/fingerprint.ts'
import type { Identified } from '../../../workflows/domain/patterns/identify.ts'
import type { Prompt } from '../../../workflows/domain/exchanges/prompt.ts'
import { wireOf } from '../../../workflows/domain/exchanges/wire.ts'
import type { ServedEnhancement } from '../../../db/words/enhancement.ts'
import type { Wire } from '../../../db/words/wire.ts'
import type { ServedOfTeam } from '../../state/served.ts'
import type { WireFacts } from '../../dialects/wire-facts.ts'
import type { JsonEdit } from '../../bytes/json-edit.ts'

export interface Enhanced {
  enhancementId: string
  edits: JsonEdit[]
}

/** There is an enhancement, and why it is not applied. */
export interface Skipped {
  enhancementId: string
  skipped: string
}

/** `identified`: by the request as the caller wrote it. `null` = there is none for this prompt. */
export function chooseEnhancement(
  served: ServedOfTeam,
  facts: Pick<WireFacts, 'endpoint'>,
  body: Record<string, unknown>,
  identified: Identified | null,
  readPrompt: () => Prompt,
): Enhanced | Skipped | null {
  const wire = wireOf(facts.endpoint)
  if (wire === null) return null
  const prompt = readPrompt()
  let skipped: Skipped | null = null
  for (const enhancement of findCandidates(served, prompt, identified)) {
    const { enhancementId } = enhancement
    const applied = applyTo(enhancement, prompt, wire, body)
    if ('edits' in applied) return { enhancementId, edits: applied.edits }
    skipped ??= { enhancementId, skipped: applied.refused }
  }
  return skipped
}

/** An experiment's arm goes the same way as an approved enhancement. */
export function applyTo(
  enhancement: Pick<ServedEnhancement, 'original' | 'enhanced'>,
  prompt: Prompt,
  wire: Wire,
  body: Record<string, unknown>,
): { edits: JsonEdit[] } | { refused: string } {
  const application = applyEnhancement(enhancement, prompt)
  if ('refused' in application) return application
  const edits = application.edits.map((edit) => toJsonEdit(edit, wire, body))
  return edits.every((edit) => edit !== null)
    ? { edits }
    : { refused: 'the request has a system prompt that holds no text to change' }
}

function findCandidates(
  { byPattern, byOpening }: ServedOfTeam,
  prompt: Prompt,
  identified: Identified | null,
): readonly ServedEnhancement[] {
  const own = identified === null ? [] : (byPattern.get(identified.patternId) ?? [])
  if (byOpening.size === 0) return own
  const opening = fingerprintPrompt(prompt)?.hash
  const others = opening === undefined ? [] : (byOpening.get(opening) ?? [])
  return [...own, ...others.filter((one) => !own.includes(one))]
}

/** The member that holds the system prompt; `null` = it is the first of the messages. */
const systemMembers = { chat: null, responses: 'instructions', messages: 'system' } as const satisfies Record<
  Wire,
  string | null
>

function toJsonEdit(edit: PromptEdit, wire: Wire, body: Record<string, unknown>): JsonEdit | null {
  if (edit.kind === 'replace') return edit
  // A system prompt in which the domain finds no text is still there: a second one would contradict it.
  if (hasSystem(wire, body)) return null
  const member = systemMembers[wire]
  if (member !== null && body[member] === null) return { kind: 'set', path: [member], json: JSON.stringify(edit.text) }
  if (member !== null) return { kind: 'addMember', name: member, json: JSON.stringify(edit.text) }
  return { kind: 'unshift', path: ['messages'], json: JSON.stringify({ role: 'system', content: edit.text }) }
}

function hasSystem(wire: Wire, body: Record<string, unknown>): boolean {
  const member = systemMembers[wire]
  if (member !== null && body[member] !== undefined && body[member] !== null) return true
  const list = wire === 'responses' ? body.input : body.messages
  const messages = Array.isArray(list) ? (list as unknown[]) : []
  return messages.some((message) =>
    ['system', 'developer'].includes(String((message as { role?: unknown } | null)?.role)),
  )
}
