/** Where the prompt is in a request body of either dialect. Pure. */
import type { Dialect } from '../../db/types.ts'
import { asArray, asObject } from './json.ts'

/** A place in a JSON body, outermost member first. */
export type JsonPath = (string | number)[]

export interface Prompt {
  /** The system prompt's text and where it stands; `null` = there is none that is one text. */
  system: { text: string; path: JsonPath } | null
  /** The first user message's text: it opens the conversation, so it is the same in every turn. */
  user: { text: string; path: JsonPath } | null
}

/** Reads the prompt of a parsed request body; bodies of other shapes have no prompt. Never throws. */
export function readPrompt(dialect: Dialect, body: unknown): Prompt {
  const request = asObject(body)
  const messages = asArray(request?.messages)
  const user = messages.findIndex((message) => asObject(message)?.role === 'user')
  return {
    system: dialect === 'anthropic' ? readText(request?.system, ['system']) : readSystemMessage(messages),
    user: user < 0 ? null : readText(asObject(messages[user])?.content, ['messages', user, 'content']),
  }
}

function readSystemMessage(messages: unknown[]): Prompt['system'] {
  const index = messages.findIndex((message) => ['system', 'developer'].includes(String(asObject(message)?.role)))
  return index < 0 ? null : readText(asObject(messages[index])?.content, ['messages', index, 'content'])
}

/** A text is a string, or a list of parts of which exactly one is text: with several, none of them is the prompt alone. */
function readText(content: unknown, path: JsonPath): { text: string; path: JsonPath } | null {
  if (typeof content === 'string') return { text: content, path }
  const parts = asArray(content)
  const texts = parts.flatMap((part, index) => (asObject(part)?.type === 'text' ? [index] : []))
  if (texts.length !== 1) return null
  const index = texts[0] as number
  const text = asObject(parts[index])?.text
  return typeof text === 'string' ? { text, path: [...path, index, 'text'] } : null
}
