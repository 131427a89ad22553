import {
  canonicalArguments,
  canonicalJson,
  count,
  foreign,
  items,
  media,
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
} from './reading.ts'
import { chatError, chatUsage, definition, put } from './read-chat.ts'

const envelope = [
  'id',
  'object',
  'created_at',
  'completed_at',
  'status',
  'status_details',
  'model',
  'output',
  'output_text',
  'usage',
  'error',
  'incomplete_details',
  'instructions',
  'tools',
  'tool_choice',
  'tool_calls',
  'parallel_tool_calls',
  'previous_response_id',
  'reasoning',
  'temperature',
  'top_p',
  'text',
  'truncation',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'store',
  'user',
  'service_tier',
  'background',
  'conversation',
  'billing',
  'frequency_penalty',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'safety_identifier',
  'top_logprobs',
  'tool_usage',
  'total_tokens',
  'context_management',
  'prompt',
]

export function readResponsesAnswer(body: string): AnswerReading {
  return readResponse(record(parseKept(body)))
}

function readResponse(answer: Record<string, Kept>): AnswerReading {
  const error = chatError(answer)
  if (error !== undefined) return { said: [], stop: undefined, usage: undefined, error }
  const said = items(answer.output).flatMap((item, index) => readOutput(record(item), `output[${index}]`))
  const status = string(answer.status)
  const reason = string(record(answer.incomplete_details).reason)
  const ended = said.some((part) => part.kind === 'tool') ? 'tool' : 'end'
  const stop =
    reason === 'content_filter'
      ? 'refusal'
      : reason !== undefined || status === 'incomplete'
        ? 'length'
        : status === 'queued' || status === 'in_progress'
          ? 'pause'
          : ended
  return { said: [...said, ...foreign(answer, envelope, '')], stop, usage: chatUsage(answer.usage), error: undefined }
}

/** A picture counts where the answer made it; in a request it stands for the provider's own call. */
function readOutput(item: Record<string, Kept>, path: string): Said[] {
  const picture = item.type === 'image_generation_call' ? (string(item.result) ?? '') : ''
  if (picture === '') return readItem(item, path)
  return [{ kind: 'image', value: mediaBytes(`image/${string(item.output_format) ?? 'png'}`, picture), path }]
}

function readItem(item: Record<string, Kept>, path: string): Said[] {
  switch (item.type ?? 'message') {
    case 'message':
      return item.role === 'assistant' || item.role === undefined
        ? readContent(item.content, `${path}.content`)
        : [{ kind: 'foreign', value: 'message', path }]
    case 'function_call':
    case 'custom_tool_call':
      return [
        {
          kind: 'tool',
          value: `${string(item.name)} ${canonicalArguments(item.arguments ?? item.input)}`,
          path,
          ...(item.type === 'custom_tool_call' && { custom: true }),
        },
      ]
    case 'reasoning': {
      const shown = items(item.summary).length > 0 ? items(item.summary) : items(item.content)
      const text = shown
        .map((part) => string(record(part).text) ?? '')
        .filter((part) => part !== '')
        .join('\n\n')
      const proof = string(item.encrypted_content) ?? ''
      return [
        ...(text === '' ? [] : [{ kind: 'reasoning', value: text, path } as const]),
        ...(proof === '' ? [] : [{ kind: 'proof', value: proof, path } as const]),
      ]
    }
    default:
      return [{ kind: 'foreign', value: string(item.type) ?? 'item', path }]
  }
}

function readContent(content: Kept | undefined, path: string): Said[] {
  const whole = string(content)
  if (whole !== undefined) return whole === '' ? [] : [{ kind: 'text', value: whole, path }]
  return items(content).flatMap((item, index): Said[] => {
    const part = record(item)
    const place = `${path}[${index}]`
    const image = string(part.image_url)
    const file = string(part.file_data) ?? string(part.file_url)
    switch (part.type) {
      case 'input_text':
      case 'output_text': {
        const annotations = items(part.annotations).map((stated, at): Said => {
          const annotation = record(stated)
          const where = `${place}.annotations[${at}]`
          return annotation.type === 'url_citation'
            ? { kind: 'citation', value: `${string(annotation.url)} ${string(annotation.title) ?? ''}`, path: where }
            : { kind: 'foreign', value: 'annotation', path: where }
        })
        const tokens = items(part.logprobs)
        return [
          ...(string(part.text) === '' ? [] : [{ kind: 'text', value: string(part.text) ?? '', path: place } as const]),
          ...annotations,
          ...(tokens.length === 0
            ? []
            : [{ kind: 'logprobs', value: JSON.stringify(tokens), path: `${place}.logprobs` } as const]),
        ]
      }
      case 'refusal':
        return [{ kind: 'text', value: string(part.refusal) ?? '', path: place, refusal: true }]
      case 'input_image':
        return image === undefined
          ? [{ kind: 'foreign', value: 'image', path: place }]
          : [{ kind: 'image', value: media(image), path: place }]
      case 'input_file':
        return file === undefined
          ? [{ kind: 'foreign', value: 'file', path: place }]
          : [
              {
                kind: 'file',
                value: `${media(file)} ${string(part.filename) ?? ''}`,
                path: place,
                ...documentText(file, [string(part.filename)]),
              },
            ]
      case 'input_audio':
        return [{ kind: 'audio', value: string(record(part.input_audio).data) ?? '', path: place }]
      default:
        return [{ kind: 'foreign', value: string(part.type) ?? 'part', path: place }]
    }
  })
}

interface StreamParts {
  readonly output: Array<Record<string, Kept>>
  readonly deltas: Map<number, string>
  readonly tokens: Map<number, Kept[]>
  readonly final: Record<string, Kept> | undefined
  readonly error: AnswerReading['error']
}

function collect(events: ReadonlyArray<Record<string, Kept>>): StreamParts {
  let output: Array<Record<string, Kept>> = []
  const deltas = new Map<number, string>()
  const tokens = new Map<number, Kept[]>()
  let final: Record<string, Kept> | undefined
  let error: AnswerReading['error']
  let base = 0
  for (const event of events) {
    const index = base + (count(event.output_index) ?? 0)
    const type = string(event.type) ?? ''
    if (type === 'response.created') {
      base = output.length
      final = undefined
    }
    if (type === 'response.output_item.added' || type === 'response.output_item.done')
      output[index] = { ...record(event.item) }
    if (/\.(?:output_text|refusal|function_call_arguments|reasoning_summary_text)\.delta$/.test(type)) {
      deltas.set(index, (deltas.get(index) ?? '') + (string(event.delta) ?? ''))
      tokens.set(index, [...(tokens.get(index) ?? []), ...items(event.logprobs)])
    }
    if (type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed') {
      final = record(event.response)
      for (const [place, item] of items(final.output).entries()) output[base + place] ??= record(item)
    }
    if (type === 'error')
      error = chatError(event) ?? { type: string(event.code) ?? '', message: string(event.message) ?? '' }
  }
  output = Array.from(output, (item) => item ?? {})
  return { output, deltas, tokens, final, error: error ?? (final === undefined ? undefined : chatError(final)) }
}

/** What a streaming client sees: the deltas, and where there are none, what the items say when they are done. */
export function readResponsesStream(text: string): AnswerReading {
  const { events, damaged } = sseEvents(text)
  const { output, deltas, tokens, final, error } = collect(events)
  for (const [index, said] of deltas) {
    const item = output[index] ?? {}
    if (item.type === 'function_call') item.arguments = said
    else if (item.type === 'message') {
      const part = record(items(item.content)[0])
      const logprobs = tokens.get(index) ?? []
      item.content = [
        {
          ...part,
          type: part.type ?? 'output_text',
          [part.type === 'refusal' ? 'refusal' : 'text']: said,
          ...(logprobs.length === 0 ? {} : { logprobs }),
        },
        ...items(item.content).slice(1),
      ]
    } else if (item.type === 'reasoning' && items(item.summary).length === 0) item.summary = [{ text: said }]
  }
  const reading = readResponse({ ...final, output, error: null })
  return { ...reading, stop: damaged || final === undefined || error !== undefined ? undefined : reading.stop, error }
}

/** Our own streams must say the same in their deltas, in their finished items and in the last event. */
export function responsesContradiction(text: string): string | undefined {
  const { output, deltas, final } = collect(sseEvents(text).events)
  if (final === undefined) return 'the stream has no last event'
  for (const [index, item] of items(final.output).map(record).entries()) {
    const done = JSON.stringify(output[index])
    if (final.status !== 'failed' && JSON.stringify(item) !== done)
      return `output ${index} ends as ${JSON.stringify(item).slice(0, 80)} but was done as ${done?.slice(0, 80)}`
    const shown =
      item.type === 'function_call'
        ? string(item.arguments)
        : items(item.type === 'reasoning' ? item.summary : item.content)
            .map((part) => string(record(part).text) ?? string(record(part).refusal) ?? '')
            .join('')
    if ((deltas.get(index) ?? '') !== shown && !(shown === '{}' && !deltas.has(index)))
      return `the deltas of output ${index} say something else than its end`
  }
  return undefined
}

const requestKnown = [
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'max_output_tokens',
  'temperature',
  'top_p',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'user',
  'metadata',
  'store',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'include',
  'truncation',
  'top_logprobs',
  'previous_response_id',
  'conversation',
  'prompt',
  'safety_identifier',
]

export function readResponsesRequest(body: string): RequestReading {
  const request = record(parseKept(body))
  const said: Said[] = foreign(request, requestKnown, '')
  for (const name of ['previous_response_id', 'conversation', 'prompt'])
    if (request[name] !== undefined && request[name] !== null) said.push({ kind: 'foreign', value: name, path: name })
  said.push(...readContent(request.instructions, 'instructions').map((part) => ({ ...part, role: 'system' })))
  if (typeof request.input === 'string') said.push({ kind: 'text', value: request.input, path: 'input', role: 'user' })
  for (const [index, item] of items(request.input).map(record).entries()) {
    const path = `input[${index}]`
    const role = string(item.role) === 'developer' ? 'system' : (string(item.role) ?? 'assistant')
    if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output') {
      const custom = item.type === 'custom_tool_call_output' && { custom: true }
      said.push({ kind: 'result', role: 'tool', value: string(item.call_id) ?? '', path: `${path}.output`, ...custom })
      said.push(...readContent(item.output, `${path}.output`).map((part) => ({ ...part, role: 'tool', ...custom })))
    } else if ((item.type ?? 'message') === 'message')
      said.push(...readContent(item.content, `${path}.content`).map((part) => ({ ...part, role })))
    else
      said.push(
        ...readItem(item, path).map((part) => ({
          ...part,
          role,
          value: part.kind === 'tool' ? `${string(item.call_id)} ${part.value}` : part.value,
        })),
      )
  }
  const definitions = items(request.tools).map((item, index): Said => {
    const tool = record(item)
    return tool.type === 'function'
      ? { kind: 'definition', value: definition(tool, tool.parameters), path: `tools[${index}]` }
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
  for (const name of ['temperature', 'top_p', 'user', 'metadata', 'service_tier', 'top_logprobs'])
    put(found, name, request[name], name)
  put(found, 'max_tokens', request.max_output_tokens, 'max_output_tokens')
  put(found, 'effort', record(request.reasoning).effort, 'reasoning')
  put(found, 'verbosity', record(request.text).verbosity, 'text.verbosity')
  if (request.truncation === 'auto') put(found, 'truncation', 'auto', 'truncation')
  if (request.parallel_tool_calls === false) put(found, 'single', 'true', 'parallel_tool_calls')
  const choice = request.tool_choice
  const stated = record(choice)
  if (stated.type === 'allowed_tools') {
    put(found, 'tool_choice', string(stated.mode), 'tool_choice')
    put(
      found,
      'allowed',
      items(stated.tools).map((tool) => string(record(tool).name) ?? ''),
      'tool_choice.tools',
    )
  } else
    put(found, 'tool_choice', string(stated.name) === undefined ? choice : `tool:${string(stated.name)}`, 'tool_choice')
  const format = record(record(request.text).format)
  if (format.type === 'json_object') put(found, 'format', 'json', 'text.format')
  if (format.type === 'json_schema')
    put(found, 'format', canonicalJson(JSON.stringify(format.schema ?? null)), 'text.format')
  return found
}
