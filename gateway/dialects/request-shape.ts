/**
 * Whether a request has the shape that its wire format asks for: which members there must be, and of which type.
 * Ranges, names and combinations are the provider's business, and so is every member that is not named here. `null`
 * counts as left out.
 */
import type { Wire } from '../../db/words/wire.ts'

export interface ShapeFault {
  /** Where it is, seen from the body: `messages[2].content[0].type`. */
  field: string
  message: string
}

type Kind = 'text' | 'number' | 'flag' | 'object' | 'list'
type Json = Record<string, unknown>
/**
 * Reports the first fault that it finds, its field as seen from the value (`''` = the value itself, `.role`, `[2]`):
 * whoever holds the value puts the name before it. So the many that are right cost no text. `null` = none.
 */
type Check = (value: unknown) => ShapeFault | null

/** A member's name, as a path goes on with it, and the kinds that it may be. */
type Members = readonly (readonly [path: string, name: string, kinds: readonly Kind[]])[]

const words: Record<Kind, string> = {
  text: 'a string',
  number: 'a number',
  flag: 'true or false',
  object: 'an object',
  list: 'a list',
}

export function findShapeFault(wire: Wire, body: Json): ShapeFault | null {
  const fault =
    (wire === 'responses'
      ? checkInput(body)
      : within('.messages', checkList(body.messages, wire === 'chat' ? checkChatMessage : checkMessage))) ??
    checkMembers(body, members[wire]) ??
    (isAbsent(body.tools)
      ? null
      : within('.tools', checkEach(body.tools as unknown[], wire === 'chat' ? checkChatTool : checkTool)))
  return fault === null ? null : { field: fault.field.slice(1), message: fault.message }
}

/** The fault of a member, as its holder sees it. */
function within(path: string, fault: ShapeFault | null): ShapeFault | null {
  return fault === null ? null : { field: path + fault.field, message: fault.message }
}

function toMembers(kinds: Readonly<Record<string, readonly Kind[]>>): Members {
  return Object.entries(kinds).map(([name, wanted]) => [`.${name}`, name, wanted])
}

const shared = {
  temperature: ['number'],
  top_p: ['number'],
  tools: ['list'],
  metadata: ['object'],
} as const satisfies Record<string, readonly Kind[]>

const members: Record<Wire, Members> = {
  chat: toMembers({
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
  }),
  responses: toMembers({
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
  }),
  messages: toMembers({
    ...shared,
    system: ['text', 'list'],
    max_tokens: ['number'],
    top_k: ['number'],
    stop_sequences: ['list'],
    tool_choice: ['object'],
    thinking: ['object'],
    output_config: ['object'],
    output_format: ['object'],
  }),
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

const required: ShapeFault = { field: '', message: 'is required' }

function checkKind(value: unknown, kinds: readonly Kind[]): ShapeFault | null {
  if (isAbsent(value)) return required
  for (const kind of kinds) if (isKind(value, kind)) return null
  return { field: '', message: `must be ${kinds.map((kind) => words[kind]).join(' or ')}` }
}

/** A list that must be there. */
function checkList(value: unknown, check: Check): ShapeFault | null {
  return checkKind(value, list) ?? checkEach(value as unknown[], check)
}

function checkEach(values: unknown[], check: Check): ShapeFault | null {
  for (let index = 0; index < values.length; index++) {
    const fault = check(values[index])
    if (fault !== null) return within(`[${index}]`, fault)
  }
  return null
}

/** Members that may be left out, and what they are where they are not. */
function checkMembers(holder: Json, wanted: Members): ShapeFault | null {
  for (const [path, name, kinds] of wanted) {
    const value = holder[name]
    const fault = isAbsent(value) ? null : checkKind(value, kinds)
    if (fault !== null) return within(path, fault)
  }
  return null
}

const text: readonly Kind[] = ['text']
const list: readonly Kind[] = ['list']
const object: readonly Kind[] = ['object']
const textOrList: readonly Kind[] = ['text', 'list']

const checkObject: Check = (value) => checkKind(value, object)

const besideContent = toMembers({
  tool_call_id: ['text'],
  name: ['text'],
  refusal: ['text'],
  function_call: ['object'],
})

const checkChatMessage: Check = (value) => {
  const fault = checkObject(value) ?? within('.role', checkKind((value as Json).role, text))
  if (fault !== null) return fault
  const { content, tool_calls: calls } = value as Json
  return (
    // An answer that only calls tools has none.
    (isAbsent(content) ? null : within('.content', checkContent(content))) ??
    checkMembers(value as Json, besideContent) ??
    (isAbsent(calls) ? null : within('.tool_calls', checkList(calls, checkCall)))
  )
}

const ofCall = toMembers({ id: ['text'], type: ['text'], function: ['object'], custom: ['object'] })
/** Some makers' models write their arguments as an object. */
const ofCalledFunction = toMembers({ name: ['text'], arguments: ['text', 'object'] })

const checkCall: Check = (value) => {
  const fault = checkObject(value) ?? checkMembers(value as Json, ofCall)
  const { function: named } = (value ?? {}) as Json
  if (fault !== null || isAbsent(named)) return fault
  return within('.function', checkMembers(named as Json, ofCalledFunction))
}

const checkMessage: Check = (value) =>
  checkObject(value) ??
  within('.role', checkKind((value as Json).role, text)) ??
  within('.content', checkContent((value as Json).content))

const checkTyped: Check = (value) => checkObject(value) ?? within('.type', checkKind((value as Json).type, text))

const textParts: readonly unknown[] = ['text', 'input_text', 'output_text']

const checkPart: Check = (value) =>
  checkTyped(value) ??
  (textParts.includes((value as Json).type) ? within('.text', checkKind((value as Json).text, text)) : null)

const checkContent: Check = (value) =>
  checkKind(value, textOrList) ?? (Array.isArray(value) ? checkEach(value, checkPart) : null)

const kept = ['previous_response_id', 'conversation', 'prompt']

function checkInput(body: Json): ShapeFault | null {
  const { input } = body
  // What the provider keeps may be all there is to go on with.
  if (isAbsent(input) && kept.some((name) => !isAbsent(body[name]))) return null
  return within('.input', checkKind(input, textOrList) ?? (Array.isArray(input) ? checkEach(input, checkItem) : null))
}

/** A message may leave its type out, any other item may not. */
const checkItem: Check = (value) => {
  const fault = checkObject(value)
  if (fault !== null) return fault
  const { type, role, content } = value as Json
  if (!isAbsent(type)) {
    const wrong = within('.type', checkKind(type, text))
    if (wrong !== null || type !== 'message') return wrong
  }
  return within('.role', checkKind(role, text)) ?? within('.content', checkContent(content))
}

const shapeOfTool = {
  description: ['text'],
  parameters: ['object'],
  input_schema: ['object'],
  strict: ['flag'],
} as const satisfies Record<string, readonly Kind[]>

const ofFunction = toMembers(shapeOfTool)
const ofTool = toMembers({ type: ['text'], name: ['text'], ...shapeOfTool })

/** Some makers' own clients leave the type of a function out. */
const checkChatTool: Check = (value) => {
  const fault = checkObject(value) ?? (isAbsent((value as Json).type) ? null : checkTyped(value))
  const { type, function: named } = (value ?? {}) as Json
  if (fault !== null || (type !== 'function' && isAbsent(named))) return fault
  return within(
    '.function',
    checkObject(named) ??
      within('.name', checkKind((named as Json).name, text)) ??
      checkMembers(named as Json, ofFunction),
  )
}

/** What a tool is called, and what it takes, where it says so: those that the provider runs need neither. */
const checkTool: Check = (value) => checkObject(value) ?? checkMembers(value as Json, ofTool)
