import { defineEntity, p } from '@mikro-orm/core'
import type { TransformationRule } from '../words/rule.ts'

/** A rule as one change left it. The history outlives its rule, so it does not reference it. */
export const TransformationVersion = defineEntity({
  name: 'TransformationVersion',
  tableName: 'transformation_versions',
  properties: {
    transformationId: p.uuid().primary(),
    version: p.integer().primary(),
    change: p.text().$type<'saved' | 'removed'>(),
    rule: p.json().$type<Omit<TransformationRule, 'id' | 'version'>>(),
    person: p.text(),
    reason: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})
