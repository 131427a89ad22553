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
 * The last event repeats the whole response. Where a server leaves its output out, or the stream broke off before, we
 * take the items that were streamed: finished ones as they are, and of an unfinished one what has come of it.
 */
export function readResponseEvents(events: unknown[]): AnswerParts {
  const items: Items = new Map()
  let response: JsonObject = {}
  let failed = false
  for (const entry of events) {
    const event = asObject(entry)
    if (event === null) continue
    response = asObject(event.response) ?? response
    failed ||= event.type === 'error'
    itemReaders.get(event.type)?.(items, asCount(event.output_index) ?? 0, event)
  }
  const streamed = [...items.entries()].sort(([a], [b]) => a - b).map(([, item]) => item)
  const output = asArray(response.output).length > 0 ? response.output : streamed
  return readResponse({ ...response, output, ...(failed && { status: 'failed' }) })
}

/** The items of the output by their index. */
type Items = Map<number, JsonObject>

const itemReaders = new Map<unknown, (items: Items, index: number, event: JsonObject) => void>([
  ['response.output_item.added', setItem],
  ['response.output_item.done', setItem],
  ['response.output_text.delta', (items, index, { delta }) => appendPart(items, index, 'output_text', asText(delta))],
  ['response.refusal.delta', (items, index, { delta }) => appendPart(items, index, 'refusal', asText(delta))],
  [
    'response.function_call_arguments.delta',
    (items, index, { delta }) => append(items, index, 'arguments', asText(delta)),
  ],
  ['response.custom_tool_call_input.delta', (items, index, { delta }) => append(items, index, 'input', asText(delta))],
])

function setItem(items: Items, index: number, event: JsonObject): void {
  items.set(index, { ...asObject(event.item) })
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

function append(items: Items, index: number, member: 'arguments' | 'input', piece: string | null): void {
  const item = items.get(index) ?? { type: member === 'input' ? 'custom_tool_call' : 'function_call' }
  items.set(index, { ...item, [member]: (asText(item[member]) ?? '') + (piece ?? '') })
}

function appendPart(items: Items, index: number, type: 'output_text' | 'refusal', piece: string | null): void {
  const item = items.get(index) ?? { type: 'message' }
  const parts = asArray(item.content)
  const last = asObject(parts.at(-1))
  const joined =
    last?.type === type
      ? [...parts.slice(0, -1), { ...last, text: (asText(last.text) ?? '') + (piece ?? '') }]
      : [...parts, { type, text: piece ?? '' }]
  items.set(index, { ...item, content: joined })
}
