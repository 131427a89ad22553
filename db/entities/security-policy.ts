import { defineEntity, p } from '@mikro-orm/core'

/** A security rule set; the policies with the highest priority are asked first. */
export const SecurityPolicy = defineEntity({
  name: 'SecurityPolicy',
  tableName: 'security_policies',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    policyName: p.text(),
    policyType: p.text(),
    rules: p.json().$type<unknown[]>().defaultRaw(`'[]'`),
    active: p.boolean().default(false),
    priority: p.integer().default(0),
  },
})
