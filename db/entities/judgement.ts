import { defineEntity, p } from '@mikro-orm/core'

/** What the judge says of an answer. */
export const Judgement = defineEntity({
  name: 'Judgement',
  tableName: 'judgements',
  properties: {
    exchangeId: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    score: p.double(),
    reason: p.text(),
    model: p.text(),
  },
})
