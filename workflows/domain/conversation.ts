/** What is derived from a request's body for searching, and which conversation it belongs to. Pure. */
import type { Dialect } from '../../db/types.ts'
import { hashText } from './fingerprint.ts'
import { asArray, asObject, asText, isDeeperThan } from './json.ts'

export interface Searchable {
  /** The system prompt is the first of them in both dialects. */
  messages: unknown[] | null
  tools: unknown[] | null
  parameters: Record<string, unknown> | null
}

const nothing: Searchable = { messages: null, tools: null, parameters: null }
/** Deeper bodies are refused by the gateway; their records keep the bytes alone. */
const depthMax = 200
const openingCharactersMax = 65_536

export function toSearchable(dialect: Dialect, body: unknown): Searchable {
  const request = asObject(body)
  if (request === null || isDeeperThan(request, depthMax)) return nothing
  const { model: _model, messages, tools, ...parameters } = request
  const system = dialect === 'anthropic' ? parameters.system : undefined
  if (system !== undefined) delete parameters.system
  const list = Array.isArray(messages) ? (messages as unknown[]) : null
  return {
    messages: system === undefined ? list : [{ role: 'system', content: system }, ...(list ?? [])],
    tools: Array.isArray(tools) ? (tools as unknown[]) : null,
    parameters,
  }
}

/**
 * Every turn of a conversation repeats how it began, so the caller's key, its end user, the system prompt and the messages
 * up to the first of the user name it. `null` = there is nothing to go by.
 */
export function deriveSessionKey(keyName: string, endUser: string | null, dialect: Dialect, body: unknown): string | null {
  const request = asObject(body)
  const messages = asArray(request?.messages).map(asObject)
  const first = messages.findIndex((message) => message?.role === 'user')
  if (first < 0) return null
  const system = dialect === 'anthropic' ? toPlainText(request?.system) : ''
  const opening = messages.slice(0, first + 1).map((message) => `${asText(message?.role) ?? ''}\n${toPlainText(message?.content)}`)
  const text = [keyName, endUser ?? '', system, ...opening].join('\n\n').slice(0, openingCharactersMax)
  return `derived-${hashText(text)}`
}

/** The texts alone: cache marks and the like move from turn to turn. */
function toPlainText(content: unknown): string {
  if (typeof content === 'string') return content
  return asArray(content).map((part) => asText(asObject(part)?.text) ?? '').join('\n')
}
