/**
 * A provider's stand-in that speaks all three wire formats, as strict about calls and their results as the providers
 * are. It shares no code with the gateway's own dialects, so that a mistake of one side does not hide on the other.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Wire } from '../../../db/words/wire.ts'
import { startUpstream, type Upstream } from '../harness.ts'
import { answerTo, errors, scenarioOf, type Asked } from './said.ts'
import { chat } from './wire-chat.ts'
import { messages } from './wire-messages.ts'
import { responses } from './wire-responses.ts'

export const speakers = { chat, responses, messages } as const

export interface StandIn extends Upstream {
  /** What generations asked for, as the wire that they arrived in says it. */
  asked: (Asked & { wire: Wire; stream: boolean })[]
  /** How often a caller went away before its answer was whole. */
  left: number
}

export async function startStandIn(): Promise<StandIn> {
  const upstream = await startUpstream((request, response) =>
    answer(standIn, request, response, upstream.seen.at(-1)?.body ?? Buffer.alloc(0)),
  )
  const standIn: StandIn = Object.assign(upstream, { asked: [], left: 0 })
  return standIn
}

function answer(standIn: StandIn, request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
  const path = (request.url ?? '').split('?')[0] ?? ''
  const wire = (Object.keys(speakers) as Wire[]).find((name) => speakers[name].path === path)
  if (wire !== undefined) return generate(standIn, wire, JSON.parse(bytes.toString()) as object, response)
  if (path === '/v1/embeddings')
    return sendJson(response, 200, {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: embedding(bytes) }],
      model: 'text-embedding-3-small',
      usage: { prompt_tokens: 8, total_tokens: 8 },
    })
  if (path === '/v1/messages/count_tokens') return sendJson(response, 200, { input_tokens: 14 })
  sendJson(response, 404, {
    error: { message: `no ${path} here`, type: 'invalid_request_error', param: null, code: null },
  })
}

export const vector = [0.25, -0.5, 1]

/** Clients ask for base64 unless they are told otherwise. */
function embedding(bytes: Buffer): number[] | string {
  const { encoding_format: format } = JSON.parse(bytes.toString()) as { encoding_format?: string }
  return format === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector
}

function generate(standIn: StandIn, wire: Wire, body: { stream?: boolean }, response: ServerResponse): void {
  const speaker = speakers[wire]
  const asked = speaker.read(body)
  if ('field' in asked) {
    const { field, message } = asked
    return sendJson(
      response,
      400,
      speaker.error({
        status: 400,
        message: `${field}: ${message}`,
        openai: { type: 'invalid_request_error', code: null, param: field },
        anthropic: 'invalid_request_error',
      }),
    )
  }
  standIn.asked.push({ ...asked, wire, stream: body.stream === true })
  const scenario = scenarioOf(asked.prompt)
  const error = asked.results.length === 0 ? errors[scenario] : undefined
  if (error !== undefined) return sendJson(response, error.status, speaker.error(error))
  const said = answerTo(asked)
  if (body.stream !== true) return sendJson(response, 200, speaker.whole(said))
  const events = speaker.events(said, body)
  const begun = events.slice(0, Math.ceil(events.length / 2))
  response.on('close', () => void (response.writableFinished || standIn.left++))
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  if (scenario === 'breaks') return send(response, [...begun, speaker.breakage()], () => response.end())
  if (scenario === 'truncates') return send(response, begun, () => response.destroy())
  if (scenario === 'hangs') return send(response, begun, () => {})
  send(response, events, () => response.end())
}

/** Event by event, each on the wire before the next. */
function send(response: ServerResponse, [first, ...rest]: string[], done: () => void): void {
  if (first === undefined) return done()
  response.write(first, () => send(response, rest, done))
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_9f3', 'request-id': 'req_011C' })
    .end(JSON.stringify(body))
}
