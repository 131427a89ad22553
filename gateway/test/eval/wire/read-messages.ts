import {
  canonicalArguments,
  canonicalJson,
  count,
  empty,
  foreign,
  items,
  documentText,
  mediaBytes,
  parseKept,
  record,
  sseEvents,
  string,
  type AnswerReading,
  type Kept,
  type RequestReading,
  type Said,
  type UsageReading,
} from './reading.ts'
import { definition, put } from './read-chat.ts'

const envelope = [
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
  'container',
]

export function readMessagesAnswer(body: string): AnswerReading {
  const answer = record(parseKept(body))
  const error = messagesError(answer)
  if (error !== undefined) return { said: [], stop: undefined, usage: undefined, error }
  return {
    said: [...readBlocks(answer.content, 'content'), ...foreign(answer, envelope, '')],
    stop: toStop(string(answer.stop_reason)),
    usage: messagesUsage(answer.usage),
    error: undefined,
  }
}

export function messagesError(body: Record<string, Kept>): AnswerReading['error'] {
  if (empty(body.error)) return undefined
  const error = record(body.error)
  return { type: string(error.type) ?? '', message: string(error.message) ?? '' }
}

export function readBlocks(content: Kept | undefined, path: string): Said[] {
  const whole = string(content)
  if (whole !== undefined) return whole === '' ? [] : [{ kind: 'text', value: whole, path }]
  return items(content).flatMap((item, index) => readBlock(record(item), `${path}[${index}]`))
}

function readBlock(block: Record<string, Kept>, path: string): Said[] {
  const source = record(block.source)
  const held =
    source.type === 'url'
      ? string(source.url)
      : source.type === 'base64'
        ? mediaBytes(string(source.media_type) ?? '', string(source.data) ?? '')
        : source.type === 'text'
          ? mediaBytes('text/plain', Buffer.from(string(source.data) ?? '').toString('base64'))
          : undefined
  switch (block.type) {
    case 'text': {
      const citations = items(block.citations).map((item, index): Said => {
        const citation = record(item)
        const place = `${path}.citations[${index}]`
        return citation.type === 'web_search_result_location'
          ? { kind: 'citation', value: `${string(citation.url)} ${string(citation.title) ?? ''}`, path: place }
          : { kind: 'foreign', value: 'citation', path: place }
      })
      return [
        ...(string(block.text) === '' ? [] : [{ kind: 'text', value: string(block.text) ?? '', path } as const]),
        ...citations,
      ]
    }
    case 'thinking': {
      const proof = string(block.signature) ?? ''
      return [
        ...(string(block.thinking) === ''
          ? []
          : [{ kind: 'reasoning', value: string(block.thinking) ?? '', path } as const]),
        ...(proof === '' ? [] : [{ kind: 'proof', value: proof, path } as const]),
      ]
    }
    case 'redacted_thinking':
      return [{ kind: 'proof', value: string(block.data) ?? '', path }]
    case 'tool_use':
      return [{ kind: 'tool', value: `${string(block.name)} ${canonicalArguments(block.input)}`, path }]
    case 'image':
      return held === undefined ? [{ kind: 'foreign', value: 'image', path }] : [{ kind: 'image', value: held, path }]
    case 'document':
      return held === undefined
        ? [{ kind: 'foreign', value: 'document', path }]
        : [
            {
              kind: 'file',
              value: `${held} ${string(block.title) ?? ''}`,
              path,
              ...documentText(toDataUrl(source), [string(block.title), string(block.context)]),
            },
          ]
    default:
      return [{ kind: 'foreign', value: string(block.type) ?? 'block', path }]
  }
}

function toDataUrl(source: ReturnType<typeof record>): string {
  const data = string(source.data) ?? ''
  if (source.type === 'text') return `data:text/plain;base64,${Buffer.from(data).toString('base64')}`
  return source.type === 'base64' ? `data:${string(source.media_type)};base64,${data}` : ''
}

function toStop(reason: string | undefined): string | undefined {
  return reason === undefined
    ? undefined
    : ({
        end_turn: 'end',
        tool_use: 'tool',
        max_tokens: 'length',
        model_context_window_exceeded: 'length',
        pause_turn: 'pause',
        stop_sequence: 'stop-sequence',
      }[reason] ?? reason)
}

export function messagesUsage(stated: Kept | undefined): UsageReading | undefined {
  const usage = record(stated)
  const fresh = count(usage.input_tokens)
  if (fresh === undefined) return undefined
  const cacheRead = count(usage.cache_read_input_tokens) ?? 0
  const cacheWrite = count(usage.cache_creation_input_tokens) ?? 0
  return {
    input: fresh + cacheRead + cacheWrite,
    output: count(usage.output_tokens) ?? 0,
    cacheRead,
    cacheWrite,
    reasoning: count(record(usage.output_tokens_details).thinking_tokens) ?? 0,
  }
}

/** Blocks by index, message after message; a block's input is its deltas, or what its start already held. */
export function readMessagesStream(text: string): AnswerReading {
  const blocks: Array<Record<string, Kept>> = []
  const inputs = new Map<Record<string, Kept>, string>()
  let first = 0
  let usage: Record<string, Kept> = {}
  let reason: string | undefined
  let complete = false
  let error: AnswerReading['error']
  const { events, damaged } = sseEvents(text)
  for (const event of events) {
    const delta = record(event.delta)
    const block = blocks[first + (count(event.index) ?? 0)]
    switch (event.type) {
      case 'message_start': {
        const message = record(event.message)
        complete = false
        first = blocks.length
        blocks.push(...items(message.content).map(record))
        usage = record(message.usage)
        reason = string(message.stop_reason) ?? reason
        break
      }
      case 'content_block_start':
        blocks[first + (count(event.index) ?? 0)] = { ...record(event.content_block) }
        break
      case 'content_block_delta':
        if (block === undefined) break
        if (delta.type === 'input_json_delta')
          inputs.set(block, (inputs.get(block) ?? '') + (string(delta.partial_json) ?? ''))
        else if (delta.type === 'citations_delta') block.citations = [...items(block.citations), delta.citation ?? null]
        else if (delta.type === 'signature_delta')
          block.signature = (string(block.signature) ?? '') + (string(delta.signature) ?? '')
        else
          for (const key of ['text', 'thinking'])
            if (string(delta[key]) !== undefined) block[key] = (string(block[key]) ?? '') + (string(delta[key]) ?? '')
        break
      case 'message_delta':
        reason = string(delta.stop_reason) ?? reason
        usage = {
          ...usage,
          ...Object.fromEntries(Object.entries(record(event.usage)).filter(([, value]) => value !== null)),
        }
        break
      case 'message_stop':
        complete = true
        break
      case 'error':
        error = messagesError(event)
        break
    }
  }
  for (const [block, input] of inputs) if (input !== '') block.input = input
  return {
    said: readBlocks(blocks, 'content'),
    stop: complete && !damaged && error === undefined ? toStop(reason) : undefined,
    usage: messagesUsage(usage),
    error,
  }
}

const requestKnown = [
  'model',
  'messages',
  'system',
  'stream',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'service_tier',
  'cache_control',
]

export function readMessagesRequest(body: string): RequestReading {
  const request = record(parseKept(body))
  const said: Said[] = [
    ...foreign(request, requestKnown, ''),
    ...foreign(record(request.output_config), ['effort', 'format'], 'output_config'),
  ]
  said.push(...readBlocks(request.system, 'system').map((part) => ({ ...part, role: 'system' })))
  for (const [index, message] of items(request.messages).map(record).entries()) {
    const role = string(message.role) ?? ''
    const path = `messages[${index}].content`
    const blocks =
      typeof message.content === 'string'
        ? [{ type: 'text', text: message.content }]
        : items(message.content).map(record)
    for (const [place, block] of blocks.entries()) {
      const at = typeof message.content === 'string' ? path : `${path}[${place}]`
      if (block.type === 'tool_result') {
        said.push({ kind: 'result', role: 'tool', value: string(block.tool_use_id) ?? '', path: at })
        said.push(...readBlocks(block.content, `${at}.content`).map((part) => ({ ...part, role: 'tool' })))
        if (block.is_error === true) said.push({ kind: 'failed', value: 'true', path: `${at}.is_error`, role: 'tool' })
      } else
        said.push(
          ...readBlock(block, at).map((part) => ({
            ...part,
            role,
            value: part.kind === 'tool' ? `${string(block.id)} ${part.value}` : part.value,
          })),
        )
    }
  }
  const definitions = items(request.tools).map((item, index): Said => {
    const tool = record(item)
    return 'input_schema' in tool
      ? { kind: 'definition', value: definition(tool, tool.input_schema), path: `tools[${index}]` }
      : { kind: 'foreign', value: 'tool', path: `tools[${index}]` }
  })
  return {
    model: string(request.model) ?? '',
    stream: request.stream === true,
    said,
    definitions,
    settings: settings(request),
  }
}

function settings(request: Record<string, Kept>): RequestReading['settings'] {
  const found: Record<string, { value: string; path: string }> = {}
  for (const name of ['temperature', 'top_p', 'top_k', 'max_tokens', 'service_tier'])
    put(found, name, request[name], name)
  put(found, 'stop', request.stop_sequences, 'stop_sequences')
  put(found, 'user', record(request.metadata).user_id, 'metadata.user_id')
  const config = record(request.output_config)
  const thinking = record(request.thinking)
  put(found, 'effort', thinking.type === 'disabled' ? 'none' : config.effort, 'output_config.effort')
  put(found, 'budget', thinking.budget_tokens, 'thinking.budget_tokens')
  const choice = record(request.tool_choice)
  const kind = string(choice.type)
  put(
    found,
    'tool_choice',
    kind === 'tool' ? `tool:${string(choice.name)}` : kind === 'any' ? 'required' : kind,
    'tool_choice',
  )
  if (choice.disable_parallel_tool_use === true) put(found, 'single', 'true', 'tool_choice.disable_parallel_tool_use')
  const format = record(request.output_format ?? config.format)
  if (format.type === 'json_schema')
    put(found, 'format', canonicalJson(JSON.stringify(format.schema ?? null)), 'output_config.format')
  return found
}
