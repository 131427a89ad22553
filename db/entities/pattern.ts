import { defineEntity, p } from '@mikro-orm/core'
import type { PromptTemplate } from '../words/enhancement.ts'

/** A learned prompt template and what is known of it. */
export const Pattern = defineEntity({
  name: 'Pattern',
  tableName: 'prompt_patterns',
  properties: {
    id: p.uuid().primary(),
    team: p.text(),
    patternHash: p.text(),
    patternType: p.text(),
    title: p.text(),
    patternData: p.json().$type<PromptTemplate>(),
    templateVersion: p.integer(),
    frequency: p.bigint('number'),
    successes: p.bigint('number'),
    failures: p.bigint('number'),
    /** Null until an exchange has a verdict. Computed by PostgreSQL from the two counts. */
    successRate: p.double().nullable().persist(false),
    suggestions: p.json().$type<unknown[]>(),
    firstSeen: p.datetime(),
    lastSeen: p.datetime(),
  },
})
