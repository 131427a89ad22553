/** Where the prompt is in a request body of any wire format. Pure. */
import type { Wire } from '../../../db/words/wire.ts'
import { asArray, asObject, type JsonObject } from '../json/json.ts'
import { trimVolatile } from './volatile-text.ts'

/** A place in a JSON body, outermost member first. */
export type JsonPath = (string | number)[]

/** One string of the body that holds a part of a prompt's text. */
export interface TextBlock {
  text: string
  path: JsonPath
  /** What stands in front of the text and behind it in the same string, and is no part of the prompt. */
  before: string
  after?: string
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
        system: readSystem(request?.messages, 'messages'),
        user: readUser(request?.messages, 'messages'),
      }
    case 'messages':
      return {
        system: readText(request?.system, ['system']),
        user: readUser(request?.messages, 'messages'),
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
    : readSystem(request?.input, 'input')
}

function readInput(request: JsonObject | null): PromptText | null {
  return typeof request?.input === 'string' ? readText(request.input, ['input']) : readUser(request?.input, 'input')
}

/** The first system or developer message, and those that follow it at once. */
function readSystem(list: unknown, member: string): PromptText | null {
  const messages = asArray(list)
  const first = messages.findIndex((message) => systemRoles.includes(roleOf(message)))
  if (first < 0) return null
  const texts: PromptText[] = []
  for (let index = first; index < messages.length && systemRoles.includes(roleOf(messages[index])); index++) {
    const text = readContent(messages[index], [member, index])
    if (text !== null) texts.push(text)
  }
  const [only] = texts
  if (only === undefined || texts.length === 1) return only ?? null
  return { ...joinBlocks(texts.flatMap(toBlocks)), path: [member] }
}

/** The first user message that says something, before the model has answered. */
function readUser(list: unknown, member: string): PromptText | null {
  for (const [index, message] of asArray(list).entries()) {
    if (roleOf(message) === 'assistant') return null
    const text = roleOf(message) === 'user' ? readContent(message, [member, index]) : null
    if (text !== null) return text
  }
  return null
}

function roleOf(message: unknown): string {
  return String(asObject(message)?.role)
}

function readContent(message: unknown, path: JsonPath): PromptText | null {
  return readText(asObject(message)?.content, [...path, 'content'])
}

function toBlocks({ text, path, blocks }: PromptText): TextBlock[] {
  return blocks ?? [{ text, path, before: '' }]
}

/** The Responses format has a type of its own for texts that go in. */
const textTypes = ['text', 'input_text']

/** A text is a string, or the text parts of a list, in order; pictures between them and blank parts are passed over. */
function readText(content: unknown, path: JsonPath): PromptText | null {
  if (typeof content === 'string') {
    const block = toBlock(content, path)
    if (block === null) return null
    return block.text === content ? { text: content, path } : { ...joinBlocks([block]), path }
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

/** `null` = nothing stands in it but what agents add to a prompt. */
function toBlock(content: string, path: JsonPath): TextBlock | null {
  const { before, text, after } = trimVolatile(content)
  if (text === '' && content !== '') return null
  return after === '' ? { text, path, before } : { text, path, before, after }
}
