import { defineEntity, p } from '@mikro-orm/core'

/** A rule: condition → edits of request or response, applied in order. */
export const Transformation = defineEntity({
  name: 'Transformation',
  tableName: 'transformations',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    ruleName: p.text(),
    ruleTrigger: p.json().$type<Record<string, unknown>>(),
    ruleLogic: p.json().$type<Record<string, unknown>>(),
    ruleOrder: p.integer(),
    active: p.boolean(),
    usageCount: p.bigint('number'),
  },
})
