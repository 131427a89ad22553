/**
 * What an answer says, read from its recorded bytes. Pure; the shipper, the learner and a reanalysis use this very
 * function.
 */
import type { Usage } from '../../../db/words/exchange.ts'
import type { ProviderWire } from '../../../db/words/wire.ts'
import type { AnswerParts, ToolCall } from './answer-parts.ts'
import { readChatChunks, readChatCompletion } from './chat-answer.ts'
import { readGoogleAnswer, readGoogleChunks } from './google-answer.ts'
import { readMessage, readMessageEvents } from './messages-answer.ts'
import { readPassedThrough } from './passed-through.ts'
import type { ParsedAnswer } from './recorded-answer.ts'
import { readsAsDecline } from '../outcomes/decline.ts'
import { readResponse, readResponseEvents } from './responses-answer.ts'

export interface Answer {
  content: string | null
  toolCalls: ToolCall[]
  stopReason: string | null
  refusal: boolean
  /** Pictures or sound without words. */
  hasMedia?: true
  usage: Usage | null
}

export interface NamedAnswer extends Answer {
  /** As the provider names it. */
  id: string | null
}

const maxContentCharacters = 1_000_000
const maxToolCalls = 256

interface AnswerReader {
  readWhole(body: unknown): AnswerParts
  readEvents(events: unknown[]): AnswerParts
}

const readers: Readonly<Record<ProviderWire, AnswerReader>> = {
  chat: { readWhole: readChatCompletion, readEvents: readChatChunks },
  responses: { readWhole: readResponse, readEvents: readResponseEvents },
  messages: { readWhole: readMessage, readEvents: readMessageEvents },
  google: { readWhole: readGoogleAnswer, readEvents: readGoogleChunks },
}
const passedThrough: AnswerReader = {
  readWhole: readPassedThrough,
  readEvents: (events) => readPassedThrough(events.at(-1)),
}

/** `wire` is `null` where the call passes through: only the counted tokens are read then. Never throws. */
export function readParsedAnswer(wire: ProviderWire | null, answer: ParsedAnswer): NamedAnswer {
  const reader = wire === null ? passedThrough : readers[wire]
  const parts =
    answer.kind === 'events' ? reader.readEvents(answer.events.map(({ data }) => data)) : reader.readWhole(answer.body)
  const content = parts.content === '' ? null : parts.content.slice(0, maxContentCharacters)
  return {
    content,
    toolCalls: parts.toolCalls
      .slice(0, maxToolCalls)
      .map((call) => ({ name: call.name, arguments: call.arguments.slice(0, maxContentCharacters) })),
    stopReason: parts.stopReason,
    refusal: parts.declined || (content !== null && parts.toolCalls.length === 0 && readsAsDecline(content)),
    ...(parts.hasMedia === true && { hasMedia: true as const }),
    id: parts.id,
    usage: parts.usage,
  }
}
