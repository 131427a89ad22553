/** What is derived from a request's body for searching, and how its conversation opened. Pure. */
import type { Wire } from '../../../db/words/wire.ts'
import { hashText } from '../patterns/fingerprint.ts'
import { asArray, asObject, asText, isDeeperThan, type JsonObject } from '../json/json.ts'

export interface Searchable {
  /** The system prompt is the first of them in every format. */
  messages: unknown[] | null
  tools: unknown[] | null
  parameters: Record<string, unknown> | null
}

const nothing: Searchable = { messages: null, tools: null, parameters: null }
/** Deeper bodies are refused by the gateway; their records keep the bytes alone. */
export const depthMax = 200
const openingCharactersMax = 65_536

/** Where each format keeps the system prompt, if not among the messages, and the messages. */
const members = {
  chat: { system: null, messages: 'messages' },
  responses: { system: 'instructions', messages: 'input' },
  messages: { system: 'system', messages: 'messages' },
} as const satisfies Record<Wire, { system: string | null; messages: string }>

/** A conversation as its format has it; a text in the place of messages is one of the user. */
export function toMessages(wire: Wire | null, request: JsonObject | null): { system: unknown; messages: unknown[] } {
  if (wire === null || request === null) return { system: undefined, messages: [] }
  const { system, messages } = members[wire]
  const list = request[messages]
  return {
    system: system === null ? undefined : request[system],
    messages: typeof list === 'string' ? [{ role: 'user', content: list }] : asArray(list),
  }
}

/** `withMessages`: whether the messages are short enough to be kept beside the body. */
export function toSearchable(wire: Wire | null, body: unknown, withMessages = true): Searchable {
  const request = asObject(body)
  if (wire === null || request === null || isDeeperThan(request, depthMax)) return nothing
  const { system, messages } = toMessages(wire, request)
  const has = system !== undefined && system !== null
  const { model: _model, tools, ...parameters } = request
  if (members[wire].system !== null && has) delete parameters[members[wire].system]
  delete parameters[members[wire].messages]
  const tooling = { tools: Array.isArray(tools) ? (tools as unknown[]) : null, parameters }
  if (!withMessages) return { messages: null, ...tooling }
  const list = messages.length > 0 || Array.isArray(request[members[wire].messages]) ? messages : null
  return {
    messages: has ? [{ role: 'system', content: system }, ...messages] : list,
    ...tooling,
  }
}

/**
 * How a conversation opened, in one word: the same in all of its turns, so that what is chosen by it stays. Other
 * conversations of the key may have opened alike. `null` = there is nothing to go by: a request that names only the
 * answer before it (`previous_response_id`) says nothing of how it all began.
 */
export function deriveOpeningKey(
  keyName: string,
  endUser: string | null,
  wire: Wire | null,
  body: unknown,
): string | null {
  const request = asObject(body)
  const kept = wire === 'responses' ? readKeptConversation(request) : undefined
  const opening = kept === undefined ? readOpening(wire, request) : kept
  if (opening === null) return null
  return `opening-${hashText([keyName, endUser ?? '', ...opening].join('\n\n').slice(0, openingCharactersMax))}`
}

function readOpening(wire: Wire | null, request: JsonObject | null): string[] | null {
  const { system, messages } = toMessages(wire, request)
  const list = messages.map(asObject)
  const first = list.findIndex((message) => message?.role === 'user')
  if (first < 0) return null
  return [
    toPlainText(system),
    ...list.slice(0, first + 1).map((message) => `${asText(message?.role) ?? ''}\n${toPlainText(message?.content)}`),
  ]
}

/** `undefined` = the provider keeps nothing, the request holds all of it. */
function readKeptConversation(request: JsonObject | null): string[] | null | undefined {
  const conversation = asText(request?.conversation) ?? asText(asObject(request?.conversation)?.id)
  if (conversation !== null) return ['conversation', conversation]
  return asText(request?.previous_response_id) === null ? undefined : null
}

/** The texts alone: cache marks and the like move from turn to turn. */
function toPlainText(content: unknown): string {
  if (typeof content === 'string') return content
  return asArray(content)
    .map((part) => asText(asObject(part)?.text) ?? '')
    .join('\n')
}
