import { defineEntity, p } from '@mikro-orm/core'
import type { RuleEdit, TransformationRule } from '../words/rule.ts'

/** A rule: condition → edits of request or answer, applied in order. */
export const Transformation = defineEntity({
  name: 'Transformation',
  tableName: 'transformations',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    ruleName: p.text(),
    target: p.text().$type<TransformationRule['target']>().default('request'),
    ruleTrigger: p.json().$type<{ condition: string }>(),
    ruleLogic: p.json().$type<{ edits: RuleEdit[] }>(),
    ruleOrder: p.integer(),
    active: p.boolean().default(false),
    version: p.integer().default(1),
    /** Exchanges that it changed, and those on which its condition failed: counted by the learner. */
    usageCount: p.bigint('number').default(0),
    errorCount: p.bigint('number').default(0),
    lastUsed: p.datetime().nullable(),
  },
})
