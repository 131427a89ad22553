import type { TemplatePart } from '../domain/mining/types.ts'

/** Puts the values in; `null` = a slot has no value. */
export function fillParts(parts: TemplatePart[], slots: Record<string, string>): string | null {
  let text = ''
  for (const part of parts) {
    const value = 'fixed' in part ? part.fixed : Object.hasOwn(slots, part.slot) ? slots[part.slot] : undefined
    if (value === undefined) return null
    text += value
  }
  return text
}
