/**
 * Whether a request has the shape that its wire format asks for: which members there must be, and of which type.
 * Ranges, names and combinations are the provider's business, and so is every member that is not named here. `null`
 * counts as left out.
 */
import type { Wire } from '../../db/words/wire.ts'

export interface ShapeFault {
  /** Where it is: `messages[2].content[0].type`. */
  field: string
  message: string
}

type Kind = 'text' | 'number' | 'flag' | 'object' | 'list'
type Json = Record<string, unknown>
/** Reports the first fault that it finds; `null` = none. */
type Check = (value: unknown, field: string) => ShapeFault | null

const words: Record<Kind, string> = {
  text: 'a string',
  number: 'a number',
  flag: 'true or false',
  object: 'an object',
  list: 'a list',
}

export function findShapeFault(wire: Wire, body: Json): ShapeFault | null {
  const opening =
    wire === 'responses'
      ? checkInput(body)
      : checkList(body.messages, 'messages', wire === 'chat' ? checkChatMessage : checkMessage)
  if (opening !== null) return opening
  for (const [name, kinds] of Object.entries(members[wire])) {
    const fault = isAbsent(body[name]) ? null : checkKind(body[name], name, kinds)
    if (fault !== null) return fault
  }
  if (isAbsent(body.tools)) return null
  return checkEach(body.tools as unknown[], 'tools', wire === 'chat' ? checkChatTool : checkTool)
}

const shared = {
  temperature: ['number'],
  top_p: ['number'],
  tools: ['list'],
  metadata: ['object'],
} as const satisfies Record<string, readonly Kind[]>

const members: Record<Wire, Readonly<Record<string, readonly Kind[]>>> = {
  chat: {
    ...shared,
    max_tokens: ['number'],
    max_completion_tokens: ['number'],
    n: ['number'],
    seed: ['number'],
    presence_penalty: ['number'],
    frequency_penalty: ['number'],
    logprobs: ['flag'],
    top_logprobs: ['number'],
    stop: ['text', 'list'],
    stream_options: ['object'],
    response_format: ['object'],
    tool_choice: ['text', 'object'],
    parallel_tool_calls: ['flag'],
    user: ['text'],
    logit_bias: ['object'],
    store: ['flag'],
    functions: ['list'],
    function_call: ['text', 'object'],
    reasoning_effort: ['text'],
  },
  responses: {
    ...shared,
    instructions: ['text', 'list'],
    max_output_tokens: ['number'],
    previous_response_id: ['text'],
    conversation: ['text', 'object'],
    prompt: ['object'],
    text: ['object'],
    reasoning: ['object'],
    tool_choice: ['text', 'object'],
    parallel_tool_calls: ['flag'],
    include: ['list'],
    store: ['flag'],
    background: ['flag'],
    stream_options: ['object'],
    user: ['text'],
  },
  messages: {
    ...shared,
    system: ['text', 'list'],
    max_tokens: ['number'],
    top_k: ['number'],
    stop_sequences: ['list'],
    tool_choice: ['object'],
    thinking: ['object'],
    output_config: ['object'],
    output_format: ['object'],
  },
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number'
    case 'flag':
      return typeof value === 'boolean'
    case 'list':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
  }
}

function checkKind(value: unknown, field: string, kinds: readonly Kind[]): ShapeFault | null {
  if (isAbsent(value)) return { field, message: 'is required' }
  return kinds.some((kind) => isKind(value, kind))
    ? null
    : { field, message: `must be ${kinds.map((kind) => words[kind]).join(' or ')}` }
}

/** A list that must be there. */
function checkList(value: unknown, field: string, check: Check): ShapeFault | null {
  return checkKind(value, field, ['list']) ?? checkEach(value as unknown[], field, check)
}

function checkEach(list: unknown[], field: string, check: Check): ShapeFault | null {
  for (let index = 0; index < list.length; index++) {
    const fault = check(list[index], `${field}[${index}]`)
    if (fault !== null) return fault
  }
  return null
}

/** Members that may be left out, and what they are where they are not. */
function checkMembers(
  holder: Json,
  field: string,
  kinds: Readonly<Record<string, readonly Kind[]>>,
): ShapeFault | null {
  for (const [name, wanted] of Object.entries(kinds)) {
    const fault = isAbsent(holder[name]) ? null : checkKind(holder[name], `${field}.${name}`, wanted)
    if (fault !== null) return fault
  }
  return null
}

const checkObject: Check = (value, field) => checkKind(value, field, ['object'])

const checkChatMessage: Check = (value, field) => {
  const fault = checkObject(value, field) ?? checkKind((value as Json).role, `${field}.role`, ['text'])
  if (fault !== null) return fault
  const { content, tool_calls: calls } = value as Json
  // An answer that only calls tools has none.
  const wrong =
    (isAbsent(content) ? null : checkContent(content, `${field}.content`)) ??
    checkMembers(value as Json, field, {
      tool_call_id: ['text'],
      name: ['text'],
      refusal: ['text'],
      function_call: ['object'],
    })
  return wrong ?? (isAbsent(calls) ? null : checkList(calls, `${field}.tool_calls`, checkCall))
}

/** Some makers' models write their arguments as an object. */
const checkCall: Check = (value, field) => {
  const fault =
    checkObject(value, field) ??
    checkMembers(value as Json, field, { id: ['text'], type: ['text'], function: ['object'], custom: ['object'] })
  const { function: named } = (value ?? {}) as Json
  if (fault !== null || isAbsent(named)) return fault
  return checkMembers(named as Json, `${field}.function`, { name: ['text'], arguments: ['text', 'object'] })
}

const checkMessage: Check = (value, field) =>
  checkObject(value, field) ??
  checkKind((value as Json).role, `${field}.role`, ['text']) ??
  checkContent((value as Json).content, `${field}.content`)

const checkTyped: Check = (value, field) =>
  checkObject(value, field) ?? checkKind((value as Json).type, `${field}.type`, ['text'])

const textParts: readonly unknown[] = ['text', 'input_text', 'output_text']

const checkPart: Check = (value, field) =>
  checkTyped(value, field) ??
  (textParts.includes((value as Json).type) ? checkKind((value as Json).text, `${field}.text`, ['text']) : null)

const checkContent: Check = (value, field) =>
  checkKind(value, field, ['text', 'list']) ?? (Array.isArray(value) ? checkEach(value, field, checkPart) : null)

function checkInput(body: Json): ShapeFault | null {
  const { input } = body
  // What the provider keeps may be all there is to go on with.
  if (isAbsent(input) && ['previous_response_id', 'conversation', 'prompt'].some((name) => !isAbsent(body[name])))
    return null
  return (
    checkKind(input, 'input', ['text', 'list']) ?? (Array.isArray(input) ? checkEach(input, 'input', checkItem) : null)
  )
}

/** A message may leave its type out, any other item may not. */
const checkItem: Check = (value, field) => {
  const fault = checkObject(value, field)
  if (fault !== null) return fault
  const { type, role, content } = value as Json
  if (!isAbsent(type)) {
    const wrong = checkKind(type, `${field}.type`, ['text'])
    if (wrong !== null || type !== 'message') return wrong
  }
  return checkKind(role, `${field}.role`, ['text']) ?? checkContent(content, `${field}.content`)
}

/** Some makers' own clients leave the type of a function out. */
const checkChatTool: Check = (value, field) => {
  const fault = checkObject(value, field) ?? (isAbsent((value as Json).type) ? null : checkTyped(value, field))
  const { type, function: named } = (value ?? {}) as Json
  if (fault !== null || (type !== 'function' && isAbsent(named))) return fault
  return (
    checkObject(named, `${field}.function`) ??
    checkKind((named as Json).name, `${field}.function.name`, ['text']) ??
    checkMembers(named as Json, `${field}.function`, shapeOfTool)
  )
}

const shapeOfTool = {
  description: ['text'],
  parameters: ['object'],
  input_schema: ['object'],
  strict: ['flag'],
} as const satisfies Record<string, readonly Kind[]>

/** What a tool is called, and what it takes, where it says so: those that the provider runs need neither. */
const checkTool: Check = (value, field) =>
  checkObject(value, field) ?? checkMembers(value as Json, field, { type: ['text'], name: ['text'], ...shapeOfTool })
