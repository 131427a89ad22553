import type { Wire } from '../../../db/words/wire.ts'

/**
 * What an API would refuse, as far as its documentation says it: shapes, roles, required members, limits. Returns the
 * first problem. Small on purpose: it is no schema, it is what a translation could get wrong.
 */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Fields = Record<string, Json | undefined>

export function requestProblem(dialect: Wire, body: string): string | undefined {
  const request = JSON.parse(body) as Fields
  if (typeof request.model !== 'string') return 'model must be a string'
  if (request.stream !== undefined && typeof request.stream !== 'boolean') return 'stream must be a boolean'
  if (dialect === 'chat')
    return first(list(request.messages, 'messages'), chatMessage) ?? first(list(request.tools ?? [], 'tools'), chatTool)
  if (dialect === 'messages') return messagesProblem(request)
  return (
    (typeof request.input === 'string' ? undefined : first(list(request.input, 'input'), responsesItem)) ??
    first(list(request.tools ?? [], 'tools'), responsesTool)
  )
}

function chatMessage(message: Fields): string | undefined {
  const { role, content } = message
  if (!['system', 'developer', 'user', 'assistant', 'tool'].includes(String(role))) return `role ${String(role)}`
  if (role === 'tool' && typeof message.tool_call_id !== 'string') return 'a tool message needs tool_call_id'
  if (content === null ? role !== 'assistant' : typeof content !== 'string' && !Array.isArray(content))
    return `content of ${String(role)}`
  if (content === null && message.tool_calls === undefined && message.refusal === undefined)
    return 'an assistant says nothing'
  const parts = Array.isArray(content)
    ? first(list(content, 'content'), (part) =>
        ['text', 'image_url', 'file', 'input_audio', 'refusal'].includes(String(part.type))
          ? undefined
          : `part ${String(part.type)}`,
      )
    : undefined
  return (
    parts ?? (message.tool_calls === undefined ? undefined : first(list(message.tool_calls, 'tool_calls'), chatCall))
  )
}

function chatCall(call: Fields): string | undefined {
  const body = (call.function ?? call.custom) as Fields | undefined
  if (typeof call.id !== 'string') return 'a call needs an id'
  return typeof body?.name === 'string' && typeof (body.arguments ?? body.input) === 'string'
    ? undefined
    : 'a call needs a name and arguments'
}

function chatTool(tool: Fields): string | undefined {
  const body = (tool.function ?? tool.custom) as Fields | undefined
  return typeof body?.name === 'string' ? undefined : 'a tool needs a name'
}

function messagesProblem(request: Fields): string | undefined {
  if (!Number.isFinite(request.max_tokens)) return 'max_tokens is required'
  if (typeof request.temperature === 'number' && (request.temperature < 0 || request.temperature > 1))
    return 'temperature is out of range'
  if (request.system !== undefined && typeof request.system !== 'string' && !Array.isArray(request.system))
    return 'system'
  return (
    first(list(request.messages, 'messages'), messagesMessage) ??
    first(list(request.tools ?? [], 'tools'), (tool) =>
      typeof tool.name === 'string' && isFields(tool.input_schema)
        ? undefined
        : 'a tool needs a name and an input_schema',
    )
  )
}

function messagesMessage(message: Fields): string | undefined {
  if (message.role !== 'user' && message.role !== 'assistant') return `role ${String(message.role)}`
  if (typeof message.content === 'string') return undefined
  let other = false
  return first(list(message.content, 'content'), (block) => {
    if (block.type === 'tool_result' && other) return 'results must stand before everything else'
    other ||= block.type !== 'tool_result'
    if (block.type === 'text')
      return block.text === '' || typeof block.text !== 'string' ? 'a text block must not be empty' : undefined
    if (block.type === 'tool_use')
      return typeof block.id === 'string' && /^[a-zA-Z0-9_-]*$/.test(block.id) && isFields(block.input)
        ? undefined
        : 'a tool_use needs an id of plain characters and an object as input'
    if (block.type === 'tool_result') return typeof block.tool_use_id === 'string' ? undefined : 'a result needs an id'
    if (block.type === 'thinking')
      return typeof block.signature === 'string' && block.signature !== '' ? undefined : 'thinking must be signed'
    return ['image', 'document', 'redacted_thinking'].includes(String(block.type))
      ? undefined
      : `block ${String(block.type)}`
  })
}

function responsesItem(item: Fields): string | undefined {
  switch (item.type ?? 'message') {
    case 'message':
      if (!['system', 'developer', 'user', 'assistant'].includes(String(item.role))) return `role ${String(item.role)}`
      return typeof item.content === 'string'
        ? undefined
        : first(list(item.content, 'content'), (part) =>
            (item.role === 'assistant'
              ? ['output_text', 'refusal']
              : ['input_text', 'input_image', 'input_file', 'input_audio']
            ).includes(String(part.type))
              ? undefined
              : `part ${String(part.type)}`,
          )
    case 'function_call':
      return typeof item.call_id === 'string' && typeof item.name === 'string' && typeof item.arguments === 'string'
        ? undefined
        : 'a function_call needs call_id, name and arguments'
    case 'custom_tool_call':
      return typeof item.call_id === 'string' && typeof item.input === 'string'
        ? undefined
        : 'a custom_tool_call needs call_id and input'
    case 'function_call_output':
    case 'custom_tool_call_output':
      return typeof item.call_id === 'string' && (typeof item.output === 'string' || Array.isArray(item.output))
        ? undefined
        : 'an output needs call_id and output'
    case 'reasoning':
      return Array.isArray(item.summary) && typeof item.encrypted_content === 'string'
        ? undefined
        : 'reasoning needs a summary and its encrypted content'
    default:
      return `item ${JSON.stringify(item.type)}`
  }
}

function responsesTool(tool: Fields): string | undefined {
  return typeof tool.name === 'string' && (tool.type === 'custom' || isFields(tool.parameters))
    ? undefined
    : 'a tool needs a name and parameters'
}

function isFields(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function list(value: Json | undefined, name: string): Json[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be a list`)
  return value
}

function first(values: readonly Json[], check: (value: Fields) => string | undefined): string | undefined {
  for (const value of values) {
    const problem = isFields(value) ? check(value) : 'an object is expected'
    if (problem !== undefined) return problem
  }
  return undefined
}
