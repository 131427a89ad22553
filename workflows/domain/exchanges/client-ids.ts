/**
 * What a client says of the conversation and the person behind a request, in the members and headers that clients send.
 * Pure; the gateway (units of experiments, namespaces, conditions of rules) and the shipper use this very function.
 */
import type { Wire } from '../../../db/words/wire.ts'
import { asObject, asText, parseJson, type JsonObject } from '../json/json.ts'

export interface ClientIds {
  /** The conversation; `null` = the client names none. */
  session: string | null
  /** The same in every conversation of one person; `null` = the client names nobody. */
  endUser: string | null
  /** The id of the answer that this request goes on from. */
  previousAnswer: string | null
}

/** Answers a header's value by its name in lower case. */
export type HeaderReader = (name: string) => string | string[] | null | undefined

/** Sinew's own first; then Claude Code, Codex (a sub-agent is a thread of its session) and opencode. */
const sessionHeaders = [
  'x-sinew-session',
  'x-claude-code-session-id',
  'session-id',
  'session_id',
  'thread-id',
  'thread_id',
  'x-session-affinity',
]

/** `wire` is `null` where a call passes through, `body` where none could be read: then the headers alone count. */
export function readClientIds(readHeader: HeaderReader, wire: Wire | null, body: unknown): ClientIds {
  const request = wire === null ? null : asObject(body)
  const user = readUser(request)
  return {
    session:
      first(sessionHeaders.map((name) => readOne(readHeader(name)))) ??
      readConversationId(request) ??
      readCacheKey(request) ??
      user.session,
    endUser: readOne(readHeader('x-sinew-user')) ?? user.stable,
    previousAnswer: toId(request?.previous_response_id) ?? toId(asObject(request?.thread)?.previous_message_id),
  }
}

export function fromRecordedHeaders(headers: readonly [string, string][]): HeaderReader {
  return (name) => headers.find(([recorded]) => recorded === name)?.[1]
}

function readOne(value: ReturnType<HeaderReader>): string | null {
  return toId(Array.isArray(value) ? value[0] : value)
}

function toId(value: unknown): string | null {
  const text = asText(value)
  return text === null || text === '' ? null : text
}

function first(values: (string | null)[]): string | null {
  return values.find((value) => value !== null) ?? null
}

/** A conversation that the provider keeps, by its id. */
function readConversationId(request: JsonObject | null): string | null {
  return toId(request?.conversation) ?? toId(asObject(request?.conversation)?.id)
}

/**
 * Codex writes its thread's id there. Applications write one name for all of their requests, so that they share a
 * cached prefix: such a name has no digits but those of a version.
 */
function readCacheKey(request: JsonObject | null): string | null {
  const key = toId(request?.prompt_cache_key)
  return key !== null && /\d/.test(key.replace(/(?:^|[-_.:/ ])v\d+(?:\.\d+)*(?=$|[-_.:/ ])/gi, '')) ? key : null
}

const maxUserCharacters = 4_096
/** Claude Code's older form; the part in front of the session names the machine and the account. */
const accountAndSession = /^(user_.+?_account_.*?)_session_(.+)$/

/** The end user, in the part that stays the same; Claude Code puts its session beside it. */
function readUser(request: JsonObject | null): { stable: string | null; session: string | null } {
  // OpenAI's successor of `user` is meant to name the person; a `user` beside it may be one for the cache.
  const user = first([asObject(request?.metadata)?.user_id, request?.safety_identifier, request?.user].map(toId))
  if (user === null || user.length > maxUserCharacters) return { stable: user, session: null }
  const written = accountAndSession.exec(user)
  if (written !== null)
    return { stable: (written[1] as string).replace(/_account_$/, ''), session: written[2] as string }
  const members = user.startsWith('{') ? asObject(parseJson(user)) : null
  if (members === null || toId(members.session_id) === null) return { stable: user, session: null }
  return {
    stable: first([members.account_uuid, members.device_id, members.user_id].map(toId)),
    session: toId(members.session_id),
  }
}

/** The name of a conversation that no client named: by the exchange that began it. */
export function toDerivedSession(exchangeId: string): string {
  return `derived-${exchangeId}`
}

export function isDerivedSession(sessionKey: string): boolean {
  return sessionKey.startsWith('derived-')
}
