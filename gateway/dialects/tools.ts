import type { Part, ReasoningPart } from './model.ts'

/**
 * Texts that were written for a conversation without tools are empty objects: a tool without parameters streams no
 * arguments.
 */
export function argumentsOrEmpty(text: string): string {
  return text.trim() === '' ? '{}' : text
}

/**
 * Anthropic's rule for ids; other makers' ids with other characters are replaced, the same way in the call and in its
 * result.
 */
export function toPlainId(id: string): string {
  return /^[a-zA-Z0-9_-]+$/.test(id)
    ? id
    : `id_${id.replaceAll(/[^a-zA-Z0-9_-]/g, (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`)}`
}

/** All places that a thought was read from. */
export function placesOf({ path, alsoAt = [] }: ReasoningPart): string[] {
  return [path, ...alsoAt]
}

export function plainText(parts: readonly Part[]): string | undefined {
  let text = ''
  for (const part of parts) {
    if (part.kind !== 'text') return undefined
    text += part.text
  }
  return text
}
