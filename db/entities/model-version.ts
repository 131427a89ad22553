import { defineEntity, p } from '@mikro-orm/core'

/** What a model called itself in its answers: providers change versions behind one name. */
export const ModelVersion = defineEntity({
  name: 'ModelVersion',
  tableName: 'model_versions',
  properties: {
    provider: p.text().primary(),
    model: p.text().primary(),
    answerModel: p.text().primary(),
    firstSeen: p.datetime(),
    lastSeen: p.datetime(),
  },
})
