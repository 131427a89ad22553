import type { ProviderWire, Wire } from '../../../../db/words/wire.ts'
import { compareAnswers, compareRequests } from './compare.ts'
import { readChatAnswer, readChatRequest, readChatStream } from './read-chat.ts'
import { readGoogleAnswer, readGoogleStream } from './read-google.ts'
import { readMessagesAnswer, readMessagesRequest, readMessagesStream } from './read-messages.ts'
import {
  readResponsesAnswer,
  readResponsesRequest,
  readResponsesStream,
  responsesContradiction,
} from './read-responses.ts'
import type { AnswerReading, RequestReading } from './reading.ts'
import { compareRecord } from './record.ts'
import { minimalAnswer, minimalRequest, targets, type WireRow } from './rows.ts'
import type { WireTransport } from './transport.ts'

export interface Cell {
  readonly id: string
  readonly source: string
  readonly dialect: Wire | 'pass-through'
  readonly side: 'answer' | 'request'
  /** Undefined: passed. */
  readonly why: string | undefined
  /** Something that the target cannot say was left out, and named. */
  readonly dropped: boolean
}

const readers: Readonly<
  Record<
    ProviderWire,
    { answer(body: string): AnswerReading; stream(body: string): AnswerReading; request(body: string): RequestReading }
  >
> = {
  chat: { answer: readChatAnswer, stream: readChatStream, request: readChatRequest },
  responses: { answer: readResponsesAnswer, stream: readResponsesStream, request: readResponsesRequest },
  messages: { answer: readMessagesAnswer, stream: readMessagesStream, request: readMessagesRequest },
  google: { answer: readGoogleAnswer, stream: readGoogleStream, request: () => notSpoken() },
}

/** No caller of ours speaks a provider's own dialect, so there is no request to read. */
function notSpoken(): never {
  throw new Error('clients do not speak this dialect')
}

/** How a reply is cut into chunks: whole, or at every byte. */
export type Cut = (bytes: Uint8Array) => readonly Uint8Array[]
export const whole: Cut = (bytes) => [bytes]
export const everyByte: Cut = (bytes) => Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))

export async function runRow(row: WireRow, transport: WireTransport, cut: Cut = whole): Promise<Cell[]> {
  if (!row.generation || row.dialect === undefined) return [await passThrough(row, transport, cut)]
  const { dialect } = row
  const cells: Cell[] = []
  if (dialect === 'google') cells.push(await passThrough(row, transport, cut))
  for (const target of targets) {
    cells.push(await attempt(row, target, 'answer', () => answerCell(row, dialect, target, transport, cut)))
    const { request } = row
    if (request !== undefined && dialect !== 'google')
      cells.push(await attempt(row, target, 'request', () => requestCell(row, request, dialect, target, transport)))
  }
  return cells
}

async function attempt(
  row: WireRow,
  dialect: Cell['dialect'],
  side: Cell['side'],
  run: () => Promise<{ why: string | undefined; dropped: boolean }>,
): Promise<Cell> {
  const base = { id: row.id, source: row.dialect ?? 'other', dialect, side }
  try {
    return { ...base, ...(await run()) }
  } catch (error) {
    return {
      ...base,
      why: `it threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
      dropped: false,
    }
  }
}

/** What is no generation passes through byte for byte, both ways. A dialect of its own is carried by any. */
async function passThrough(row: WireRow, transport: WireTransport, cut: Cut): Promise<Cell> {
  const dialect = row.dialect === undefined || row.dialect === 'google' ? 'chat' : row.dialect
  return attempt(row, 'pass-through', 'answer', async () => {
    const request = row.request ?? minimalRequest(dialect, row.stream)
    const outcome = await transport.exchange({
      caller: dialect,
      upstream: row.dialect ?? dialect,
      path: row.path,
      raw: true,
      stream: row.stream,
      request,
      reply: reply(row, cut),
    })
    return {
      why: different(row.response, outcome.body, 'answer') ?? different(request, outcome.upstreamSaw, 'request'),
      dropped: false,
    }
  })
}

async function answerCell(
  row: WireRow,
  source: ProviderWire,
  target: Wire,
  transport: WireTransport,
  cut: Cut,
): Promise<{ why: string | undefined; dropped: boolean }> {
  const request = minimalRequest(target, row.stream)
  const outcome = await transport.exchange({
    caller: target,
    upstream: source,
    path: row.path,
    stream: row.stream,
    request,
    reply: reply(row, cut),
  })
  const kind = row.stream ? 'stream' : 'answer'
  const expected = readers[source][kind](row.response)
  const same = source === target
  // An answer that only states an error is none: a caller of another wire is told so in HTTP.
  const failed = !same && !row.stream && row.status < 300 && expected.error !== undefined
  if (failed ? outcome.status < 400 : outcome.status !== row.status)
    return { why: `the status is ${outcome.status} instead of ${failed ? 'an error' : row.status}`, dropped: false }
  const call = { wire: target, stream: row.stream, httpStatus: outcome.status }
  const recorded = 'record' in outcome ? compareRecord(call, outcome.record, expected) : undefined
  if (same) return { why: different(row.response, outcome.body, 'answer') ?? recorded, dropped: false }
  const actual = readers[target][kind](outcome.body)
  const contradiction = target === 'responses' && row.stream ? responsesContradiction(outcome.body) : undefined
  return {
    why: contradiction ?? compareAnswers(expected, actual, target, outcome.dropped, row.status) ?? recorded,
    dropped: outcome.dropped.length > 0,
  }
}

/**
 * The references that only the provider's own store can follow: a request that has one is refused, whatever the
 * setting.
 */
const refusable = /^(?:previous_response_id|conversation|prompt|input\[\d+\])$/

async function requestCell(
  row: WireRow,
  request: string,
  source: Wire,
  target: Wire,
  transport: WireTransport,
): Promise<{ why: string | undefined; dropped: boolean }> {
  const expected = readers[source].request(request)
  const chunks = [Buffer.from(minimalAnswer(target, expected.stream))]
  const contentType = expected.stream ? 'text/event-stream' : 'application/json'
  const outcome = await transport.exchange({
    caller: source,
    upstream: target,
    path: row.path,
    stream: expected.stream,
    request,
    reply: { status: 200, contentType, chunks },
  })
  const answered = readers[target][expected.stream ? 'stream' : 'answer'](minimalAnswer(target, expected.stream))
  const call = { wire: source, stream: expected.stream, httpStatus: outcome.status }
  const recorded =
    'record' in outcome && outcome.upstreamSaw !== undefined ? compareRecord(call, outcome.record, answered) : undefined
  if (source === target)
    return {
      why: different(request, withoutUsageAsking(request, outcome.upstreamSaw), 'request') ?? recorded,
      dropped: false,
    }
  if (outcome.upstreamSaw === undefined) {
    const stated = readers[source].answer(outcome.body).error?.message ?? ''
    const honest =
      outcome.status === 400 &&
      expected.said.some((said) => said.kind === 'foreign' && refusable.test(said.path) && stated.includes(said.path))
    return { why: honest ? undefined : `it was refused with ${outcome.status}: ${stated}`, dropped: true }
  }
  return {
    why: compareRequests(expected, readers[target].request(outcome.upstreamSaw), target, outcome.dropped) ?? recorded,
    dropped: outcome.dropped.length > 0,
  }
}

/** A gateway that records asks a chat stream for its usage: the one thing that it adds to a request. */
function withoutUsageAsking(request: string, sent: string | undefined): string | undefined {
  if (sent === undefined || request.includes('"stream_options"')) return sent
  return sent.replace(/"stream_options":\{"include_usage":true\},?/, '')
}

function reply(row: WireRow, cut: Cut): { status: number; contentType: string; chunks: readonly Uint8Array[] } {
  return { status: row.status, contentType: row.contentType, chunks: cut(Buffer.from(row.response, 'utf8')) }
}

function different(expected: string, actual: string | undefined, what: string): string | undefined {
  return expected === actual ? undefined : `the ${what}'s bytes differ`
}
