import { defineEntity, p } from '@mikro-orm/core'
import type { RuleEdit, TransformationRule } from '../words/rule.ts'

/** A rule: condition → edits of request or answer, applied in order. */
export const Transformation = defineEntity({
  name: 'Transformation',
  tableName: 'transformations',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    ruleName: p.text(),
    target: p.text().$type<TransformationRule['target']>(),
    ruleTrigger: p.json().$type<{ condition: string }>(),
    ruleLogic: p.json().$type<{ edits: RuleEdit[] }>(),
    ruleOrder: p.integer(),
    active: p.boolean(),
    version: p.integer(),
    /** Exchanges that it changed, and those on which its condition failed: counted by the learner. */
    usageCount: p.bigint('number'),
    errorCount: p.bigint('number'),
    lastUsed: p.datetime().nullable(),
  },
})
