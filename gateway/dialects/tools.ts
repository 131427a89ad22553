import type { Part, ReasoningPart } from './model.ts'

/**
 * Texts that were written for a conversation without tools are empty objects: a tool without parameters streams no
 * arguments.
 */
export function argumentsOrEmpty(text: string): string {
  return text.trim() === '' ? '{}' : text
}

/** What an id looks like that stands for one of other characters. */
const encodedId = /^id_(?:[a-zA-Z0-9-]|_[0-9a-f]+_)*_[0-9a-f]+_(?:[a-zA-Z0-9-]|_[0-9a-f]+_)*$/

/**
 * Anthropic's rule for ids; other makers' ids with other characters are replaced, the same way in the call and in its
 * result, and `fromPlainId` gives them back.
 */
export function toPlainId(id: string): string {
  return /^[a-zA-Z0-9_-]+$/.test(id) && !encodedId.test(id)
    ? id
    : `id_${id.replaceAll(/[^a-zA-Z0-9-]/g, (character) => `_${character.charCodeAt(0).toString(16)}_`)}`
}

export function fromPlainId(id: string): string {
  if (!encodedId.test(id)) return id
  return id
    .slice(3)
    .replaceAll(/_([0-9a-f]+)_/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
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
