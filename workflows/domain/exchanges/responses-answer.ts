/** Answers of OpenAI's Responses: whole, or as the events of a stream. Pure. */
import type { AnswerParts, ToolCall } from './answer-parts.ts'
import { readOpenAiUsage } from './usage.ts'
import { asArray, asCount, asObject, asText, type JsonObject } from '../json/json.ts'

const nothing: AnswerParts = {
  content: '',
  toolCalls: [],
  stopReason: null,
  declined: false,
  usage: null,
  id: null,
}

/** Calls of every kind: functions, custom and the provider's own tools. */
const callItem = /_call$/

export function readResponse(body: unknown): AnswerParts {
  const response = asObject(body)
  if (response === null) return nothing
  const items = readObjects(response.output)
  const parts = items.flatMap((item) => readObjects(item.content))
  const stopReason = readStopReason(response)
  return {
    content: parts.map((part) => (part.type === 'output_text' ? (asText(part.text) ?? '') : '')).join(''),
    toolCalls: items.flatMap((item) => (callItem.test(String(item.type)) ? [toToolCall(item)] : [])),
    stopReason,
    declined: stopReason === 'content_filter' || parts.some((part) => part.type === 'refusal'),
    usage: readOpenAiUsage(asObject(response.usage)),
    id: asText(response.id),
  }
}

/**
 * The last event repeats the whole response, except where a server leaves its output out or the stream broke off
 * before: then its finished items count, and of the unfinished one what has come of it.
 */
// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
export function readResponseEvents(events: unknown[]): AnswerParts {
  const items = new Map<number, JsonObject>()
  let response: JsonObject = {}
  let failed = false
  for (const entry of events) {
    const event = asObject(entry)
    const index = asCount(event?.output_index) ?? 0
    response = asObject(event?.response) ?? response
    switch (event?.type) {
      case 'error':
        failed = true
        break
      case 'response.output_item.added':
      case 'response.output_item.done':
        items.set(index, { ...asObject(event.item) })
        break
      case 'response.output_text.delta':
        appendPart(items, index, 'output_text', asText(event.delta))
        break
      case 'response.refusal.delta':
        appendPart(items, index, 'refusal', asText(event.delta))
        break
      case 'response.function_call_arguments.delta':
        append(items, index, 'arguments', asText(event.delta))
        break
      case 'response.custom_tool_call_input.delta':
        append(items, index, 'input', asText(event.delta))
        break
    }
  }
  const streamed = [...items.entries()].sort(([a], [b]) => a - b).map(([, item]) => item)
  const output = asArray(response.output).length > 0 ? response.output : streamed
  return readResponse({ ...response, output, ...(failed && { status: 'failed' }) })
}

function readObjects(list: unknown): JsonObject[] {
  return asArray(list)
    .map(asObject)
    .filter((entry) => entry !== null)
}

/**
 * Why it is incomplete, else its status: `completed`, `failed`, or `queued` and `in_progress` where it is made in the
 * background.
 */
function readStopReason(response: JsonObject): string | null {
  const status = asText(response.status)
  return status === 'incomplete' ? (asText(asObject(response.incomplete_details)?.reason) ?? status) : status
}

function toToolCall(item: JsonObject): ToolCall {
  const written = asText(item.arguments) ?? asText(item.input)
  return {
    name: asText(item.name) ?? String(item.type),
    arguments: written ?? (asObject(item.action) ? JSON.stringify(item.action) : ''),
  }
}

function append(
  items: Map<number, JsonObject>,
  index: number,
  member: 'arguments' | 'input',
  piece: string | null,
): void {
  const item = items.get(index) ?? { type: member === 'input' ? 'custom_tool_call' : 'function_call' }
  items.set(index, { ...item, [member]: (asText(item[member]) ?? '') + (piece ?? '') })
}

function appendPart(
  items: Map<number, JsonObject>,
  index: number,
  type: 'output_text' | 'refusal',
  piece: string | null,
): void {
  const item = items.get(index) ?? { type: 'message' }
  const parts = asArray(item.content)
  const last = asObject(parts.at(-1))
  const joined =
    last?.type === type
      ? [...parts.slice(0, -1), { ...last, text: (asText(last.text) ?? '') + (piece ?? '') }]
      : [...parts, { type, text: piece ?? '' }]
  items.set(index, { ...item, content: joined })
}
