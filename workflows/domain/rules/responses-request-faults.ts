/** What is wrong with a request of OpenAI's Responses beyond single parameters. */
import { findContentFaults, responsesInput, responsesOutput } from './content-faults.ts'
import { Calls, hasMember, readFullList, type Fields, type Note } from './request-members.ts'

export function findResponsesFaults(body: Fields, faults: string[]): void {
  if (hasMember(body, 'stream_options') && body.stream !== true) faults.push('stream_options: needs stream')
  if (typeof body.input === 'string') return
  // A stored conversation or prompt may say everything, calls included.
  const stored = hasMember(body, 'previous_response_id') || hasMember(body, 'conversation')
  if (!hasMember(body, 'input') && (stored || hasMember(body, 'prompt'))) return
  const note = (fault: string): void => void faults.push(`input: ${fault}`)
  const calls = new Calls((fault) => {
    if (!stored) note(fault)
  })
  for (const item of readFullList(body.input, 'input', faults)) {
    const { type = 'message' } = item
    if (typeof type !== 'string') note('the type of an item must be a string')
    else if (itemFinders.has(type)) itemFinders.get(type)?.(item, note, calls)
    else if (!otherItems.has(type)) note('an item has a type that is not known')
  }
  calls.end()
}

type FindItemFaults = (item: Fields, note: Note, calls: Calls) => void

/** The items that a rule can spoil; an item without a type is a message. */
const itemFinders = new Map<string, FindItemFaults>([
  ['message', findMessageFaults],
  ['function_call', (item, note, calls) => findCallFaults(item, item.arguments, note, calls)],
  ['custom_tool_call', (item, note, calls) => findCallFaults(item, item.input, note, calls)],
  ['function_call_output', findResultFaults],
  ['custom_tool_call_output', findResultFaults],
  ['reasoning', findReasoningFaults],
])

const roles: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant'])

function findMessageFaults({ role, content }: Fields, note: Note): void {
  if (!roles.has(role)) note('a message has no role, or an unknown one')
  findContentFaults(content, role === 'assistant' ? responsesOutput : responsesInput, note)
}

function findCallFaults(item: Fields, input: unknown, note: Note, calls: Calls): void {
  if (typeof item.call_id !== 'string' || typeof item.name !== 'string' || typeof input !== 'string')
    note('a call needs an id, a name and its arguments')
  calls.call(item.call_id)
}

function findResultFaults(item: Fields, note: Note, calls: Calls): void {
  if (typeof item.call_id !== 'string' || (typeof item.output !== 'string' && !Array.isArray(item.output)))
    note('a result needs the id of its call and an output')
  calls.answer(item.call_id)
}

function findReasoningFaults({ summary }: Fields, note: Note): void {
  if (!Array.isArray(summary)) note('reasoning needs a summary')
}

/** Items that pass unread. */
const otherItems = new Set([
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
