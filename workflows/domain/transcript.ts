/** A request's conversation as plain text, for a reader that only looks at it. Pure. */
import type { Dialect } from '../../db/types.ts'
import { asArray, asObject, asText } from './json.ts'

/** The system prompt first; of a conversation that is too long its beginning. */
export function toTranscript(dialect: Dialect, body: unknown, charactersMax: number): string {
  const request = asObject(body)
  const lines = asArray(request?.messages).map((entry) => {
    const message = asObject(entry)
    return `${asText(message?.role) ?? 'unknown'}: ${toText(message?.content)}`
  })
  if (dialect === 'anthropic' && request?.system !== undefined) lines.unshift(`system: ${toText(request.system)}`)
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
