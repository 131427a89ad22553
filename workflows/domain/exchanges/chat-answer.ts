/** Answers of OpenAI's Chat Completions: whole, or as the chunks of a stream. Pure. */
import type { Usage } from '../../../db/words/exchange.ts'
import type { AnswerParts, ToolCall } from './answer-parts.ts'
import { readOpenAiUsage } from './usage.ts'
import { asArray, asCount, asObject, asText, type JsonObject } from '../json/json.ts'

export function readChatCompletion(body: unknown): AnswerParts {
  const completion = asObject(body)
  const choice = asObject(asArray(completion?.choices)[0])
  const message = asObject(choice?.message)
  const stopReason = asText(choice?.finish_reason)
  return {
    content: readWords(choice, message),
    toolCalls: readToolCalls(message),
    stopReason,
    declined: Boolean(asText(message?.refusal)) || stopReason === 'content_filter',
    ...(hasMedia(message) && { hasMedia: true }),
    usage: readChatUsage(completion),
    id: asText(completion?.id),
  }
}

/** The first choice only: the others are variants of the same answer. */
export function readChatChunks(events: unknown[]): AnswerParts {
  const parts: AnswerParts = {
    content: '',
    toolCalls: [],
    stopReason: null,
    declined: false,
    usage: null,
    id: null,
  }
  const calls = new Map<number, ToolCall>()
  for (const event of events) {
    const chunk = asObject(event)
    parts.usage = readChatUsage(chunk) ?? parts.usage
    parts.id ??= asText(chunk?.id)
    for (const entry of asArray(chunk?.choices)) {
      const choice = asObject(entry)
      if (choice !== null && (asCount(choice.index) ?? 0) === 0) addChoice(parts, calls, choice)
    }
  }
  parts.declined ||= parts.stopReason === 'content_filter'
  parts.toolCalls = [...calls.entries()].sort(([a], [b]) => a - b).map(([, call]) => call)
  return parts
}

function addChoice(parts: AnswerParts, calls: Map<number, ToolCall>, choice: JsonObject): void {
  const delta = asObject(choice.delta)
  parts.content += readWords(choice, delta)
  if (hasMedia(delta)) parts.hasMedia = true
  parts.declined ||= Boolean(asText(delta?.refusal))
  parts.stopReason = asText(choice.finish_reason) ?? parts.stopReason
  addToolCallDeltas(calls, delta)
}

/** Pictures as several servers send them, and sound. */
function hasMedia(message: JsonObject | null): boolean {
  const inContent = asArray(message?.content).some((part) => /image|audio/.test(String(asObject(part)?.type)))
  return inContent || asArray(message?.images).length > 0 || asText(asObject(message?.audio)?.data) !== null
}

/** What is said: written, spoken, or in the form of the older completions. */
function readWords(choice: JsonObject | null, message: JsonObject | null): string {
  return readText(message?.content) || (asText(asObject(message?.audio)?.transcript) ?? asText(choice?.text) ?? '')
}

/** A text, or Mistral's list of parts, of which the texts count. */
function readText(content: unknown): string {
  if (typeof content === 'string') return content
  return asArray(content)
    .map((part) => asText(asObject(part)?.text) ?? '')
    .join('')
}

function readToolCalls(message: JsonObject | null): ToolCall[] {
  const calls = asArray(message?.tool_calls).map((call) => toToolCall(asObject(call)))
  const legacy = asObject(message?.function_call)
  if (legacy) calls.push(toToolCall({ function: legacy }))
  return calls
}

function toToolCall(call: JsonObject | null): ToolCall {
  const custom = asObject(call?.custom)
  const named = asObject(call?.function) ?? custom
  return { name: asText(named?.name) ?? '', arguments: asText(custom ? custom.input : named?.arguments) ?? '' }
}

/** A call's first delta names it, the following ones carry pieces of its arguments. */
function addToolCallDeltas(calls: Map<number, ToolCall>, delta: JsonObject | null): void {
  const deltas = asArray(delta?.tool_calls)
  const legacy = asObject(delta?.function_call)
  if (legacy) deltas.push({ index: 0, function: legacy })
  deltas.forEach((entry, place) => {
    const piece = toToolCall(asObject(entry))
    const index = asCount(asObject(entry)?.index) ?? place
    const call = calls.get(index) ?? { name: '', arguments: '' }
    calls.set(index, { name: call.name + piece.name, arguments: call.arguments + piece.arguments })
  })
}

/** Groq's last chunk carries it one level down. */
export function readChatUsage(completion: JsonObject | null): Usage | null {
  return readOpenAiUsage(asObject(completion?.usage) ?? asObject(asObject(completion?.x_groq)?.usage))
}
