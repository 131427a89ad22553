/** Turns what the journal holds of an exchange into rows of PostgreSQL. */
import { createHash, hash } from 'node:crypto'
import type { Bodies, OutcomeRow, RequestRow, ResponseRow } from '../../../db/repositories/exchanges/ingest.ts'
import type { Price } from '../../../db/words/config.ts'
import { decodeRecorded } from '../../../db/journal/encodings.ts'
import { readAnswer } from '../../domain/exchanges/answer.ts'
import { deriveSessionKey, toSearchable } from '../../domain/exchanges/conversation.ts'
import { findPrice, toCostUsd } from '../../domain/exchanges/cost.ts'
import { parseJson } from '../../domain/json/json.ts'
import { readAnswerModel } from '../../domain/findings/model-versions.ts'
import { wireOf } from '../../domain/exchanges/wire.ts'
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

/** Larger request bodies are kept whole and can be read, but nothing is derived from them. */
const derivedBytesMax = 1024 * 1024
/** PostgreSQL indexes no text of several kilobytes; a longer key stands for itself by its hash. */
const sessionKeyCharactersMax = 512

export function toRequestRow(intent: NonNullable<Fold['intent']>, bodies: Bodies): RequestRow {
  const { header, request, sent } = intent
  const whole = request.length === header.requestBytes
  const body = whole && request.length <= derivedBytesMax ? parseJson(request.toString('utf8')) : null
  const wire = wireOf(header.endpoint)
  const sessionKey = header.sessionKey ?? deriveSessionKey(header.keyName, header.endUser, wire, body)
  const requestDigest = whole ? hash('sha256', request) : null
  return {
    id: header.id,
    created_at: toTime(header.at),
    session_key: sessionKey === null ? null : toBoundedKey(sessionKey),
    team: header.team,
    pattern_team: header.patternTeam ?? null,
    key_name: header.keyName,
    end_user: header.endUser,
    dialect: header.dialect,
    endpoint: header.endpoint,
    requested_model: header.requestedModel,
    provider: header.provider,
    model: header.model,
    stream: header.stream,
    ...toSearchable(wire, body),
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
    journal_id: intent.journalId,
    writer_id: intent.writerId,
  }
}

export function toOutcomeRow({ header }: NonNullable<Fold['outcome']>): OutcomeRow {
  return {
    id: header.id,
    status: header.status,
    http_status: header.httpStatus,
    error_code: header.errorCode,
    timings: header.timings,
    finished_at: toTime(header.at),
  }
}

export function toResponseRow(
  outcome: NonNullable<Fold['outcome']>,
  facts: RequestFacts,
  prices: Record<string, Price>,
  bodies: Bodies,
): ResponseRow {
  const { header, response } = outcome
  const contentType = header.headers.find(([name]) => name === 'content-type')?.[1] ?? ''
  const streaming = contentType === '' ? facts.stream : contentType.includes('text/event-stream')
  const decoded = decodeRecorded(response, header.headers)
  const text = 'problem' in decoded ? null : decoded.text
  const wire = wireOf(facts.endpoint)
  const answer = readAnswer(wire, streaming, text ?? '')
  const usage = header.usage === undefined ? answer.usage : header.usage
  return {
    id: header.id,
    created_at: toTime(header.at),
    status_code: header.httpStatus,
    streaming,
    headers: header.headers,
    content: answer.content,
    tool_calls: answer.toolCalls.length > 0 ? answer.toolCalls : null,
    stop_reason: answer.stopReason,
    refusal: answer.refusal,
    usage,
    input_tokens: usage?.inputTokens ?? null,
    output_tokens: usage?.outputTokens ?? null,
    // What the gateway noted on the way counts cached tokens within the input, as chat does.
    cost_usd: toCostUsd(
      header.usage === undefined ? wire : 'chat',
      usage,
      answer.cacheWriteTokens,
      findPrice(prices, facts.provider, facts.model),
    ),
    answer_model: text === null ? null : readAnswerModel(text),
    body: bodies.add(response),
    body_bytes: header.responseBytes,
    body_digest: header.responseDigest ?? hash('sha256', response),
    change: header.change ?? null,
  }
}

function toBoundedKey(key: string): string {
  if (key.length <= sessionKeyCharactersMax) return key
  return `${key.slice(0, 64)}…sha256-${createHash('sha256').update(key).digest('hex')}`
}

/** Throws for a moment that is none: the entry is then refused like one that PostgreSQL refuses. */
function toTime(ms: number): string {
  return new Date(ms).toISOString()
}
