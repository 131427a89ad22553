/** Applying an approved template to a new prompt of its pattern. Pure; previews and traffic use this very function. */
import type { PromptTemplate, ServedEnhancement } from '../../db/types.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { JsonPath, Prompt } from './prompt.ts'

/** A text to put in at its place, or a system prompt for a request that has none; nothing else of the body changes. */
export type PromptEdit = { kind: 'replace'; path: JsonPath; text: string } | { kind: 'addSystem'; text: string }

/** What changes, or in words why the prompt is left as it is. */
export type Application = { edits: PromptEdit[] } | { refused: string }

export function applyEnhancement(enhancement: Pick<ServedEnhancement, 'original' | 'enhanced'>, prompt: Prompt, fingerprint: Fingerprint): Application {
  const edits: PromptEdit[] = []
  for (const part of ['system', 'template'] as const) {
    const wanted = enhancement.enhanced[part]
    if (wanted === null || wanted === enhancement.original[part]) continue
    const place = part === 'system' ? prompt.system : prompt.user
    if (place === null && part === 'template') return { refused: 'the request has no user text to change' }
    const filled = fillTemplate(wanted, fingerprint.slots)
    if (filled === null) return { refused: 'a slot of the enhanced prompt has no value in this request' }
    edits.push(place === null ? { kind: 'addSystem', text: filled } : { kind: 'replace', path: place.path, text: filled })
  }
  return edits.length > 0 ? { edits } : { refused: 'the enhancement changes nothing' }
}

/** Puts the values in; what a value holds is never read as a template again. `null` = a slot has no value. */
export function fillTemplate(template: string, slots: Record<string, string>): string | null {
  let complete = true
  const filled = template.replace(/\{\{(\w+)\}\}/g, (_, slot: string) => {
    const value = Object.hasOwn(slots, slot) ? slots[slot] : undefined
    if (value === undefined) complete = false
    return value ?? ''
  })
  return complete ? filled : null
}

/** Slot names in order of appearance. */
export function slotsOf(template: string | null): string[] {
  return [...new Set([...(template ?? '').matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] as string))]
}

/**
 * Whether a proposal may go to a person at all: it changes something, keeps every slot exactly, and asks for no user
 * text where the requests have none. Answers what is wrong, or `null`.
 */
export function findProposalFault(original: PromptTemplate, enhanced: PromptTemplate): string | null {
  if (enhanced.template !== null && original.template === null) return 'it adds a user text to requests that have none'
  const changed = (['system', 'template'] as const).some((part) => enhanced[part] !== null && enhanced[part] !== original[part])
  if (!changed) return 'it changes nothing'
  if (enhanced.template !== null) {
    const before = slotsOf(original.template)
    const after = slotsOf(enhanced.template)
    const lost = before.filter((slot) => !after.includes(slot))
    const added = after.filter((slot) => !before.includes(slot))
    if (lost.length > 0) return `it loses the slot ${lost.join(', ')}`
    if (added.length > 0) return `it names an unknown slot ${added.join(', ')}`
  }
  if (enhanced.system !== null && slotsOf(enhanced.system).length > slotsOf(original.system).length) return 'it puts a slot into the system prompt'
  return null
}
