/**
 * What a request asked an answer to be: JSON, of a schema, and calls of its own tools only. Pure; all wires, by their
 * own members.
 */
import type { ToolCall } from '../exchanges/answer-parts.ts'
import { asArray, asObject, asText, parseJson, type JsonObject } from '../json/json.ts'
import type { AnswerFault } from './score.ts'

export interface Expectations {
  /** `true` = any JSON object; a schema = JSON of that schema; `null` = free text. */
  json: { schema: JsonObject | boolean } | null
  /**
   * The tools it may call, with the schema of their arguments (`null` = free text or not stated). `null` = calls cannot
   * be checked.
   */
  tools: Map<string, JsonObject | null> | null
}

/** A value that must match a schema, and what it means when it does not. */
export interface SchemaCheck {
  schema: JsonObject
  value: unknown
  fault: AnswerFault
}

export interface AnswerText {
  content: string | null
  toolCalls: ToolCall[]
}

const anyObject: JsonObject = { type: 'object' }

export function readExpectations(body: unknown): Expectations {
  const request = asObject(body)
  return { json: readFormat(request), tools: readTools(request) }
}

/**
 * Chat Completions: `response_format`. Responses: `text.format`. Messages: `output_config.format`, before that
 * `output_format`. The schema stands beside `type`, in Chat Completions one level deeper.
 */
// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
function readFormat(request: JsonObject | null): Expectations['json'] {
  const format =
    asObject(request?.response_format) ??
    asObject(asObject(request?.text)?.format) ??
    asObject(asObject(request?.output_config)?.format) ??
    asObject(request?.output_format)
  if (format?.type === 'json_object') return { schema: anyObject }
  if (format?.type !== 'json_schema') return null
  const schema = asObject(asObject(format.json_schema)?.schema) ?? asObject(format.schema)
  return { schema: schema ?? true }
}

/**
 * Tools that the provider runs itself bring names of their own, so a request with one of them leaves nothing to check
 * by name.
 */
// oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
function readTools(request: JsonObject | null): Expectations['tools'] {
  const entries = asArray(request?.tools).map(asObject)
  const legacy = asArray(request?.functions).map(asObject)
  if (entries.length + legacy.length === 0 || asArray(request?.mcp_servers).length > 0) return null
  const tools = new Map<string, JsonObject | null>()
  for (const tool of entries) {
    const named = asObject(tool?.function) ?? asObject(tool?.custom) ?? tool
    const name = asText(named?.name)
    const own = tool?.type === undefined || tool.type === 'function' || tool.type === 'custom'
    if (!own || name === null) return null
    tools.set(name, asObject(named?.parameters) ?? asObject(named?.input_schema))
  }
  for (const tool of legacy) {
    const name = asText(tool?.name)
    if (name !== null) tools.set(name, asObject(tool?.parameters))
  }
  return tools
}

/** What is wrong at sight, and what a schema has to tell. An answer that calls tools has not given its text yet. */
export function checkAnswer(
  expectations: Expectations,
  answer: AnswerText,
): { faults: AnswerFault[]; checks: SchemaCheck[] } {
  const faults: AnswerFault[] = []
  const checks: SchemaCheck[] = []
  for (const call of answer.toolCalls) checkCall(expectations.tools, call, faults, checks)
  if (expectations.json !== null && answer.toolCalls.length === 0 && answer.content !== null) {
    const value = readJson(answer.content)
    if (value === undefined)
      faults.push({ code: 'invalid_json', message: 'the answer is not the JSON that was asked for' })
    else if (typeof expectations.json.schema === 'object') {
      checks.push({
        schema: expectations.json.schema,
        value,
        fault: { code: 'schema_violation', message: 'the answer does not match the schema that was asked for' },
      })
    }
  }
  return { faults, checks }
}

function checkCall(tools: Expectations['tools'], call: ToolCall, faults: AnswerFault[], checks: SchemaCheck[]): void {
  if (tools === null) return
  const schema = tools.get(call.name)
  if (schema === undefined)
    return void faults.push({ code: 'unknown_tool', message: 'it calls a tool that it was not given' })
  if (schema === null) return
  // Models leave the arguments out where there are none to give.
  const value = call.arguments.trim() === '' ? {} : readJson(call.arguments)
  if (value === undefined)
    faults.push({ code: 'invalid_arguments', message: 'the arguments of a tool call are not JSON' })
  else
    checks.push({
      schema,
      value,
      fault: { code: 'arguments_violation', message: 'the arguments of a tool call do not match their schema' },
    })
}

/** `undefined` = it is no JSON; `parseJson` says `null` to both. */
function readJson(text: string): unknown {
  const value = parseJson(text)
  return value === null && text.trim() !== 'null' ? undefined : value
}
