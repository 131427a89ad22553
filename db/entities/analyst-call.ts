import { defineEntity, p } from '@mikro-orm/core'
import type { CallPurpose } from '../words/analyst.ts'

/** A call to the analyst, reserved before it is made, so that the daily caps hold across workers and restarts. */
export const AnalystCall = defineEntity({
  name: 'AnalystCall',
  tableName: 'analyst_calls',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    purpose: p.text().$type<CallPurpose>().default('proposal'),
    enhancementId: p.uuid().nullable(),
    model: p.text(),
    /** Before the answer: what was reserved; after it: what was used. */
    tokens: p.integer(),
    finishedAt: p.datetime().nullable(),
  },
})
