import { defineEntity, p } from '@mikro-orm/core'

/** What a pattern counted on one UTC day, by the caller's key and the model. */
export const PatternDay = defineEntity({
  name: 'PatternDay',
  tableName: 'pattern_days',
  properties: {
    patternId: p.uuid().primary(),
    day: p.date().primary(),
    keyName: p.text().primary(),
    model: p.text().primary(),
    exchanges: p.bigint('number'),
    successes: p.bigint('number'),
    failures: p.bigint('number'),
    /** US dollars of the exchanges whose price is known, and how many those are. */
    costUsd: p.double(),
    priced: p.bigint('number'),
  },
})
