/** Turns what the journal holds of an exchange into rows of PostgreSQL. */
import { createHash, hash } from 'node:crypto'
import type { Bodies, OutcomeRow, RequestRow, ResponseRow } from '../../../db/repositories/exchanges/ingest-rows.ts'
import { toTimestamp } from '../../../db/repositories/page.ts'
import type { Price } from '../../../db/words/config.ts'
import type { AnswerFailureWords } from '../../../db/words/outcome.ts'
import { decodeRecorded } from '../../../db/journal/content-encoding.ts'
import { findParsedFailure, type AnswerFailure } from '../../domain/exchanges/answer-failure.ts'
import { readParsedAnswer, type NamedAnswer } from '../../domain/exchanges/answer.ts'
import { fromRecordedHeaders, readClientIds } from '../../domain/exchanges/client-ids.ts'
import { readConversation, toAnswerLink } from '../../domain/exchanges/conversation-links.ts'
import { toSearchable } from '../../domain/exchanges/conversation.ts'
import { decideEnding } from '../../domain/exchanges/ending.ts'
import { findPrice, toCostUsd, toListCostUsd } from '../../domain/exchanges/cost.ts'
import { parseJson } from '../../domain/json/json.ts'
import { readRequest, toOpeningHash } from '../../domain/exchanges/reading.ts'
import { parseRecorded } from '../../domain/exchanges/recorded-answer.ts'
import { readAnswerModel } from '../../domain/findings/model-versions.ts'
import { readTraceId } from '../../domain/exchanges/trace-id.ts'
import { wireOf } from '../../domain/exchanges/wire.ts'
import { toAnswerIdLink, type ConversationPlace } from './derive-sessions.ts'
import type { Fold } from './fold.ts'

/**
 * What the answer's reader must know of the request; for outcomes whose intent is stored already it comes from there.
 */
export interface RequestFacts {
  endpoint: string
  stream: boolean
  provider: string | null
  model: string | null
}

/** Larger request bodies are kept whole, but nothing is read from them: it would hold up all others. */
const maxReadBytes = 4 * 1024 * 1024
/** Of larger ones the messages are not kept a second time for searching. */
const maxMessagesBytes = 1024 * 1024
/** PostgreSQL indexes no text of several kilobytes; a longer key stands for itself by its hash. */
const maxSessionKeyCharacters = 512
const maxFailureCode = 200
const maxFailureMessage = 1_000

/** What was read of a request, and by what its conversation is found where its client names none. */
export interface ReadIntent {
  columns: Pick<
    RequestRow,
    'session_key' | 'end_user' | 'messages' | 'tools' | 'parameters' | 'reading' | 'opening_hash' | 'conversation_link'
  >
  place: ConversationPlace
}

/** Reads a request's body, once; everything later works with what was read. */
export function readIntent({ header, request }: NonNullable<Fold['intent']>): ReadIntent {
  const whole = request.length === header.requestBytes
  const body = whole && request.length <= maxReadBytes ? parseJson(request.toString('utf8')) : null
  const wire = wireOf(header.endpoint)
  const ids = readClientIds(fromRecordedHeaders(header.headers), wire, body)
  const sessionKey = header.sessionKey ?? ids.session
  const endUser = header.endUser ?? ids.endUser
  const conversation = readConversation(JSON.stringify([header.keyName, endUser]), wire, body)
  const reading = readRequest(wire, body)
  return {
    columns: {
      session_key: sessionKey === null ? null : toBoundedKey(sessionKey),
      end_user: endUser,
      ...toSearchable(wire, body, request.length <= maxMessagesBytes),
      reading,
      opening_hash: toOpeningHash(reading),
      conversation_link: conversation?.whole ?? null,
    },
    place: { previousAnswer: ids.previousAnswer, conversation },
  }
}

export function toRequestRow(
  intent: NonNullable<Fold['intent']>,
  bodies: Bodies,
  read = readIntent(intent),
): RequestRow {
  const { header, request, sent, journalId, writerId } = intent
  const whole = request.length === header.requestBytes
  const requestDigest = whole ? hash('sha256', request) : null
  return {
    ...read.columns,
    id: header.id,
    created_at: toTimestamp(header.at),
    team: header.team,
    pattern_team: header.patternTeam ?? null,
    key_name: header.keyName,
    client: readClient(header.headers),
    trace_id: readTraceId(fromRecordedHeaders(header.headers)),
    dialect: header.dialect,
    endpoint: header.endpoint,
    requested_model: header.requestedModel,
    provider: header.provider,
    model: header.model,
    stream: header.stream,
    target: header.target,
    headers: header.headers,
    namespace_prefix: header.namespacePrefix ?? null,
    original: request.length > 0 || whole ? bodies.add(request) : null,
    sent: sent === null ? null : bodies.add(sent),
    request_bytes: header.requestBytes,
    request_digest: requestDigest,
    sent_digest: sent === null ? requestDigest : hash('sha256', sent),
    enhancement_id: header.enhancementId,
    decision: header.decision ?? null,
    experiment: header.experiment ?? null,
    journal_id: journalId,
    writer_id: writerId,
  }
}

export function toOutcomeRow(
  { header }: NonNullable<Fold['outcome']>,
  { failure }: Pick<ReadOutcome, 'failure'>,
): OutcomeRow {
  return {
    id: header.id,
    status: decideEnding(header.status, header.httpStatus, failure),
    http_status: header.httpStatus,
    error_code: header.errorCode,
    timings: header.timings,
    finished_at: toTimestamp(header.at),
  }
}

/** What was read of an answer. */
export interface ReadOutcome {
  answer: NamedAnswer
  streaming: boolean
  /** The model as the answer names it. */
  model: string | null
  /** What failed, although its HTTP status may be 2xx. */
  failure: AnswerFailure | null
}

/** Reads an answer's body, once. */
export function readOutcome({ header, response }: NonNullable<Fold['outcome']>, facts: RequestFacts): ReadOutcome {
  const contentType = header.headers.find(([name]) => name === 'content-type')?.[1] ?? ''
  const streaming = contentType === '' ? facts.stream : contentType.includes('text/event-stream')
  const decoded = decodeRecorded(response, header.headers)
  const text = 'problem' in decoded ? '' : decoded.text
  const wire = wireOf(facts.endpoint)
  const parsed = parseRecorded(streaming, text)
  const cut = response.length < header.responseBytes
  return {
    answer: readParsedAnswer(wire, parsed),
    streaming,
    model: text === '' ? null : readAnswerModel(text),
    // Where the bytes cannot be read, they say nothing of a failure either.
    failure: text === '' ? null : findParsedFailure(wire, parsed, cut),
  }
}

/** By what later requests are found to go on from an answer. */
export function toLinks(endpoint: string, conversationLink: string | null, { answer }: ReadOutcome): string[] {
  const wire = wireOf(endpoint)
  const said = conversationLink === null ? null : toAnswerLink(conversationLink, answer)
  const named = answer.id === null || (wire !== 'responses' && wire !== 'messages') ? null : toAnswerIdLink(answer.id)
  return [said, named].filter((link) => link !== null)
}

export function toResponseRow(
  outcome: NonNullable<Fold['outcome']>,
  facts: RequestFacts,
  prices: Record<string, Price>,
  bodies: Bodies,
  { answer, streaming, model, failure } = readOutcome(outcome, facts),
): ResponseRow {
  const { header, response } = outcome
  const usage = header.usage === undefined ? answer.usage : header.usage
  const price = findPrice(prices, facts.provider, facts.model)
  return {
    id: header.id,
    created_at: toTimestamp(header.at),
    status_code: header.httpStatus,
    streaming,
    headers: header.headers,
    content: answer.content,
    tool_calls: answer.toolCalls.length > 0 ? answer.toolCalls : null,
    stop_reason: answer.stopReason,
    refusal: answer.refusal,
    has_media: answer.hasMedia === true,
    failure: failure && toFailureWords(failure),
    usage,
    input_tokens: usage?.inputTokens ?? null,
    output_tokens: usage?.outputTokens ?? null,
    cost_usd: toCostUsd(wireOf(facts.endpoint), usage, price),
    list_cost_usd: toListCostUsd(wireOf(facts.endpoint), usage, price),
    answer_model: model,
    body: bodies.add(response),
    body_bytes: header.responseBytes,
    body_digest: header.responseDigest ?? hash('sha256', response),
    change: header.change ?? null,
  }
}

/** The words of a failure are for deciding whose it is; a page of HTML is none. */
function toFailureWords({ code, message }: AnswerFailure): AnswerFailureWords {
  const clean = (text: string, most: number): string => text.replaceAll('\0', '').toWellFormed().slice(0, most)
  return { code: clean(code, maxFailureCode), message: clean(message, maxFailureMessage) }
}

/** The first product of the caller's `user-agent`, with its version. */
function readClient(headers: readonly [string, string][]): string | null {
  const agent = fromRecordedHeaders(headers)('user-agent')
  return typeof agent === 'string' ? (/^[\w.+-]{1,64}(?:\/[\w.+-]{1,64})?/.exec(agent)?.[0] ?? null) : null
}

function toBoundedKey(key: string): string {
  if (key.length <= maxSessionKeyCharacters) return key
  return `${key.slice(0, 64)}…sha256-${createHash('sha256').update(key).digest('hex')}`
}
