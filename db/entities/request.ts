import { defineEntity, p } from '@mikro-orm/core'
import type { ExchangeDecision, ExchangeStatus, ExchangeTimings, RequestReading } from '../words/exchange.ts'
import type { NextTurn, OutcomeReason, Verdict } from '../words/outcome.ts'
import type { Family } from '../words/wire.ts'

/** The caller's half of an exchange and how it ended. Partitioned by day of its time-ordered id. */
export const Request = defineEntity({
  name: 'Request',
  tableName: 'requests',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime(),
    sessionId: p.uuid().nullable(),
    team: p.text(),
    keyName: p.text(),
    /** Where teams share their patterns, whose these are; null = the team's own. */
    patternTeam: p.text().nullable(),
    endUser: p.text().nullable(),
    /** The program that called, as it names itself: `claude-cli/2.1.0`; null = it does not. */
    client: p.text().nullable(),
    /** The trace of the caller's own that it belongs to; null = the caller names none. */
    traceId: p.text().nullable(),
    dialect: p.text().$type<Family>(),
    endpoint: p.text(),
    requestedModel: p.text().nullable(),
    provider: p.text().nullable(),
    model: p.text().nullable(),
    stream: p.boolean(),
    /** Derived from the body for searching; the body itself is the record. */
    messages: p.json().$type<unknown>().nullable(),
    tools: p.json().$type<unknown>().nullable(),
    parameters: p.json().$type<Record<string, unknown>>().nullable(),
    /** What learning needs of the body, read once. */
    reading: p.json().$type<RequestReading>().nullable(),
    /** Names how its prompt opens; null = it has no prompt. */
    openingHash: p.text().nullable(),
    /** What all that was said in its conversation so far comes to; with its answer, later requests are found by it. */
    conversationLink: p.text().nullable(),
    target: p.text().nullable(),
    headers: p.json().$type<[string, string][]>().defaultRaw(`'[]'`),
    namespacePrefix: p.text().nullable(),
    originalBody: p.blob().nullable(),
    /** Null = as the caller sent it. */
    sentBody: p.blob().nullable(),
    requestBytes: p.bigint('number'),
    requestDigest: p.text().nullable(),
    sentDigest: p.text().nullable(),
    enhancementId: p.uuid().nullable(),
    decision: p.json().$type<ExchangeDecision>().nullable(),
    status: p.text().$type<ExchangeStatus>().default('unknown'),
    httpStatus: p.integer().nullable(),
    errorCode: p.text().nullable(),
    timings: p.json().$type<ExchangeTimings>().nullable(),
    finishedAt: p.datetime().nullable(),
    patternId: p.uuid().nullable(),
    verdict: p.text().$type<Verdict>().nullable(),
    verdictReason: p.text().nullable(),
    /** From 0 to 1; null = nothing tells. */
    outcomeScore: p.double().nullable(),
    outcomeReasons: p.json().$type<OutcomeReason[]>().defaultRaw(`'[]'`),
    /** From 0 to 1: how sure the verdict is. */
    outcomeConfidence: p.double().nullable(),
    /** The verdict without the words of people and judges. */
    ownVerdict: p.text().$type<Verdict>().nullable(),
    /** What the session's next message says of this answer, and the exchange that holds it. */
    nextTurn: p.text().$type<NextTurn>().nullable(),
    nextTurnBy: p.uuid().nullable(),
    learnedAt: p.datetime().nullable(),
    journalId: p.uuid().nullable(),
    writerId: p.uuid().nullable(),
    /** The transaction that finished the record: what live lists follow, in an order that has no gaps. */
    recordedIn: p.string().columnType('xid8').nullable(),
    workflowStartedAt: p.datetime().nullable(),
    workflowAttempts: p.integer().default(0),
  },
})
