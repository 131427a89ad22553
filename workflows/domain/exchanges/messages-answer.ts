/** Answers of Anthropic's Messages: whole, or as the events of a stream. Pure. */
import type { AnswerParts, ToolCall } from './answer-parts.ts'
import { readAnthropicUsage } from './usage.ts'
import { asArray, asCount, asObject, asText, type JsonObject } from '../json/json.ts'

const toolBlock = /(^|_)tool_use$/

export function readMessage(body: unknown): AnswerParts {
  const message = asObject(body)
  const blocks = asArray(message?.content).map(asObject)
  const stopReason = asText(message?.stop_reason)
  return {
    content: blocks.map((block) => (block?.type === 'text' ? (asText(block.text) ?? '') : '')).join(''),
    toolCalls: blocks.flatMap((block) => (block && toolBlock.test(String(block.type)) ? [toToolCall(block)] : [])),
    stopReason,
    declined: stopReason === 'refusal',
    id: asText(message?.id),
    usage: readAnthropicUsage(asObject(message?.usage)),
  }
}

export function readMessageEvents(events: unknown[]): AnswerParts {
  const streamed: StreamedMessage = { content: '', calls: new Map(), stopReason: null, usage: null, id: null }
  for (const entry of events) {
    const event = asObject(entry)
    if (event !== null) eventReaders.get(event.type)?.(event, streamed)
  }
  const { content, calls, stopReason, usage, id } = streamed
  return {
    content,
    toolCalls: [...calls.values()],
    stopReason,
    declined: stopReason === 'refusal',
    id,
    usage: readAnthropicUsage(usage),
  }
}

/** What the events up to now have brought. */
interface StreamedMessage {
  content: string
  /** By the index of their block. */
  calls: Map<number, ToolCall>
  stopReason: string | null
  usage: JsonObject | null
  id: string | null
}

const eventReaders = new Map<unknown, (event: JsonObject, streamed: StreamedMessage) => void>([
  ['message_start', readStart],
  ['content_block_start', readBlockStart],
  ['content_block_delta', readBlockDelta],
  ['message_delta', readMessageDelta],
])

function readStart(event: JsonObject, streamed: StreamedMessage): void {
  const message = asObject(event.message)
  streamed.id = asText(message?.id)
  streamed.usage = mergeUsage(streamed.usage, asObject(message?.usage))
}

function readBlockStart(event: JsonObject, streamed: StreamedMessage): void {
  const block = asObject(event.content_block)
  if (block === null) return
  if (block.type === 'text') streamed.content += asText(block.text) ?? ''
  if (toolBlock.test(String(block.type))) streamed.calls.set(readIndex(event), toToolCall(block))
}

function readBlockDelta(event: JsonObject, streamed: StreamedMessage): void {
  const delta = asObject(event.delta)
  const call = streamed.calls.get(readIndex(event))
  streamed.content += asText(delta?.text) ?? ''
  if (call) call.arguments += asText(delta?.partial_json) ?? ''
}

function readMessageDelta(event: JsonObject, streamed: StreamedMessage): void {
  streamed.stopReason = asText(asObject(event.delta)?.stop_reason) ?? streamed.stopReason
  streamed.usage = mergeUsage(streamed.usage, asObject(event.usage))
}

function readIndex(event: JsonObject): number {
  return asCount(event.index) ?? 0
}

/** A block that opens a stream has an empty input, and its arguments follow in pieces. */
function toToolCall(block: JsonObject): ToolCall {
  const input = asObject(block.input)
  return {
    name: asText(block.name) ?? '',
    arguments: input && Object.keys(input).length > 0 ? JSON.stringify(input) : '',
  }
}

/** The last event's counts are the final ones; counts that it leaves out stay as the first event gave them. */
function mergeUsage(before: JsonObject | null, after: JsonObject | null): JsonObject | null {
  if (after === null) return before
  const counted = Object.entries(after).filter(([, value]) => value !== null)
  return { ...before, ...Object.fromEntries(counted) }
}
