import { defineEntity, p } from '@mikro-orm/core'
import type { FeedbackValue } from '../words/outcome.ts'

/**
 * What a caller says of an exchange; it may come before the exchange. One caller's id is one feedback, however often it
 * is sent.
 */
export const Feedback = defineEntity({
  name: 'Feedback',
  tableName: 'feedback',
  properties: {
    team: p.text().primary(),
    id: p.text().primary(),
    exchangeId: p.uuid(),
    keyName: p.text(),
    metric: p.text(),
    value: p.json().$type<FeedbackValue>(),
    comment: p.text().nullable(),
    givenAt: p.datetime(),
    recordedAt: p.datetime().defaultRaw('now()'),
    /** When it was counted. */
    appliedAt: p.datetime().nullable(),
  },
})
