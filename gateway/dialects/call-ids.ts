import { createHash } from 'node:crypto'
import type { ConversationRequest, Part } from './model.ts'

/**
 * Mistral takes ids of nine letters and digits only: "Tool call id was … but must be a-z, A-Z, 0-9, with a length of
 * 9".
 */
const short = /^[a-zA-Z0-9]{9}$/

/**
 * The request with ids that such a provider takes. The same id becomes the same one in every request, so calls and
 * results still meet, and caches still hit.
 */
export function withShortCallIds(request: ConversationRequest): ConversationRequest {
  const rename = (part: Part): Part =>
    (part.kind === 'tool-call' || part.kind === 'tool-result') && !short.test(part.id)
      ? { ...part, id: shorten(part.id) }
      : part
  return { ...request, turns: request.turns.map((turn) => ({ ...turn, parts: turn.parts.map(rename) })) }
}

function shorten(id: string): string {
  return createHash('sha256')
    .update(id)
    .digest('base64')
    .replaceAll(/[^a-zA-Z0-9]/g, '')
    .slice(0, 9)
}
