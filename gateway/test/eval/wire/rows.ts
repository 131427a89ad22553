import {
  isObject,
  parseJson,
  parseJsonObject,
  rawText,
  type JsonObject,
  type JsonValue,
} from '../../../dialects/json.ts'
import type { ProviderWire, Wire } from '../../../../db/words/wire.ts'
import { wires } from '../../wires.ts'

/**
 * A recorded exchange. Bodies are cut out of the line as they stand there: reading and writing them again would change
 * number texts.
 */
export interface WireRow {
  readonly id: string
  /** What the bodies are written in; undefined when no dialect of ours. */
  readonly dialect: ProviderWire | undefined
  readonly stream: boolean
  readonly path: string
  readonly request: string | undefined
  readonly status: number
  readonly contentType: string
  /** The body as it would come from the upstream: streams are framed as server-sent events. */
  readonly response: string
  /** An answer, or an error in its place: something that another dialect can be asked to say. */
  readonly generation: boolean
}

const dialectByApi: ReadonlyArray<readonly [RegExp, ProviderWire]> = [
  [/google|gemini|vertex/, 'google'],
  [/responses/, 'responses'],
  [/messages/, 'messages'],
  [/chat/, 'chat'],
]
const defaultPaths: Readonly<Record<ProviderWire, string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
  google: '/v1beta/models/model:generateContent',
}

export function readRow(line: string): WireRow {
  const row = parseJson(line)
  if (!isObject(row) || typeof row.id !== 'string') throw new Error('a row must be a JSON object with an id')
  const status = typeof row.status === 'number' ? row.status : 200
  // An error is told whole, also to who asked for a stream.
  const stream = row.stream === true && !isObject(row.response) && status < 400
  const body = typeof row.response === 'string' && !stream ? parseJsonObject(row.response) : row.response
  const dialect =
    dialectByApi.find(([pattern]) => typeof row.api === 'string' && pattern.test(row.api))?.[1] ?? sniff(body)
  const path =
    typeof row.url === 'string'
      ? new URL(row.url, 'http://upstream').pathname
      : dialect === undefined
        ? ''
        : defaultPaths[dialect]
  return {
    id: row.id,
    dialect,
    stream,
    path,
    request: isObject(row.request) ? rawText(row.request) : undefined,
    status,
    contentType:
      typeof row.content_type === 'string' ? row.content_type : stream ? 'text/event-stream' : 'application/json',
    response: frame(row.response, stream),
    generation: dialect !== undefined && isEndpoint(path) && isGeneration(body, stream),
  }
}

/** A row whose source has a name of its own for its dialect. */
function sniff(body: JsonValue | undefined): ProviderWire | undefined {
  const first = Array.isArray(body) ? body[0] : body
  if (!isObject(first)) return undefined
  if (Array.isArray(first.choices)) return 'chat'
  if (Array.isArray(first.candidates)) return 'google'
  if (Array.isArray(first.output) || first.type === 'response.created') return 'responses'
  return Array.isArray(first.content) || first.type === 'message_start' || first.type === 'error'
    ? 'messages'
    : undefined
}

function frame(response: JsonValue | undefined, stream: boolean): string {
  if (typeof response === 'string') {
    if (!stream || /^(?:data|event|id|retry)?:/m.test(response)) return response
    // One JSON value a line.
    return response
      .split(/\r\n|\n/)
      .filter((line) => line.trim() !== '')
      .map(frameLine)
      .join('')
  }
  if (stream && Array.isArray(response)) return response.map((event) => frameEvent(event, rawText(event))).join('')
  return rawText(response ?? null)
}

/** A recording may hold a line that is no JSON: it is sent as it stands. */
function frameLine(line: string): string {
  return frameEvent(parseJsonObject(line) ?? null, line)
}

function frameEvent(event: JsonValue, text: string): string {
  const type = isObject(event) && typeof event.type === 'string' ? `event: ${event.type}\n` : ''
  return `${type}data: ${text.replaceAll(/\r?\n/g, ' ')}\n\n`
}

/**
 * Counting, compaction and the like are calls beside the conversation: they end in something else than the endpoint's
 * own name.
 */
function isEndpoint(path: string): boolean {
  return /\/(?:completions|responses|messages|models\/[^/]+:(?:stream)?generateContent)$/i.test(path)
}

function isGeneration(response: JsonValue | undefined, stream: boolean): boolean {
  if (stream) return true
  if (!isObject(response)) return false
  return (
    ['choices', 'output', 'content', 'candidates'].some((name) => Array.isArray(response[name])) ||
    isErrorBody(response)
  )
}

function isErrorBody(body: JsonObject): boolean {
  return isObject(body.error)
}

export function minimalRequest(dialect: Wire, stream: boolean): string {
  const message = { role: 'user', content: 'Hi' }
  const model = 'model'
  const bodies: Record<Wire, object> = {
    chat: { model, messages: [message], stream, ...(stream ? { stream_options: { include_usage: true } } : {}) },
    responses: { model, input: [message], stream },
    messages: { model, max_tokens: 1024, messages: [message], stream },
  }
  return JSON.stringify(bodies[dialect])
}

export function minimalAnswer(dialect: Wire, stream: boolean): string {
  const event = (type: string, body: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...body })}\n\n`
  const chunk = (choice: object): string =>
    `data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model: 'model', choices: [{ index: 0, ...choice }] })}\n\n`
  const response = {
    id: 'a',
    object: 'response',
    created_at: 1,
    model: 'model',
    status: 'completed',
    output: [
      {
        type: 'message',
        id: 'm',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Hi', annotations: [] }],
      },
    ],
  }
  const message = {
    id: 'a',
    type: 'message',
    role: 'assistant',
    model: 'model',
    content: [{ type: 'text', text: 'Hi' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  }
  const whole: Record<Wire, object> = {
    chat: {
      id: 'a',
      object: 'chat.completion',
      created: 1,
      model: 'model',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    },
    responses: response,
    messages: message,
  }
  if (!stream) return JSON.stringify(whole[dialect])
  const streams: Record<Wire, string> = {
    chat: `${chunk({ delta: { role: 'assistant', content: 'Hi' }, finish_reason: null })}${chunk({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`,
    responses: `${event('response.created', { response: { ...response, status: 'in_progress', output: [] } })}${event('response.completed', { response })}`,
    messages: `${event('message_start', { message: { ...message, content: [], stop_reason: null } })}${event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 1 } })}${event('message_stop', {})}`,
  }
  return streams[dialect]
}

export const targets = wires
