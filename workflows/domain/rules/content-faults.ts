/**
 * What is wrong with a message's content. Unknown kinds count too: a caller's own pass, because only the faults that
 * a rule adds undo its edit.
 */
import { isObject } from './parameters.ts'
import type { Fields, Note } from './request-members.ts'

/** `full`: the dialect refuses texts without a word. */
export interface ContentRule {
  kinds: readonly string[]
  full: boolean
}

export const chatContent: ContentRule = { kinds: ['text', 'image_url', 'file', 'input_audio', 'refusal'], full: false }
export const systemContent: ContentRule = { kinds: ['text'], full: true }
export const messagesContent: ContentRule = {
  kinds: [
    'text',
    'image',
    'document',
    'tool_use',
    'tool_result',
    'thinking',
    'redacted_thinking',
    'search_result',
    'server_tool_use',
    'web_search_tool_result',
    'container_upload',
    'mcp_tool_use',
    'mcp_tool_result',
  ],
  full: true,
}
export const responsesInput: ContentRule = {
  kinds: ['input_text', 'input_image', 'input_file', 'input_audio'],
  full: false,
}
export const responsesOutput: ContentRule = { kinds: ['output_text', 'refusal'], full: false }

const textKinds = new Set(['text', 'input_text', 'output_text'])

export function findContentFaults(content: unknown, rule: ContentRule, note: Note): void {
  if (typeof content === 'string') return findTextFaults(content, rule, note)
  if (!Array.isArray(content) || (rule.full && content.length === 0))
    return note('content must be a text or a list of parts')
  let otherBefore = false
  for (const part of content) {
    if (!isObject(part)) {
      note('a part of content must be an object')
      continue
    }
    findPartFaults(part, rule, note)
    if (part.type === 'tool_result' && otherBefore) note('a result stands behind other content')
    otherBefore ||= part.type !== 'tool_result'
    blockFinders.get(part.type)?.(part, note)
  }
}

function findTextFaults(text: string, rule: ContentRule, note: Note): void {
  if (rule.full && text.trim() === '') note('a text is empty')
}

function findPartFaults(part: Fields, rule: ContentRule, note: Note): void {
  if (!rule.kinds.includes(String(part.type))) note('a part of content has a type that does not belong here')
  if (!textKinds.has(String(part.type))) return
  if (typeof part.text !== 'string') note('the text of a part must be a string')
  else findTextFaults(part.text, rule, note)
}

/** Parts that mean something only whole. */
const blockFinders = new Map<unknown, (block: Fields, note: Note) => void>([
  ['tool_use', findToolUseFaults],
  ['tool_result', findToolResultFaults],
  ['thinking', findThinkingFaults],
  ['redacted_thinking', needText('data', 'redacted thinking needs its data')],
  ['image', needObject('source', 'an image or a document needs a source')],
  ['document', needObject('source', 'an image or a document needs a source')],
  ['image_url', needObject('image_url', 'an image needs its address')],
  ['refusal', needText('refusal', 'a refusal needs its words')],
])

function needText(member: string, fault: string) {
  return (block: Fields, note: Note): void => {
    if (typeof block[member] !== 'string') note(fault)
  }
}

function needObject(member: string, fault: string) {
  return (block: Fields, note: Note): void => {
    if (!isObject(block[member])) note(fault)
  }
}

function findToolUseFaults({ id, name, input }: Fields, note: Note): void {
  const hasId = typeof id === 'string' && /^[a-zA-Z0-9_-]+$/.test(id)
  const hasName = typeof name === 'string' && name !== ''
  if (!hasId || !hasName || !isObject(input)) note('a tool_use needs an id, a name and an object as input')
}

function findToolResultFaults({ tool_use_id: id, content }: Fields, note: Note): void {
  if (typeof id !== 'string') note('a result needs the id of its call')
  if (content !== undefined && typeof content !== 'string' && !Array.isArray(content))
    note('the content of a result must be a text or a list')
}

function findThinkingFaults({ thinking, signature }: Fields, note: Note): void {
  if (typeof thinking !== 'string' || typeof signature !== 'string') note('thinking needs its signature')
}
