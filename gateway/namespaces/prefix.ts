/**
 * Which namespace a request's tools are in: the same for all turns of a conversation, so that providers' prompt caches
 * keep hitting.
 */
import { hash } from 'node:crypto'
import type { Wire } from '../../db/words/wire.ts'
import { deriveOpeningKey } from '../../workflows/domain/exchanges/conversation.ts'
import { asText, type JsonObject } from '../../workflows/domain/json/json.ts'

export interface NamespacePlace {
  /** `keys[].toolNamespace` of the caller. */
  toolNamespace: string
  keyName: string
  endUser: string | null
  /** As the caller gave it; `null` = derived from how the conversation began. */
  sessionKey: string | null
  /** As it is sent upstream. */
  model: string
  /** The request as its caller wrote it, where Sinew has changed it since: what it changes may change between turns. */
  original?: JsonObject
}

/** `null` = names go as they are. */
export function toPrefix(wire: Wire, body: JsonObject, place: NamespacePlace): string | null {
  switch (place.toolNamespace) {
    case 'off':
      return null
    case 'model':
      return `m${toDigits(place.model)}`
    case 'session':
      return `s${toDigits(place.sessionKey ?? deriveSession(wire, place.original ?? body, place))}`
    default:
      return place.toolNamespace
  }
}

/** Begins with a letter, as Google wants names to; 32 bits tell a caller's sessions apart and say nothing of them. */
function toDigits(text: string): string {
  return hash('sha256', text).slice(0, 8)
}

function deriveSession(wire: Wire, body: JsonObject, { keyName, endUser }: NamespacePlace): string {
  const derived = wire === 'responses' && mayBeContinued(body) ? null : deriveOpeningKey(keyName, endUser, wire, body)
  // Nothing that all turns would have: then all of the caller's conversations share a namespace.
  return derived ?? JSON.stringify([keyName, endUser, asText(body.instructions)])
}

/**
 * A response that the provider keeps may be continued by its id: the next request then does not repeat how the
 * conversation began, and the names in what the provider keeps are those of the first. Where it keeps the conversation,
 * that has an id.
 */
function mayBeContinued(body: JsonObject): boolean {
  return (
    (body.store !== false || asText(body.previous_response_id) !== null) &&
    (body.conversation === undefined || body.conversation === null)
  )
}
