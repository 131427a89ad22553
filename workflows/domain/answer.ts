/** What an answer says, read from its recorded bytes. Pure; the shipper, the learner and a reanalysis use this very function. */
import type { Dialect, Usage } from '../../db/types.ts'
import type { AnswerParts, ToolCall } from './answer-parts.ts'
import { readAnthropicEvents, readAnthropicMessage } from './anthropic-answer.ts'
import { readEventData } from './events.ts'
import { parseJson } from './json.ts'
import { readOpenaiChunks, readOpenaiCompletion } from './openai-answer.ts'
import { readsAsRefusal } from './refusal.ts'

export interface Answer {
  content: string | null
  toolCalls: ToolCall[]
  stopReason: string | null
  refusal: boolean
  usage: Usage | null
  cacheWriteTokens: number | null
}

const contentCharactersMax = 1_000_000
const toolCallsMax = 256

/** `stream`: the caller asked for one; an answer that is no event stream all the same (an error) is read as JSON. Never throws. */
export function readAnswer(dialect: Dialect, stream: boolean, text: string): Answer {
  const parts = stream && !/^\s*[{[]/.test(text) ? readStream(dialect, text) : readWhole(dialect, text)
  const content = parts.content === '' ? null : parts.content.slice(0, contentCharactersMax)
  return {
    content,
    toolCalls: parts.toolCalls.slice(0, toolCallsMax).map((call) => ({ name: call.name, arguments: call.arguments.slice(0, contentCharactersMax) })),
    stopReason: parts.stopReason,
    refusal: parts.declined || (content !== null && parts.toolCalls.length === 0 && readsAsRefusal(content)),
    usage: parts.usage,
    cacheWriteTokens: parts.cacheWriteTokens,
  }
}

function readWhole(dialect: Dialect, text: string): AnswerParts {
  const body = parseJson(text)
  return dialect === 'openai' ? readOpenaiCompletion(body) : readAnthropicMessage(body)
}

function readStream(dialect: Dialect, text: string): AnswerParts {
  const events = readEventData(text).filter((data) => data !== '[DONE]').map(parseJson)
  return dialect === 'openai' ? readOpenaiChunks(events) : readAnthropicEvents(events)
}
