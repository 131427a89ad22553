/** The ways in which an exchange ends before a provider was asked, each with its record. */
import type { Intent } from '../../db/journal/records.ts'
import { factsOf, refuse, type Refusal } from '../dialects/refusals.ts'
import type { Counters } from '../state/loss-counts.ts'
import type { Exchange } from './exchange.ts'
import type { Recorder, RecordResult } from './record.ts'
import { sendRefusal, toRefusalBody } from './refusal.ts'

export interface RefusalParts {
  recorder: Recorder
  counters: Counters
}

export const empty: Buffer = Buffer.alloc(0)

/** Answers with Sinew's own error and records it: a refused exchange is one too. */
export async function refuseExchange(
  parts: RefusalParts,
  exchange: Exchange,
  refusal: Refusal,
  known: Partial<Intent>,
  body: Buffer,
): Promise<void> {
  const answer = toRefusalBody(exchange.facts, refusal, exchange.id)
  const outcome = exchange.toOutcome('error', factsOf(refusal.code).status, refusal.code, {
    headers: [],
    responseBytes: answer.length,
    responseDigest: null,
  })
  const recorded = await parts.recorder.recordRefused(exchange.toIntent(known), outcome, body, answer)
  if (recorded === 'refused') return refuseUnrecorded(parts, exchange)
  sendRefusal(exchange.request, exchange.response, refusal, answer, exchange.id)
}

/** The intent is recorded: writes the outcome of a refusal, and hands over the body to be sent. */
export function recordRefusal(
  recorder: Recorder,
  exchange: Exchange,
  refusal: Refusal,
  done: (result: RecordResult, body: Buffer) => void,
): void {
  const body = toRefusalBody(exchange.facts, refusal, exchange.id)
  const outcome = exchange.toOutcome('error', factsOf(refusal.code).status, refusal.code, {
    headers: [],
    responseBytes: body.length,
    responseDigest: null,
  })
  recorder.recordOutcome(outcome, body, (result) => done(result, body))
}

/** The caller went before its request was whole. */
export async function recordLeft(parts: RefusalParts, exchange: Exchange): Promise<void> {
  const outcome = exchange.toOutcome('cancelled', null, null, { headers: [], responseBytes: 0, responseDigest: null })
  await parts.recorder.recordRefused(exchange.toIntent({}), outcome, empty, empty)
}

/** The journal takes nothing: there cannot be a record of this, only a count. */
export function refuseUnrecorded(parts: RefusalParts, exchange: Exchange): void {
  parts.counters.add('refusedJournalFull')
  const refusal = refuse(
    'journal_full',
    'the gateway cannot record new exchanges: its disk is full; nothing that was answered is lost',
  )
  sendRefusal(
    exchange.request,
    exchange.response,
    refusal,
    toRefusalBody(exchange.facts, refusal, exchange.id),
    exchange.id,
  )
}
