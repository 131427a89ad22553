/**
 * Reads stored exchanges again from their bytes, as a reanalysis does that a person asked for. Everyone else works with
 * what the shipper read.
 */
import { decodeRecorded } from '../../db/journal/content-encoding.ts'
import type { Database } from '../../db/database.ts'
import {
  findRecordedBytes,
  writeReadings,
  type RecordedBytes,
  type Reread,
} from '../../db/repositories/exchanges/readings.ts'
import type { StoredExchange } from '../../db/repositories/outcomes/learning.ts'
import { findParsedFailure, type AnswerFailure } from '../domain/exchanges/answer-failure.ts'
import { readParsedAnswer, type Answer } from '../domain/exchanges/answer.ts'
import { decideEnding } from '../domain/exchanges/ending.ts'
import { readRequest, toOpeningHash } from '../domain/exchanges/reading.ts'
import { parseRecorded } from '../domain/exchanges/recorded-answer.ts'
import { wireOf } from '../domain/exchanges/wire.ts'
import { parseJson } from '../domain/json/json.ts'

/** At most 4 MiB of request and of answer each: so many are in memory at once. */
const atOnce = 8

export interface RereadExchange {
  /** `null` = the request cannot be read again: what is stored of it stands. */
  request: Reread | null
  /** `null` = the answer cannot be read again: what is stored of it stands. */
  answer: { said: Answer; failure: AnswerFailure | null } | null
}

/** What was read of the requests is stored anew. */
export async function rereadExchanges(transaction: Database, ids: string[]): Promise<Map<string, RereadExchange>> {
  const reread = new Map<string, RereadExchange>()
  for (let at = 0; at < ids.length; at += atOnce)
    for (const recorded of await findRecordedBytes(transaction, ids.slice(at, at + atOnce)))
      reread.set(recorded.id, { request: readAgain(recorded), answer: readAnswerAgain(recorded) })
  await writeReadings(
    transaction,
    [...reread.values()].flatMap(({ request }) => request ?? []),
  )
  return reread
}

/** The exchange as its bytes say, not as an earlier reader had it. */
export function toReread(exchange: StoredExchange, reread: RereadExchange | undefined): StoredExchange {
  if (reread === undefined) return exchange
  const { request, answer } = reread
  return {
    ...exchange,
    ...(request && { openingHash: request.openingHash }),
    ...(answer && {
      status: decideEnding(exchange.status, exchange.httpStatus, answer.failure),
      hasText: answer.said.content !== null,
      hasMedia: answer.said.hasMedia === true,
      failure: answer.failure,
      hasToolCalls: answer.said.toolCalls.length > 0,
      refusal: answer.said.refusal,
      stopReason: answer.said.stopReason,
    }),
  }
}

function readAgain({ id, endpoint, request }: RecordedBytes): Reread | null {
  if (request === null) return null
  const reading = readRequest(wireOf(endpoint), parseJson(request.toString('utf8')))
  return { id, reading, openingHash: toOpeningHash(reading) }
}

function readAnswerAgain({ endpoint, answer }: RecordedBytes): RereadExchange['answer'] {
  if (answer === null || answer.body === null) return null
  const decoded = decodeRecorded(answer.body, answer.headers)
  if ('problem' in decoded) return null
  const wire = wireOf(endpoint)
  const parsed = parseRecorded(answer.streaming, decoded.text)
  return {
    said: readParsedAnswer(wire, parsed),
    failure: decoded.text === '' ? null : findParsedFailure(wire, parsed, answer.body.length < answer.bodyBytes),
  }
}
