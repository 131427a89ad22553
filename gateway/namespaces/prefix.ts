/** Which namespace a request's tools are in: the same for all turns of a conversation, so that providers' prompt caches keep hitting. */
import { hash } from 'node:crypto'
import type { WireDialect } from '../dialects/model.ts'
import { deriveSessionKey } from '../../workflows/domain/conversation.ts'
import { asArray, asObject, asText, type JsonObject } from '../../workflows/domain/json.ts'

export interface NamespacePlace {
  /** `keys[].toolNamespace` of the caller. */
  toolNamespace: string
  keyName: string
  endUser: string | null
  /** As the caller gave it; `null` = derived from how the conversation began. */
  sessionKey: string | null
  /** As it is sent upstream. */
  model: string
}

/** `null` = names go as they are. */
export function toPrefix(wire: WireDialect, body: JsonObject, place: NamespacePlace): string | null {
  switch (place.toolNamespace) {
    case 'off':
      return null
    case 'model':
      return `m${toDigits(place.model)}`
    case 'session':
      return `s${toDigits(place.sessionKey ?? deriveSession(wire, body, place))}`
    default:
      return place.toolNamespace
  }
}

/** Begins with a letter, as Google wants names to; 32 bits tell a caller's sessions apart and say nothing of them. */
function toDigits(text: string): string {
  return hash('sha256', text).slice(0, 8)
}

function deriveSession(wire: WireDialect, body: JsonObject, { keyName, endUser }: NamespacePlace): string {
  const derived =
    wire === 'responses'
      ? isContinued(body)
        ? null
        : deriveSessionKey(keyName, endUser, 'openai', toMessages(body))
      : deriveSessionKey(keyName, endUser, wire === 'messages' ? 'anthropic' : 'openai', body)
  // Nothing that all turns would have: then all of the caller's conversations share a namespace.
  return derived ?? JSON.stringify([keyName, endUser, asText(body.instructions)])
}

/**
 * A response that is kept by the provider may be continued by its id: then the next request does not repeat how the conversation
 * began, and the names in what the provider keeps are those of the first.
 */
function isContinued(body: JsonObject): boolean {
  return body.store !== false || body.previous_response_id !== undefined || body.conversation !== undefined
}

function toMessages(body: JsonObject): JsonObject {
  const instructions = asText(body.instructions)
  const input = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : asArray(body.input).filter((item) => asObject(item)?.role !== undefined)
  return { messages: [...(instructions === null ? [] : [{ role: 'system', content: instructions }]), ...input] }
}
