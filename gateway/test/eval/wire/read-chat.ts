/**
 * What a chat request and a chat answer say, read for the wire evaluation by a reader of its own: it shares nothing with
 * the product's, and is long because it can be held against the vendor's page from top to bottom.
 */
import {
  canonicalArguments,
  canonicalJson,
  count,
  empty,
  foreign,
  items,
  media,
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

const envelope = [
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  'system_fingerprint',
  'obfuscation',
  'time_info',
  'x_groq',
  'usage_breakdown',
  'provider',
  'request_id',
]
const messageKnown = [
  'function_call',
  'role',
  'content',
  'refusal',
  'tool_calls',
  'annotations',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'extra_content',
  'thought_signature',
  'channel',
  'token_id',
  'images',
]

export function readChatAnswer(body: string): AnswerReading {
  const answer = record(parseKept(body))
  const choice = record(items(answer.choices)[0])
  const error = chatError(answer) ?? choiceError(choice)
  if (error !== undefined) return { said: [], stop: undefined, usage: undefined, error }
  const message = 'message' in choice ? record(choice.message) : { content: choice.text ?? null }
  const extra = items(answer.choices)
    .slice(1)
    .map((_, index): Said => ({ kind: 'foreign', value: 'choice', path: `choices[${index + 1}]` }))
  return {
    said: [
      ...readMessage(message, 'choices[0].message'),
      ...logprobs(choice),
      ...foreign(answer, envelope, ''),
      ...foreign(message, messageKnown, 'choices[0].message'),
      ...extra,
    ],
    stop: toStop(string(choice.finish_reason)),
    usage: chatUsage(answer.usage),
    error: undefined,
  }
}

export function readMessage(message: Record<string, Kept>, path: string): Said[] {
  const said: Said[] = []
  const details = items(message.reasoning_details).map(record)
  const detailed = details.map((detail) => string(detail.text) ?? string(detail.summary) ?? '').join('')
  for (const detail of details) {
    const proof = string(detail.signature) ?? string(detail.data)
    if (proof !== undefined) said.push({ kind: 'proof', value: proof, path: `${path}.reasoning_details` })
  }
  const reasoning = string(message.reasoning_content) ?? string(message.reasoning) ?? detailed
  if (reasoning !== '')
    said.push({
      kind: 'reasoning',
      value: reasoning,
      path: `${path}.${string(message.reasoning_content) === undefined ? 'reasoning' : 'reasoning_content'}`,
    })
  const thought = string(record(record(message.extra_content).google).thought_signature)
  if (thought !== undefined) said.push({ kind: 'proof', value: thought, path: `${path}.extra_content` })
  said.push(...readParts(message.content, `${path}.content`))
  const refusal = string(message.refusal) ?? ''
  if (refusal !== '') said.push({ kind: 'text', value: refusal, path: `${path}.refusal`, refusal: true })
  const old = record(message.function_call)
  if ('name' in old)
    said.push({
      kind: 'tool',
      value: `${string(old.name)} ${canonicalArguments(old.arguments)}`,
      path: `${path}.function_call`,
    })
  for (const [index, call] of items(message.tool_calls).map(record).entries()) {
    const body = record(call.function ?? call.custom)
    said.push({
      kind: 'tool',
      value: `${string(body.name)} ${canonicalArguments(body.arguments ?? body.input)}`,
      path: `${path}.tool_calls[${index}]`,
      ...('custom' in call && { custom: true }),
    })
    const signature = string(record(record(call.extra_content).google).thought_signature)
    if (signature !== undefined)
      said.push({ kind: 'proof', value: signature, path: `${path}.tool_calls[${index}].extra_content` })
  }
  for (const [index, image] of items(message.images).map(record).entries()) {
    const url = string(record(image.image_url).url)
    if (url !== undefined) said.push({ kind: 'image', value: media(url), path: `${path}.images[${index}]` })
  }
  for (const [index, annotation] of items(message.annotations).map(record).entries()) {
    const url = record(annotation.url_citation)
    const place = `${path}.annotations[${index}]`
    said.push(
      'url' in url
        ? { kind: 'citation', value: `${string(url.url)} ${string(url.title) ?? ''}`, path: place }
        : { kind: 'foreign', value: 'annotation', path: place },
    )
  }
  return said
}

function readParts(content: Kept | undefined, path: string): Said[] {
  const whole = string(content)
  if (whole !== undefined) return whole === '' ? [] : [{ kind: 'text', value: whole, path }]
  return items(content).flatMap((item, index): Said[] => {
    const part = record(item)
    const place = `${path}[${index}]`
    const url = string(record(part.image_url).url) ?? string(part.image_url)
    const file = record(part.file)
    switch (part.type) {
      case 'text':
        return string(part.text) === '' ? [] : [{ kind: 'text', value: string(part.text) ?? '', path: place }]
      case 'refusal':
        return [{ kind: 'text', value: string(part.refusal) ?? '', path: place, refusal: true }]
      case 'thinking':
        return [
          {
            kind: 'reasoning',
            value: items(part.thinking)
              .map((piece) => string(record(piece).text) ?? '')
              .join(''),
            path: place,
          },
        ]
      case 'image_url':
        return url === undefined
          ? [{ kind: 'foreign', value: 'image', path: place }]
          : [{ kind: 'image', value: media(url), path: place }]
      case 'file':
        return string(file.file_data) === undefined
          ? [{ kind: 'foreign', value: 'file', path: place }]
          : [
              {
                kind: 'file',
                value: `${media(string(file.file_data) ?? '')} ${string(file.filename) ?? ''}`,
                path: place,
              },
            ]
      case 'input_audio':
        return [{ kind: 'audio', value: string(record(part.input_audio).data) ?? '', path: place }]
      default:
        return [{ kind: 'foreign', value: string(part.type) ?? 'part', path: place }]
    }
  })
}

function logprobs(choice: Record<string, Kept>): Said[] {
  const stated = items(record(choice.logprobs).content)
  return stated.length === 0 ? [] : [{ kind: 'logprobs', value: JSON.stringify(stated), path: 'choices[0].logprobs' }]
}

export function chatError(body: Record<string, Kept>): AnswerReading['error'] {
  if (empty(body.error)) return undefined
  const error = record(body.error)
  return {
    type: string(error.type) ?? string(error.code) ?? '',
    message: string(error.message) ?? string(body.error) ?? '',
  }
}

/** An answer that ends with an error, or whose choice states one, is none. */
function choiceError(choice: Record<string, Kept>): AnswerReading['error'] {
  const stated = chatError(choice)
  if (stated !== undefined || choice.finish_reason !== 'error') return stated
  return { type: '', message: 'The upstream ended the answer with error.' }
}

function toStop(finish: string | undefined): string | undefined {
  return finish === undefined
    ? undefined
    : ({ stop: 'end', tool_calls: 'tool', function_call: 'tool', length: 'length', content_filter: 'refusal' }[
        finish
      ] ?? toOtherStop(finish))
}

/** Compatible servers have words of their own: eos, model_length, max_tokens, SAFETY. */
function toOtherStop(finish: string): string {
  if (/length|max_tokens/i.test(finish)) return 'length'
  return /filter|safety|refusal/i.test(finish) ? 'refusal' : 'end'
}

export function chatUsage(stated: Kept | undefined): UsageReading | undefined {
  const usage = record(stated)
  const input = record(usage.prompt_tokens_details ?? usage.input_tokens_details)
  const output = record(usage.completion_tokens_details ?? usage.output_tokens_details)
  const total = count(usage.prompt_tokens) ?? count(usage.input_tokens)
  if (total === undefined) return undefined
  const cacheRead =
    count(input.cached_tokens) ?? count(usage.prompt_cache_hit_tokens) ?? count(usage.num_cached_tokens) ?? 0
  const shown = count(usage.completion_tokens) ?? count(usage.output_tokens) ?? 0
  const reasoning = count(output.reasoning_tokens) ?? 0
  // xAI counts reasoning beside the answer's tokens, everybody else among them: the total, or a part that is larger
  // than its whole, tells.
  const beside = reasoning > shown || (reasoning > 0 && count(usage.total_tokens) === total + shown + reasoning)
  return {
    input: total,
    output: beside ? shown + reasoning : shown,
    cacheRead: Math.min(cacheRead, total),
    cacheWrite: Math.min(count(input.cache_write_tokens) ?? 0, total - Math.min(cacheRead, total)),
    reasoning,
  }
}

interface StreamedCall {
  readonly index: number
  id: string
  readonly function: Record<string, Kept>
  custom?: Kept
  extra_content?: Kept
}

/**
 * Chunks are put together as SDKs do it: texts joined, calls by index (another id at the same one is another call), the
 * last usage. The first choice is the answer.
 */
export function readChatStream(text: string): AnswerReading {
  const message: Record<string, Kept> = {}
  const calls: StreamedCall[] = []
  const old: Record<string, Kept> = {}
  const others = new Set<string>()
  const annotations: Kept[] = []
  const images: Kept[] = []
  const details: Kept[] = []
  const tokens: Kept[] = []
  const seen: Said[] = []
  let finish: string | undefined
  let usage: Kept | undefined
  let error: AnswerReading['error']
  let extra: Kept | undefined
  const { events, damaged, done } = sseEvents(text)
  for (const chunk of events) {
    error ??= chatError(chunk) ?? choiceError(record(items(chunk.choices)[0]))
    if (!empty(chunk.usage)) usage = chunk.usage
    if (error === undefined) seen.push(...foreign(chunk, envelope, ''))
    for (const [place, choice] of items(chunk.choices).map(record).entries()) {
      const at = count(choice.index) ?? place
      if (at !== 0) {
        others.add(`choices[${at}]`)
        continue
      }
      const delta = 'delta' in choice ? record(choice.delta) : { content: choice.text ?? null }
      for (const key of ['content', 'refusal', 'reasoning', 'reasoning_content']) {
        const piece = string(delta[key])
        if (piece !== undefined) message[key] = (string(message[key]) ?? '') + piece
      }
      // Mistral's answers are lists of thinking and of text.
      for (const part of readParts(Array.isArray(delta.content) ? delta.content : null, 'choices[0].message.content')) {
        const key = part.kind === 'reasoning' ? 'reasoning_content' : 'content'
        if (part.kind === 'reasoning' || part.kind === 'text') message[key] = (string(message[key]) ?? '') + part.value
        else seen.push(part)
      }
      images.push(...items(delta.images))
      seen.push(...foreign(delta, messageKnown, 'choices[0].message'))
      annotations.push(...items(delta.annotations))
      details.push(...items(delta.reasoning_details))
      tokens.push(...items(record(choice.logprobs).content))
      extra = delta.extra_content ?? extra
      for (const piece of items(delta.tool_calls).map(record)) {
        const index = count(piece.index) ?? 0
        const id = string(piece.id) ?? ''
        const known = calls.findLast((call) => call.index === index && (id === '' || call.id === '' || call.id === id))
        const call: StreamedCall = known ?? { index, id, function: { name: '', arguments: '' } }
        if (known === undefined) calls.push(call)
        call.id ||= id
        const body = record(piece.function ?? piece.custom)
        call.function.name = string(call.function.name) || (string(body.name) ?? '')
        call.function.arguments =
          (string(call.function.arguments) ?? '') + (string(body.arguments) ?? string(body.input) ?? '')
        if ('custom' in piece) call.custom = call.function
        if (!empty(piece.extra_content)) call.extra_content = piece.extra_content ?? null
      }
      const first = record(delta.function_call)
      if (string(first.name) !== undefined) old.name = string(first.name) ?? ''
      if (string(first.arguments) !== undefined)
        old.arguments = (string(old.arguments) ?? '') + (string(first.arguments) ?? '')
      finish = string(choice.finish_reason) ?? finish
    }
  }
  if (done) finish ??= 'stop'
  const whole = {
    ...message,
    function_call: old,
    tool_calls: calls.map((call): Kept => ({ ...call, index: null })),
    annotations,
    images,
    reasoning_details: details,
    extra_content: extra ?? null,
  }
  return {
    said: [
      ...readMessage(whole, 'choices[0].message'),
      ...logprobs({ logprobs: { content: tokens } }),
      ...seen,
      ...[...others].map((path): Said => ({ kind: 'foreign', value: 'choice', path })),
    ],
    stop: error === undefined && !damaged ? toStop(finish) : undefined,
    usage: chatUsage(usage),
    error,
  }
}

const requestKnown = [
  'functions',
  'function_call',
  'reasoning',
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'n',
  'response_format',
  'reasoning_effort',
  'verbosity',
  'logprobs',
  'top_logprobs',
  'user',
  'service_tier',
  'metadata',
  'store',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'cache_control',
]

export function readChatRequest(body: string): RequestReading {
  const request = record(parseKept(body))
  const said: Said[] = foreign(request, requestKnown, '')
  for (const [index, message] of items(request.messages).map(record).entries()) {
    const path = `messages[${index}]`
    const role = string(message.role) ?? ''
    if (role === 'tool' || role === 'function') {
      said.push({
        kind: 'result',
        role: 'tool',
        value: string(message.tool_call_id) ?? `function:${string(message.name)}`,
        path: `${path}.content`,
      })
      said.push(...readParts(message.content, `${path}.content`).map((part) => ({ ...part, role: 'tool' })))
    } else {
      const old =
        'name' in record(message.function_call) ? [`function:${string(record(message.function_call).name)}`] : []
      const ids = [...old, ...items(message.tool_calls).map((call) => string(record(call).id) ?? '')]
      let calls = 0
      for (const part of readMessage(message, path)) {
        const value = part.kind === 'tool' ? `${ids[calls++]} ${part.value}` : part.value
        said.push({ ...part, value, role: role === 'developer' ? 'system' : role })
      }
    }
  }
  const functions = items(request.functions).map((item, index): Said => ({
    kind: 'definition',
    value: definition(record(item), record(item).parameters),
    path: `functions[${index}]`,
  }))
  const tools = items(request.tools).map((item, index): Said => {
    const tool = record(item)
    const body = record(tool.function)
    if (!('name' in body)) return { kind: 'foreign', value: 'tool', path: `tools[${index}]` }
    return { kind: 'definition', value: definition(body, body.parameters), path: `tools[${index}]` }
  })
  return {
    model: string(request.model) ?? '',
    stream: request.stream === true,
    said,
    definitions: [...functions, ...tools],
    settings: settings(request),
  }
}

export function definition(tool: Record<string, Kept>, schema: Kept | undefined): string {
  const shape = empty(schema) ? '{"type":"object","properties":{}}' : JSON.stringify(schema)
  return `${string(tool.name)} ${string(tool.description) ?? ''} ${shape}${tool.strict === true ? ' strict' : ''}`
}

export function put(
  into: Record<string, { value: string; path: string }>,
  name: string,
  value: Kept | undefined,
  path: string,
): void {
  if (value === undefined || value === null) return
  const number = count(value)
  into[name] = {
    value: number !== undefined ? String(number) : typeof value === 'string' ? value : JSON.stringify(value),
    path,
  }
}

function settings(request: Record<string, Kept>): RequestReading['settings'] {
  const found: Record<string, { value: string; path: string }> = {}
  for (const name of [
    'temperature',
    'top_p',
    'top_k',
    'seed',
    'frequency_penalty',
    'presence_penalty',
    'verbosity',
    'user',
    'metadata',
    'top_logprobs',
    'n',
  ])
    put(found, name, request[name], name)
  put(
    found,
    'max_tokens',
    request.max_completion_tokens ?? request.max_tokens,
    'max_tokens' in request ? 'max_tokens' : 'max_completion_tokens',
  )
  put(found, 'stop', string(request.stop) === undefined ? request.stop : [string(request.stop) ?? ''], 'stop')
  put(found, 'effort', request.reasoning_effort ?? record(request.reasoning).effort, 'reasoning_effort')
  put(found, 'budget', record(request.reasoning).max_tokens, 'reasoning.max_tokens')
  put(found, 'service_tier', request.service_tier, 'service_tier')
  if (request.parallel_tool_calls === false) put(found, 'single', 'true', 'parallel_tool_calls')
  const choice = request.tool_choice ?? request.function_call
  const named = string(record(record(choice).function).name) ?? string(record(choice).name)
  const allowed = record(record(choice).allowed_tools)
  if ('mode' in allowed) {
    put(found, 'tool_choice', string(allowed.mode), 'tool_choice')
    put(
      found,
      'allowed',
      items(allowed.tools).map((tool) => string(record(record(tool).function).name) ?? ''),
      'tool_choice.tools',
    )
  } else
    put(
      found,
      'tool_choice',
      named === undefined ? (choice === 'any' ? 'required' : choice) : `tool:${named}`,
      'tool_choice',
    )
  const format = record(request.response_format)
  if (format.type === 'json_object') put(found, 'format', 'json', 'response_format')
  if (format.type === 'json_schema')
    put(found, 'format', canonicalJson(JSON.stringify(record(format.json_schema).schema ?? null)), 'response_format')
  return found
}
