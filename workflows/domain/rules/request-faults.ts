/**
 * What is wrong with a request of its dialect, as far as a rule could have done it: required members, types, who may
 * speak, members that need each other, tool results without their call. A rule's edit is undone when it adds a fault.
 */
import type { Wire } from '../../../db/words/wire.ts'
import {
  chatContent,
  findChatCallFaults,
  findContentFaults,
  findToolFaults,
  messagesContent,
  responsesInput,
  responsesOutput,
  systemContent,
} from './content-faults.ts'
import { isObject, parameterChecks } from './parameters.ts'

type Fields = Record<string, unknown>

/** Each begins with its place; the same fault reads the same before and after an edit elsewhere. */
export function findRequestFaults(wire: Wire, body: unknown): string[] {
  if (!isObject(body)) return ['the body must be an object']
  const faults: string[] = []
  const checks = parameterChecks[wire]
  for (const name of Object.keys(body)) {
    const fault = Object.hasOwn(checks, name) ? checks[name]?.(body[name]) : null
    if (fault) faults.push(`${name}: ${fault}`)
  }
  if (!has(body, 'model')) faults.push('model: is required')
  if (!has(body, 'tools') && has(body, 'tool_choice')) faults.push('tool_choice: needs tools')
  findToolFaults(wire, body.tools, (fault) => faults.push(`tools: ${fault}`))
  if (wire === 'chat') findChatFaults(body, faults)
  else if (wire === 'messages') findMessagesFaults(body, faults)
  else findResponsesFaults(body, faults)
  return faults
}

function has(body: Fields, name: string): boolean {
  return Object.hasOwn(body, name) && body[name] !== null && body[name] !== undefined
}

/** Calls and their results by their ids; a result comes after its call. */
class Calls {
  readonly #called = new Set<string>()
  readonly #answered = new Set<string>()
  readonly #tell: (fault: string) => void

  constructor(tell: (fault: string) => void) {
    this.#tell = tell
  }

  call(id: unknown): void {
    this.#called.add(String(id))
  }

  answer(id: unknown): void {
    this.#answered.add(String(id))
    if (!this.#called.has(String(id))) this.#tell(`the result ${String(id)} has no call before it`)
  }

  end(): void {
    for (const id of this.#called) if (!this.#answered.has(id)) this.#tell(`the call ${id} has no result`)
  }
}

// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
function findChatFaults(body: Fields, faults: string[]): void {
  if (has(body, 'max_tokens') && has(body, 'max_completion_tokens'))
    faults.push('max_completion_tokens: stands beside max_tokens')
  if (has(body, 'stream_options') && body.stream !== true) faults.push('stream_options: needs stream')
  if (has(body, 'parallel_tool_calls') && !has(body, 'tools')) faults.push('parallel_tool_calls: needs tools')
  if (has(body, 'top_logprobs') && body.logprobs !== true) faults.push('top_logprobs: needs logprobs')
  const tell = (fault: string): void => void faults.push(`messages: ${fault}`)
  const calls = new Calls(tell)
  for (const message of readList(body.messages, 'messages', faults)) {
    const { role, content } = message
    if (!['system', 'developer', 'user', 'assistant', 'tool', 'function'].includes(String(role)))
      tell('a message has no role, or an unknown one')
    // Beside calls it may be null; some compatible servers want the member all the same.
    const silent = content === null
    if (role === 'assistant') findAssistantFaults(message, silent, calls, tell)
    else if (message.tool_calls !== undefined) tell('only an assistant calls tools')
    if (!(role === 'assistant' && silent)) findContentFaults(content, chatContent, tell)
    if (role !== 'tool') continue
    if (typeof message.tool_call_id !== 'string') tell('a result needs the id of its call')
    calls.answer(message.tool_call_id)
  }
  calls.end()
}

function findAssistantFaults(message: Fields, silent: boolean, calls: Calls, tell: (fault: string) => void): void {
  const made = message.tool_calls
  if (made !== undefined) {
    if (!Array.isArray(made) || made.length === 0) tell('tool_calls must be a list with at least one call')
    else {
      for (const call of made) {
        findChatCallFaults(call, tell)
        if (isObject(call)) calls.call(call.id)
      }
    }
  }
  const acts =
    (Array.isArray(made) && made.length > 0) ||
    isObject(message.function_call) ||
    isObject(message.audio) ||
    typeof message.refusal === 'string'
  if (silent && !acts) tell('an assistant says nothing')
}

function findMessagesFaults(body: Fields, faults: string[]): void {
  if (!has(body, 'max_tokens')) faults.push('max_tokens: is required')
  findThinkingFaults(body, faults)
  if (body.system !== undefined && body.system !== '')
    findContentFaults(body.system, systemContent, (fault) => faults.push(`system: ${fault}`))
  const tell = (fault: string): void => void faults.push(`messages: ${fault}`)
  const calls = new Calls(tell)
  const messages = readList(body.messages, 'messages', faults)
  if (messages[0] !== undefined && messages[0].role !== 'user') tell('the first message must be of the user')
  for (const { role, content } of messages) {
    if (role !== 'user' && role !== 'assistant') tell('a message has no role, or an unknown one')
    findContentFaults(content, messagesContent, tell)
    for (const block of Array.isArray(content) ? content.filter(isObject) : []) {
      if (block.type === 'tool_use') calls.call(block.id)
      else if (block.type === 'tool_result') calls.answer(block.tool_use_id)
    }
  }
  calls.end()
}

function findThinkingFaults({ thinking, max_tokens: most, temperature, top_k: topK }: Fields, faults: string[]): void {
  if (!isObject(thinking) || thinking.type !== 'enabled') return
  const budget = thinking.budget_tokens
  if (!Number.isInteger(budget) || (budget as number) < 1024)
    faults.push('thinking.budget_tokens: must be an integer of at least 1024')
  else if (typeof most === 'number' && (budget as number) >= most)
    faults.push('max_tokens: must be more than thinking.budget_tokens')
  if (temperature !== undefined && temperature !== 1) faults.push('temperature: must be 1 beside thinking')
  if (topK !== undefined) faults.push('top_k: cannot stand beside thinking')
}

// oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
function findResponsesFaults(body: Fields, faults: string[]): void {
  if (has(body, 'stream_options') && body.stream !== true) faults.push('stream_options: needs stream')
  if (typeof body.input === 'string') return
  // A stored conversation or prompt may say everything, calls included.
  const stored = has(body, 'previous_response_id') || has(body, 'conversation')
  if (!has(body, 'input') && (stored || has(body, 'prompt'))) return
  const tell = (fault: string): void => void faults.push(`input: ${fault}`)
  const calls = new Calls((fault) => {
    if (!stored) tell(fault)
  })
  for (const item of readList(body.input, 'input', faults)) {
    const { type } = item
    if (type === undefined || type === 'message') {
      if (!['system', 'developer', 'user', 'assistant'].includes(String(item.role)))
        tell('a message has no role, or an unknown one')
      findContentFaults(item.content, item.role === 'assistant' ? responsesOutput : responsesInput, tell)
    } else if (type === 'function_call' || type === 'custom_tool_call') {
      if (
        typeof item.call_id !== 'string' ||
        typeof item.name !== 'string' ||
        typeof (type === 'function_call' ? item.arguments : item.input) !== 'string'
      )
        tell('a call needs an id, a name and its arguments')
      calls.call(item.call_id)
    } else if (type === 'function_call_output' || type === 'custom_tool_call_output') {
      if (typeof item.call_id !== 'string' || (typeof item.output !== 'string' && !Array.isArray(item.output)))
        tell('a result needs the id of its call and an output')
      calls.answer(item.call_id)
    } else if (type === 'reasoning') {
      if (!Array.isArray(item.summary)) tell('reasoning needs a summary')
    } else if (typeof type !== 'string') tell('the type of an item must be a string')
    else if (!knownItems.has(type)) tell('an item has a type that is not known')
  }
  calls.end()
}

const knownItems = new Set([
  'item_reference',
  'file_search_call',
  'web_search_call',
  'computer_call',
  'computer_call_output',
  'code_interpreter_call',
  'image_generation_call',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'compaction',
])

function readList(value: unknown, name: string, faults: string[]): Fields[] {
  if (!Array.isArray(value) || value.length === 0) {
    faults.push(`${name}: must be a list with at least one member`)
    return []
  }
  if (!value.every(isObject)) faults.push(`${name}: each must be an object`)
  return value.filter(isObject)
}

/** The first fault that `after` has more often than `before` had it. */
export function findAddedFault(before: string[], after: string[]): string | null {
  const counts = new Map<string, number>()
  for (const fault of before) counts.set(fault, (counts.get(fault) ?? 0) + 1)
  for (const fault of after) {
    const left = counts.get(fault) ?? 0
    if (left === 0) return fault
    counts.set(fault, left - 1)
  }
  return null
}
