/** What is wrong with a request of Chat Completions beyond single parameters. */
import { chatContent, findContentFaults } from './content-faults.ts'
import { isObject } from './parameters.ts'
import { Calls, hasMember, readFullList, type Fields, type Note } from './request-members.ts'

const roles: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function'])

export function findChatFaults(body: Fields, faults: string[]): void {
  findParameterFaults(body, faults)
  const note = (fault: string): void => void faults.push(`messages: ${fault}`)
  const calls = new Calls(note)
  for (const message of readFullList(body.messages, 'messages', faults)) {
    if (!roles.has(message.role)) note('a message has no role, or an unknown one')
    if (message.role === 'assistant') findAssistantFaults(message, calls, note)
    else findOtherFaults(message, calls, note)
  }
  calls.end()
}

/** Parameters that need each other, or exclude each other. */
function findParameterFaults(body: Fields, faults: string[]): void {
  if (hasMember(body, 'max_tokens') && hasMember(body, 'max_completion_tokens'))
    faults.push('max_completion_tokens: stands beside max_tokens')
  if (hasMember(body, 'stream_options') && body.stream !== true) faults.push('stream_options: needs stream')
  if (hasMember(body, 'parallel_tool_calls') && !hasMember(body, 'tools'))
    faults.push('parallel_tool_calls: needs tools')
  if (hasMember(body, 'top_logprobs') && body.logprobs !== true) faults.push('top_logprobs: needs logprobs')
}

function findAssistantFaults(message: Fields, calls: Calls, note: Note): void {
  const made = message.tool_calls
  if (made !== undefined) noteCalls(made, calls, note)
  if (message.content !== null) return findContentFaults(message.content, chatContent, note)
  // Beside calls it may be null; some compatible servers want the member all the same.
  if (!doesSomething(message)) note('an assistant says nothing')
}

function noteCalls(made: unknown, calls: Calls, note: Note): void {
  if (!Array.isArray(made) || made.length === 0) return note('tool_calls must be a list with at least one call')
  for (const call of made) {
    findCallFaults(call, note)
    if (isObject(call)) calls.call(call.id)
  }
}

function findCallFaults(call: unknown, note: Note): void {
  const body = isObject(call) ? (call.function ?? call.custom) : null
  if (
    !isObject(call) ||
    typeof call.id !== 'string' ||
    !isObject(body) ||
    typeof body.name !== 'string' ||
    typeof (body.arguments ?? body.input) !== 'string'
  )
    note('a call needs an id, a name and its arguments')
}

/** An assistant's message without content does something else: it calls, speaks, or declines. */
function doesSomething(message: Fields): boolean {
  return (
    (Array.isArray(message.tool_calls) && message.tool_calls.length > 0) ||
    isObject(message.function_call) ||
    isObject(message.audio) ||
    typeof message.refusal === 'string'
  )
}

function findOtherFaults(message: Fields, calls: Calls, note: Note): void {
  if (message.tool_calls !== undefined) note('only an assistant calls tools')
  findContentFaults(message.content, chatContent, note)
  if (message.role !== 'tool') return
  if (typeof message.tool_call_id !== 'string') note('a result needs the id of its call')
  calls.answer(message.tool_call_id)
}
