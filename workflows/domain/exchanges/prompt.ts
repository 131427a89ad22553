/** Where the prompt is in a request body of any wire format. Pure. */
import type { Wire } from '../../../db/words/wire.ts'
import { asArray, asObject, type JsonObject } from '../json/json.ts'

/** A place in a JSON body, outermost member first. */
export type JsonPath = (string | number)[]

export interface Prompt {
  /** The system prompt's text and where it stands; `null` = there is none that is one text. */
  system: { text: string; path: JsonPath } | null
  /** The first user message's text: it opens the conversation, so it is the same in every turn. */
  user: { text: string; path: JsonPath } | null
}

const systemRoles = ['system', 'developer']

/**
 * Reads the prompt of a parsed request body; `wire` is `null` where there is none. Bodies of other shapes have no
 * prompt. Never throws.
 */
export function readPrompt(wire: Wire | null, body: unknown): Prompt {
  const request = asObject(body)
  switch (wire) {
    case 'chat':
      return {
        system: readMessage(request?.messages, 'messages', systemRoles),
        user: readMessage(request?.messages, 'messages', ['user']),
      }
    case 'messages':
      return {
        system: readText(request?.system, ['system']),
        user: readMessage(request?.messages, 'messages', ['user']),
      }
    case 'responses':
      return { system: readInstructions(request), user: continuesConversation(request) ? null : readInput(request) }
    case null:
      return { system: null, user: null }
  }
}

/** Whether earlier turns are kept by the provider: what this request says opens nothing. */
export function continuesConversation(request: JsonObject | null): boolean {
  return [request?.previous_response_id, request?.conversation].some(
    (before) => before !== undefined && before !== null,
  )
}

function readInstructions(request: JsonObject | null): Prompt['system'] {
  return typeof request?.instructions === 'string'
    ? readText(request.instructions, ['instructions'])
    : readMessage(request?.input, 'input', systemRoles)
}

function readInput(request: JsonObject | null): Prompt['user'] {
  return typeof request?.input === 'string'
    ? { text: request.input, path: ['input'] }
    : readMessage(request?.input, 'input', ['user'])
}

/** The first message of one of the roles, where it is one text. */
function readMessage(list: unknown, member: string, roles: string[]): Prompt['user'] {
  const messages = asArray(list)
  const index = messages.findIndex((message) => roles.includes(String(asObject(message)?.role)))
  return index < 0 ? null : readText(asObject(messages[index])?.content, [member, index, 'content'])
}

/** The Responses format tells the texts that go in from those that come out. */
const textTypes = ['text', 'input_text']

/**
 * A text is a string, or a list of parts of which exactly one is text: with several, none of them is the prompt alone.
 */
function readText(content: unknown, path: JsonPath): { text: string; path: JsonPath } | null {
  if (typeof content === 'string') return { text: content, path }
  const parts = asArray(content)
  const texts = parts.flatMap((part, index) => (textTypes.includes(String(asObject(part)?.type)) ? [index] : []))
  if (texts.length !== 1) return null
  const index = texts[0] as number
  const text = asObject(parts[index])?.text
  return typeof text === 'string' ? { text, path: [...path, index, 'text'] } : null
}
