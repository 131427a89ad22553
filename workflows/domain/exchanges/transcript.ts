/** A request's conversation as plain text, for a reader that only looks at it. Pure. */
import { asArray, asObject, asText } from '../json/json.ts'

/** `messages`: as they are kept for searching, the system prompt first. Of one that is too long its beginning. */
export function toTranscript(messages: readonly unknown[] | null, charactersMax: number): string {
  const lines = (messages ?? []).map((entry) => {
    const message = asObject(entry)
    // Items of the Responses format that are no messages: calls, their results, reasoning.
    if (asText(message?.role) === null && asText(message?.type) !== null) return `[${String(message?.type)}]`
    return `${asText(message?.role) ?? 'unknown'}: ${toText(message?.content)}`
  })
  return lines.join('\n').slice(0, charactersMax)
}

function toText(content: unknown): string {
  if (typeof content === 'string') return content
  return asArray(content)
    .map((entry) => {
      const part = asObject(entry)
      return asText(part?.text) ?? `[${asText(part?.type) ?? 'part'}]`
    })
    .join('\n')
}
