import { defineEntity, p } from '@mikro-orm/core'

/** Stored exchanges of these patterns are looked at again, newest first, down from the cursor. */
export const PatternReview = defineEntity({
  name: 'PatternReview',
  tableName: 'pattern_reviews',
  properties: {
    patternId: p.uuid().primary(),
    team: p.text(),
    cursor: p.uuid().nullable(),
    /** The learned patterns that its exchanges may belong to. */
    targets: p.array().columnType('uuid[]').defaultRaw(`'{}'`),
    requestedAt: p.datetime().defaultRaw('now()'),
  },
})
