/**
 * Puts a request's tools into the namespace of its caller: what is to be changed, and how the answer's names are put
 * back.
 */
import type { Wire } from '../../db/words/wire.ts'
import type { JsonEdit } from '../bytes/json-edit.ts'
import { asObject } from '../../workflows/domain/json/json.ts'
import { chatNames } from './chat-names.ts'
import { messagesNames } from './messages-names.ts'
import type { NameFinder } from './name-finders.ts'
import { createNamer } from './names.ts'
import { toPrefix, type NamespacePlace } from './prefix.ts'
import { responsesNames } from './responses-names.ts'

export const nameFinders: Readonly<Record<Wire, NameFinder>> = {
  chat: chatNames,
  responses: responsesNames,
  messages: messagesNames,
}

export interface NamespacePlan {
  /** One for each name in the body; they change nothing else. */
  edits: JsonEdit[]
  prefix: string
  /** The upstream's name → the client's. */
  restore: ReadonlyMap<string, string>
  /** What the provider calls by names of its own. */
  kept: ReadonlySet<string>
}

/**
 * `null` = nothing to do: the caller has no namespace, or the request no tools of the client. Takes any JSON, and never
 * throws.
 */
export function planNamespace(wire: Wire, body: unknown, place: NamespacePlace): NamespacePlan | null {
  const request = asObject(body)
  if (place.toolNamespace === 'off' || request === null) return null
  // Its answer is fetched by its id later, when nobody knows how its names were made.
  if (wire === 'responses' && request.background === true) return null
  const finder = nameFinders[wire]
  const kept = new Set(finder.providersOwn(request))
  const places = finder.inRequest(request).filter(({ name }) => !kept.has(name))
  if (places.length === 0) return null
  const prefix = toPrefix(wire, request, place)
  if (prefix === null) return null
  const namer = createNamer(prefix, kept)
  const edits = places.map(({ path, name }): JsonEdit => ({ kind: 'replace', path, text: namer.toUpstream(name) }))
  return { edits, prefix, restore: namer.restore, kept }
}
