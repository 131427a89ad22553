/** Where the prompt is in a request body of any wire format. Pure. */
import type { Wire } from '../../../db/words/wire.ts'
import { asArray, asObject, type JsonObject } from '../json/json.ts'

/** A place in a JSON body, outermost member first. */
export type JsonPath = (string | number)[]

/** One string of the body that holds a part of a prompt's text. */
export interface TextBlock {
  text: string
  path: JsonPath
  /** What stands in front of the text in the same string and is no part of the prompt. */
  before: string
}

export interface PromptText {
  /** Texts of several blocks are joined by `blockSeparator`. */
  text: string
  /** Where the string stands; with `blocks`, where the list of content parts stands. */
  path: JsonPath
  /** Only where the text is not exactly one string of the body. */
  blocks?: TextBlock[]
}

export interface Prompt {
  /** The system prompt; `null` = there is none that can be read. */
  system: PromptText | null
  /** The first user message: it opens the conversation, so it is the same in every turn. */
  user: PromptText | null
}

export const blockSeparator = '\n\n'

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

function readInstructions(request: JsonObject | null): PromptText | null {
  return typeof request?.instructions === 'string'
    ? readText(request.instructions, ['instructions'])
    : readMessage(request?.input, 'input', systemRoles)
}

function readInput(request: JsonObject | null): PromptText | null {
  return typeof request?.input === 'string'
    ? readText(request.input, ['input'])
    : readMessage(request?.input, 'input', ['user'])
}

/** The first message of one of the roles. */
function readMessage(list: unknown, member: string, roles: string[]): PromptText | null {
  const messages = asArray(list)
  const index = messages.findIndex((message) => roles.includes(String(asObject(message)?.role)))
  return index < 0 ? null : readText(asObject(messages[index])?.content, [member, index, 'content'])
}

/** The Responses format has a type of its own for texts that go in. */
const textTypes = ['text', 'input_text']

/** A text is a string, or the text parts of a list, in order; pictures between them and blank parts are passed over. */
function readText(content: unknown, path: JsonPath): PromptText | null {
  if (typeof content === 'string') {
    const block = toBlock(content, path)
    return block === null ? null : block.before === '' ? { text: content, path } : { ...joinBlocks([block]), path }
  }
  const texts = asArray(content).flatMap((entry, index) => {
    const part = asObject(entry)
    return textTypes.includes(String(part?.type)) && typeof part?.text === 'string'
      ? [{ text: part.text, path: [...path, index, 'text'] }]
      : []
  })
  const [only] = texts
  if (only !== undefined && texts.length === 1) return readText(only.text, only.path)
  const blocks = texts.flatMap((text) => (text.text.trim() === '' ? [] : (toBlock(text.text, text.path) ?? [])))
  return blocks.length === 0 ? null : { ...joinBlocks(blocks), path }
}

function joinBlocks(blocks: TextBlock[]): { text: string; blocks: TextBlock[] } {
  return { text: blocks.map(({ text }) => text).join(blockSeparator), blocks }
}

/** Claude Code opens its system prompt with such a line; a part of it is another in each request. */
const billingLine = /^x-anthropic-billing-header:[^\n]*\n*/

/** `null` = nothing but the billing line stands in it. */
function toBlock(text: string, path: JsonPath): TextBlock | null {
  const before = billingLine.exec(text)?.[0] ?? ''
  return before !== '' && before.length === text.length
    ? null
    : { text: before === '' ? text : text.slice(before.length), path, before }
}
