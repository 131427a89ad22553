/** Applying an approved template to a new prompt of its pattern. Pure; previews and traffic use this very function. */
import type { PromptTemplate, ServedEnhancement } from '../../../db/words/enhancement.ts'
import { fingerprintPrompt } from '../patterns/fingerprint.ts'
import { fitParts } from '../mining/parts.ts'
import type { TemplatePart } from '../mining/types.ts'
import type { JsonPath, Prompt, PromptText } from '../exchanges/prompt.ts'
import { fitFromEnd } from './slot-boundaries.ts'
import { divideText } from './text-blocks.ts'

/** A text to put in at its place, or a system prompt for a request that has none; nothing else of the body changes. */
export type PromptEdit = { kind: 'replace'; path: JsonPath; text: string } | { kind: 'addSystem'; text: string }

/** What changes, or in words why the prompt is left as it is. */
export type Application = { edits: PromptEdit[] } | { refused: string }

/**
 * An enhancement is bound to the template it was written for, whatever the learner makes of the pattern later: the
 * prompt must be that template, to the last character, and then its slots go over. So a conversation's prompt comes out
 * the same in every turn, and a prompt of another form is left alone.
 */
export function applyEnhancement(
  { original, enhanced }: Pick<ServedEnhancement, 'original' | 'enhanced'>,
  prompt: Prompt,
): Application {
  const slots = readSlots(original, prompt)
  if ('refused' in slots) return slots
  const edits: PromptEdit[] = []
  for (const part of ['system', 'template'] as const) {
    const wanted = enhanced[part]
    if (wanted === null || wanted === original[part]) continue
    const place = part === 'system' ? prompt.system : prompt.user
    if (place === null && part === 'template') return { refused: 'the request has no user text to change' }
    const filled = fillTemplate(wanted, slots.values)
    if (filled === null) return { refused: 'a slot of the enhanced prompt has no value in this request' }
    // A caller must not be able to move what they wrote into another slot by writing the text between the two.
    if (slots.otherValues !== null && fillTemplate(wanted, slots.otherValues) !== filled)
      return { refused: 'a value holds the text that ends its slot, so where it ends is not certain' }
    const changes: PromptEdit[] | null =
      place === null ? [{ kind: 'addSystem', text: filled }] : replaceText(place, filled)
    if (changes === null) return { refused: "the enhanced text does not fit into the request's text blocks" }
    edits.push(...changes)
  }
  return edits.length > 0 ? { edits } : { refused: 'the enhancement changes nothing' }
}

/** Only the blocks whose text changes are edited. `null` = the text does not fall into the blocks it came from. */
function replaceText({ path, blocks }: PromptText, text: string): PromptEdit[] | null {
  if (blocks === undefined) return [{ kind: 'replace', path, text }]
  const pieces = divideText(
    blocks.map((block) => block.text),
    text,
  )
  return (
    pieces &&
    blocks.flatMap((block, index): PromptEdit[] => {
      const piece = pieces[index] as string
      return piece === block.text
        ? []
        : [{ kind: 'replace', path: block.path, text: block.before + piece + (block.after ?? '') }]
    })
  )
}

interface SlotValues {
  values: Record<string, string>
  /** What the slots hold when the same text is read from its end; `null` = no other reading. */
  otherValues: Record<string, string> | null
}

/** What the slots of a template hold in a prompt that follows it exactly. */
function readSlots(template: PromptTemplate, prompt: Prompt): SlotValues | { refused: string } {
  const system = fitText(template.system, prompt.system?.text ?? null)
  const user = fitText(template.template, prompt.user?.text ?? null)
  if (system !== null && user !== null) {
    const isCertain = system.otherValues === null && user.otherValues === null
    return {
      values: { ...system.values, ...user.values },
      otherValues: isCertain
        ? null
        : { ...(system.otherValues ?? system.values), ...(user.otherValues ?? user.values) },
    }
  }
  // Openings are one whatever the space between their words: the rest of the text is the slot all the same.
  const opening = fingerprintPrompt(prompt)
  if (
    opening !== null &&
    isSame(opening.template.system, template.system) &&
    isSame(opening.template.template, template.template)
  )
    return { values: opening.slots, otherValues: null }
  return {
    refused: `the request's ${system === null ? 'system prompt' : 'text'} does not have the form that the enhancement was written for`,
  }
}

function fitText(template: string | null, text: string | null): SlotValues | null {
  const none: SlotValues = { values: {}, otherValues: null }
  // A later request of a conversation that the provider keeps does not repeat its first text.
  if (text === null && template === '{{input}}') return none
  if (template === null || text === null) return template === text ? none : null
  if (template === text && slotsOf(template).length === 0) return none
  const parts = toParts(template)
  const fitting = parts && fitParts(parts, text)
  if (!fitting) return null
  const values = Object.fromEntries(
    fitting.pieces.flatMap(({ slot, text: value }) => (slot === null ? [] : [[slot, value]])),
  )
  // A slot named twice must hold the same at both places.
  if (fillTemplate(template, values) !== text) return null
  const slots = Object.keys(values)
  const otherValues = slots.length > 1 ? fitFromEnd(parts, text) : null
  const isOther =
    otherValues !== null &&
    fillTemplate(template, otherValues) === text &&
    slots.some((slot) => values[slot] !== otherValues[slot])
  return { values, otherValues: isOther ? otherValues : null }
}

/** `null` = two slots stand side by side: where one ends and the other begins cannot be known. */
function toParts(template: string): TemplatePart[] | null {
  const pieces = template.split(/\{\{(\w+)\}\}/)
  const parts = pieces.flatMap((piece, index): TemplatePart[] =>
    index % 2 === 1 ? [{ slot: piece }] : piece === '' ? [] : [{ fixed: piece }],
  )
  return parts.some((part, index) => 'slot' in part && index > 0 && 'slot' in (parts[index - 1] as TemplatePart))
    ? null
    : parts
}

function isSame(one: string | null, other: string | null): boolean {
  return one === null || other === null ? one === other : one.replace(/\s+/g, ' ') === other.replace(/\s+/g, ' ')
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
  const changed = (['system', 'template'] as const).some(
    (part) => enhanced[part] !== null && enhanced[part] !== original[part],
  )
  if (!changed) return 'it changes nothing'
  if (
    (['system', 'template'] as const).every(
      (part) => toLetters(enhanced[part] ?? original[part]) === toLetters(original[part]),
    )
  )
    return 'it changes nothing but white space'
  if (enhanced.template !== null) {
    const before = slotsOf(original.template)
    const after = slotsOf(enhanced.template)
    const lost = before.filter((slot) => !after.includes(slot))
    const added = after.filter((slot) => !before.includes(slot))
    if (lost.length > 0) return `it loses the slot ${lost.join(', ')}`
    if (added.length > 0) return `it names an unknown slot ${added.join(', ')}`
  }
  if (enhanced.system !== null && slotsOf(enhanced.system).length > slotsOf(original.system).length)
    return 'it puts a slot into the system prompt'
  return null
}

function toLetters(text: string | null): string {
  return (text ?? '').replace(/\s+/g, '')
}
