/**
 * What is wrong with a message's content, a tool's call or a tool's definition. Unknown kinds count too: a caller's own
 * pass, a rule does not make one.
 */
import { isObject } from './parameters.ts'

type Fields = Record<string, unknown>
type Tell = (fault: string) => void

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

// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
export function findContentFaults(content: unknown, rule: ContentRule, tell: Tell): void {
  if (typeof content === 'string') {
    if (rule.full && content.trim() === '') tell('a text is empty')
    return
  }
  if (!Array.isArray(content) || (rule.full && content.length === 0))
    return tell('content must be a text or a list of parts')
  let other = false
  for (const part of content) {
    if (!isObject(part)) {
      tell('a part of content must be an object')
      continue
    }
    const kind = part.type
    if (!rule.kinds.includes(String(kind))) tell('a part of content has a type that does not belong here')
    if (textKinds.has(String(kind))) {
      if (typeof part.text !== 'string') tell('the text of a part must be a string')
      else if (rule.full && part.text.trim() === '') tell('a text is empty')
    }
    if (kind === 'tool_result' && other) tell('a result stands behind other content')
    other ||= kind !== 'tool_result'
    findBlockFaults(part, tell)
  }
}

/** Blocks of Anthropic's dialect that mean something only whole. */
// oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
function findBlockFaults(block: Fields, tell: Tell): void {
  if (
    block.type === 'tool_use' &&
    !(
      typeof block.id === 'string' &&
      /^[a-zA-Z0-9_-]+$/.test(block.id) &&
      typeof block.name === 'string' &&
      block.name !== '' &&
      isObject(block.input)
    )
  ) {
    tell('a tool_use needs an id, a name and an object as input')
  }
  if (block.type === 'tool_result') {
    if (typeof block.tool_use_id !== 'string') tell('a result needs the id of its call')
    if (block.content !== undefined && typeof block.content !== 'string' && !Array.isArray(block.content))
      tell('the content of a result must be a text or a list')
  }
  if (block.type === 'thinking' && !(typeof block.thinking === 'string' && typeof block.signature === 'string'))
    tell('thinking needs its signature')
  if (block.type === 'redacted_thinking' && typeof block.data !== 'string') tell('redacted thinking needs its data')
  if ((block.type === 'image' || block.type === 'document') && !isObject(block.source))
    tell('an image or a document needs a source')
  if (block.type === 'image_url' && !isObject(block.image_url)) tell('an image needs its address')
  if (block.type === 'refusal' && typeof block.refusal !== 'string') tell('a refusal needs its words')
}

/** A call in Chat Completions. */
export function findChatCallFaults(call: unknown, tell: Tell): void {
  const body = isObject(call) ? (call.function ?? call.custom) : null
  if (
    !isObject(call) ||
    typeof call.id !== 'string' ||
    !isObject(body) ||
    typeof body.name !== 'string' ||
    typeof (body.arguments ?? body.input) !== 'string'
  ) {
    tell('a call needs an id, a name and its arguments')
  }
}

/** The makers' own tools, by their types. */
const ownTools = {
  responses:
    /^(web_search|file_search|computer|code_interpreter|image_generation|mcp|local_shell|shell|apply_patch)(_[a-z0-9_]+)?$/,
  messages: /^([a-z_]+_\d{8}|mcp_toolset)$/,
}

/** Of functions what a model must know of them; of the makers' own tools the type, for the rest is theirs. */
// oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
export function findToolFaults(wire: 'chat' | 'responses' | 'messages', tools: unknown, tell: Tell): void {
  if (!Array.isArray(tools)) return
  for (const tool of tools) {
    if (!isObject(tool)) tell('a tool must be an object')
    else if (wire === 'chat') {
      const body = tool.type === 'function' ? tool.function : tool.type === 'custom' ? tool.custom : null
      if (body === null) tell('a tool has a type that is not known')
      else if (!isObject(body) || !isName(body.name)) tell('a tool needs a name')
    } else if (wire === 'messages') {
      if (!isName(tool.name) && tool.type !== 'mcp_toolset') tell('a tool needs a name')
      if (tool.type === undefined || tool.type === 'custom') {
        if (!isObject(tool.input_schema)) tell('a tool needs an input_schema')
      } else if (typeof tool.type !== 'string' || !ownTools.messages.test(tool.type))
        tell('a tool has a type that is not known')
    } else if (tool.type === 'function' || tool.type === 'custom') {
      if (!isName(tool.name)) tell('a tool needs a name')
      if (tool.type === 'function' && !isObject(tool.parameters)) tell('a tool needs parameters')
    } else if (typeof tool.type !== 'string' || !ownTools.responses.test(tool.type))
      tell('a tool has a type that is not known')
  }
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
