/**
 * Evidence that one request goes on with the conversation of another: its history holds the earlier request's messages
 * and the answer that was recorded. Each turn is hashed onto those before it, so that an earlier exchange is found by
 * one look-up. Pure.
 */
import type { Wire } from '../../../db/words/wire.ts'
import { hashWords } from '../patterns/fingerprint.ts'
import type { ToolCall } from './answer-parts.ts'
import { readChatCompletion } from './chat-answer.ts'
import { depthMax, toMessages } from './conversation.ts'
import { asArray, asObject, asText, isDeeperThan, parseJson, type JsonObject } from '../json/json.ts'
import { readMessage } from './messages-answer.ts'
import { readResponse } from './responses-answer.ts'

export interface ConversationLinks {
  /** All that was said up to this request; `null` = its answer goes on with a turn of the model's, which has no end. */
  whole: string | null
  /** One for each answer in the history, the latest first: what it and all before it come to. */
  history: string[]
}

/** An answer, whole: as it was recorded, or as a later request repeats it. */
interface Said {
  content: string | null
  toolCalls: readonly ToolCall[]
}

/** What an earlier answer was is looked up so far back; a conversation that was cut in its middle is another one. */
const maxHistory = 16

/**
 * `scope` names whose conversations can be one: the caller's key and its end user. `null` = there is no conversation in
 * the body. Never throws.
 */
export function readConversation(scope: string, wire: Wire | null, body: unknown): ConversationLinks | null {
  const request = asObject(body)
  if (wire === null || request === null || isDeeperThan(request, depthMax)) return null
  let link = hashWords(scope)
  let turns = 0
  let said: { content: string; toolCalls: ToolCall[] } | null = null
  const history: string[] = []
  const endAnswer = (): void => {
    const next = said && toAnswerLink(link, said)
    said = null
    if (next === null) return
    link = next
    history.unshift(link)
  }
  for (const message of toMessages(wire, request).messages.map(asObject)) {
    if (message === null || isOfNoTurn(message)) continue
    turns++
    const answer = readAnswered(wire, message)
    if (answer === null) {
      endAnswer()
      link = hashWords([link, ...toTurn(message)].join(separator))
    } else {
      // The Responses format has an item for each part of one answer.
      said ??= { content: '', toolCalls: [] }
      said.content += answer.content ?? ''
      said.toolCalls.push(...answer.toolCalls)
    }
  }
  const open = said !== null
  endAnswer()
  return turns === 0 ? null : { whole: open ? null : link, history: history.slice(0, maxHistory) }
}

/** What all that was said and an answer to it come to. `null` = nothing was answered that could be found again. */
export function toAnswerLink(whole: string, { content, toolCalls }: Said): string | null {
  const text = content ?? ''
  if (text.trim() === '' && toolCalls.length === 0) return null
  const calls = toolCalls.flatMap((call) => [call.name, toPlainArguments(call.arguments)])
  return hashWords([whole, 'answer', text, ...calls].join(separator))
}

/** Instructions may name the hour; and what a model thought is not repeated by every client. */
function isOfNoTurn({ role, type }: JsonObject): boolean {
  return role === 'system' || role === 'developer' || type === 'reasoning'
}

/** `null` = it is no part of an answer. */
function readAnswered(wire: Wire, message: JsonObject): Said | null {
  if (wire === 'responses' && String(message.type).endsWith('_call')) return readResponse({ output: [message] })
  if (message.role !== 'assistant') return null
  if (wire === 'chat') return readChatCompletion({ choices: [{ message }] })
  if (typeof message.content === 'string') return { content: message.content, toolCalls: [] }
  if (wire === 'messages') return readMessage(message)
  const texts = asArray(message.content).map((part) => asText(asObject(part)?.text) ?? '')
  return { content: texts.join(''), toolCalls: [] }
}

/** Between the parts of a turn; spaces count for nothing, because clients trim and wrap texts as they like. */
const separator = '\u0001'

/** A turn of the user's or of a tool; cache marks move from turn to turn, ids of items come and go. */
function toTurn(message: JsonObject): string[] {
  const { content, output } = message
  const parts = typeof content === 'string' ? [content] : asArray(content).map(toPartText)
  const result = output === undefined ? '' : typeof output === 'string' ? output : stringify(output)
  return [String(message.role ?? message.type), ...parts, result]
}

function toPartText(part: unknown): string {
  const text = asText(asObject(part)?.text)
  return text ?? stringify(part)
}

function stringify(value: unknown): string {
  return JSON.stringify(value, (name, member: unknown) => (name === 'cache_control' ? undefined : member)) ?? ''
}

function toPlainArguments(written: string): string {
  const parsed = asObject(parseJson(written))
  if (parsed === null) return written
  return Object.keys(parsed).length === 0 ? '' : JSON.stringify(parsed)
}
