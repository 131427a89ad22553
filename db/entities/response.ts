import { defineEntity, p } from '@mikro-orm/core'
import type { AnswerChange, Usage } from '../words/exchange.ts'
import type { AnswerFailureWords } from '../words/outcome.ts'

/** The answer's half of an exchange, under the same id. Partitioned by day of its time-ordered id. */
export const Response = defineEntity({
  name: 'Response',
  tableName: 'responses',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime(),
    statusCode: p.integer().nullable(),
    streaming: p.boolean(),
    headers: p.json().$type<[string, string][]>().defaultRaw(`'[]'`),
    content: p.text().nullable(),
    toolCalls: p.json().$type<{ name: string; arguments: string }[]>().nullable(),
    stopReason: p.text().nullable(),
    refusal: p.boolean().default(false),
    /** Pictures or sound without words. */
    hasMedia: p.boolean().default(false),
    /** What the provider said of a failure; null = nothing. */
    failure: p.json().$type<AnswerFailureWords>().nullable(),
    usage: p.json().$type<Usage>().nullable(),
    inputTokens: p.integer().nullable(),
    outputTokens: p.integer().nullable(),
    /** Null = no price is known for the model, never 0. */
    costUsd: p.double().nullable(),
    /** Without discounts for a cached prompt: what experiments compare. */
    listCostUsd: p.double().nullable(),
    /** The model as the answer names it: providers change versions behind one name. */
    answerModel: p.text().nullable(),
    body: p.blob().nullable(),
    bodyBytes: p.bigint('number'),
    bodyDigest: p.text().nullable(),
    change: p.json().$type<AnswerChange>().nullable(),
  },
})
