/** A request's conversation as plain text, for a reader that only looks at it. Pure. */
import type { Wire } from '../../../db/words/wire.ts'
import { toMessages } from './conversation.ts'
import { asArray, asObject, asText } from '../json/json.ts'

/** The system prompt first; of a conversation that is too long its beginning. */
export function toTranscript(wire: Wire | null, body: unknown, charactersMax: number): string {
  const request = asObject(body)
  const { system, messages } = toMessages(wire, request)
  const lines = messages.map((entry) => {
    const message = asObject(entry)
    // Items of the Responses format that are no messages: calls, their results, reasoning.
    if (asText(message?.role) === null && asText(message?.type) !== null) return `[${String(message?.type)}]`
    return `${asText(message?.role) ?? 'unknown'}: ${toText(message?.content)}`
  })
  if (system !== undefined && system !== null) lines.unshift(`system: ${toText(system)}`)
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
