/**
 * What a request asked an answer to be: JSON, of a schema, calls of its own tools, of a length. Pure; all wires, by
 * their own members.
 */
import type { ToolCall } from '../exchanges/answer-parts.ts'
import { asArray, asCount, asObject, asText, parseJson, type JsonObject } from '../json/json.ts'
import type { AnswerFault } from './answer-fault.ts'
import { readToolChoice, type ToolChoice } from './tool-choice.ts'

export interface Expectations {
  /** `true` = any JSON object; a schema = JSON of that schema; `null` = free text. */
  json: { schema: JsonObject | boolean } | null
  /**
   * The tools it may call, with the schema of their arguments (`null` = free text or not stated). `null` = calls cannot
   * be checked.
   */
  tools: Map<string, JsonObject | null> | null
  /** `null` = the model may choose. */
  toolChoice: ToolChoice | null
  /** The most tokens that the answer may have. */
  outputLimit: number | null
  /** Texts end the answer, so that it may stop anywhere. */
  stopTexts: boolean
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

/** Members of a request, on any wire, that say what its answer should be. */
export const expectationMembers = [
  'response_format',
  'text',
  'output_config',
  'output_format',
  'functions',
  'mcp_servers',
  'tool_choice',
  'function_call',
  'toolConfig',
  'generationConfig',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'stop',
  'stop_sequences',
] as const

const anyObject: JsonObject = { type: 'object' }

export function readExpectations(body: unknown): Expectations {
  const request = asObject(body)
  const generation = asObject(request?.generationConfig)
  return {
    json: readFormat(request) ?? readGoogleFormat(generation),
    tools: readTools(request),
    toolChoice: readToolChoice(request),
    outputLimit:
      asCount(request?.max_completion_tokens) ??
      asCount(request?.max_output_tokens) ??
      asCount(request?.max_tokens) ??
      asCount(generation?.maxOutputTokens),
    stopTexts: [request?.stop, request?.stop_sequences, generation?.stopSequences].some(
      (stop) => typeof stop === 'string' || asArray(stop).length > 0,
    ),
  }
}

/**
 * Chat Completions: `response_format`. Responses: `text.format`. Messages: `output_config.format`, before that
 * `output_format`. The schema stands beside `type`, in Chat Completions one level deeper.
 */
function readFormat(request: JsonObject | null): Expectations['json'] {
  const formats = [
    request?.response_format,
    asObject(request?.text)?.format,
    asObject(request?.output_config)?.format,
    request?.output_format,
  ]
  const format = formats.map(asObject).find((form) => form !== null)
  if (format?.type === 'json_object') return { schema: anyObject }
  if (format?.type !== 'json_schema') return null
  const schema = asObject(asObject(format.json_schema)?.schema) ?? asObject(format.schema)
  return { schema: schema ?? true }
}

/** Gemini: a type of the answer, with a JSON Schema or a schema of its own making, which says types in capitals. */
function readGoogleFormat(generation: JsonObject | null): Expectations['json'] {
  if (generation?.responseMimeType !== 'application/json') return null
  return { schema: asObject(generation.responseJsonSchema) ?? true }
}

/**
 * Tools that the provider runs itself bring names of their own, so a request with one of them leaves nothing to check
 * by name.
 */
function readTools(request: JsonObject | null): Expectations['tools'] {
  const entries = asArray(request?.tools).map(asObject)
  const legacy = asArray(request?.functions).map(asObject)
  if (entries.length + legacy.length === 0 || asArray(request?.mcp_servers).length > 0) return null
  const tools = new Map<string, JsonObject | null>()
  for (const tool of [...entries.flatMap(toDeclarations), ...legacy.filter((tool) => tool !== null)]) {
    const named = readNamed(tool)
    if (named === null) return null
    tools.set(named.name, named.schema)
  }
  return tools
}

/** Gemini lists its functions one level deeper, and Responses those of a namespace. */
function toDeclarations(tool: JsonObject | null): (JsonObject | null)[] {
  const declared = asArray(tool?.functionDeclarations ?? tool?.function_declarations).map(asObject)
  return declared.length > 0 ? declared : [tool]
}

function readNamed(tool: JsonObject | null): { name: string; schema: JsonObject | null } | null {
  const named = asObject(tool?.function) ?? asObject(tool?.custom) ?? tool
  const name = asText(named?.name)
  const own = tool?.type === undefined || tool.type === 'function' || tool.type === 'custom'
  if (!own || name === null) return null
  return { name, schema: readSchema(named) }
}

function readSchema(named: JsonObject | null): JsonObject | null {
  const schemas = [named?.parameters, named?.input_schema, named?.parametersJsonSchema].map(asObject)
  const schema = schemas.find((entry) => entry !== null) ?? null
  // Gemini's own schemas say their types in capitals, which no validator of JSON Schema reads.
  return schema !== null && /^[A-Z]+$/.test(String(schema.type)) ? null : schema
}

/** What is wrong at sight, and what a schema has to tell. An answer that calls tools has not given its text yet. */
export function checkAnswer(
  expectations: Expectations,
  answer: AnswerText,
): { faults: AnswerFault[]; checks: SchemaCheck[] } {
  const faults = checkChoice(expectations, answer)
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

/** A tool that had to be called, or none that might. */
function checkChoice({ toolChoice, tools }: Expectations, { content, toolCalls }: AnswerText): AnswerFault[] {
  if (toolChoice === null) return []
  if (toolChoice.kind === 'none')
    return toolCalls.length > 0
      ? [{ code: 'unknown_tool', message: 'it calls a tool although it was told to call none', confidence: 0.9 }]
      : []
  if (toolCalls.length === 0)
    return content === null
      ? []
      : [{ code: 'tool_not_called', message: 'it did not call the tool that it had to call' }]
  const { names } = toolChoice
  if (names === null || toolCalls.some(({ name }) => names.includes(name))) return []
  // A tool that was not given at all has a fault of its own.
  return toolCalls.every(({ name }) => tools === null || tools.has(name))
    ? [{ code: 'tool_not_called', message: 'it called another tool than the one that it had to call' }]
    : []
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
