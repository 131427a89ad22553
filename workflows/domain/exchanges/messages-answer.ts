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

// oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
export function readMessageEvents(events: unknown[]): AnswerParts {
  let content = ''
  let stopReason: string | null = null
  let usage: JsonObject | null = null
  let id: string | null = null
  const calls = new Map<number, ToolCall>()
  for (const entry of events) {
    const event = asObject(entry)
    const index = asCount(event?.index) ?? 0
    switch (event?.type) {
      case 'message_start':
        id = asText(asObject(event.message)?.id)
        usage = mergeUsage(usage, asObject(asObject(event.message)?.usage))
        break
      case 'content_block_start': {
        const block = asObject(event.content_block)
        if (block?.type === 'text') content += asText(block.text) ?? ''
        if (block && toolBlock.test(String(block.type))) calls.set(index, toToolCall(block))
        break
      }
      case 'content_block_delta': {
        const delta = asObject(event.delta)
        const call = calls.get(index)
        content += asText(delta?.text) ?? ''
        if (call) calls.set(index, { name: call.name, arguments: call.arguments + (asText(delta?.partial_json) ?? '') })
        break
      }
      case 'message_delta':
        stopReason = asText(asObject(event.delta)?.stop_reason) ?? stopReason
        usage = mergeUsage(usage, asObject(event.usage))
        break
    }
  }
  return {
    content,
    toolCalls: [...calls.values()],
    stopReason,
    declined: stopReason === 'refusal',
    id,
    usage: readAnthropicUsage(usage),
  }
}

/** A block that opens a stream has an empty input, and its arguments follow in pieces. */
function toToolCall(block: JsonObject): ToolCall {
  const input = asObject(block.input)
  return {
    name: asText(block.name) ?? '',
    arguments: input && Object.keys(input).length > 0 ? JSON.stringify(input) : '',
  }
}

/** The last event's counts are the final ones; what it leaves out stays as the first said. */
function mergeUsage(before: JsonObject | null, after: JsonObject | null): JsonObject | null {
  if (after === null) return before
  const counted = Object.entries(after).filter(([, value]) => value !== null)
  return { ...before, ...Object.fromEntries(counted) }
}
