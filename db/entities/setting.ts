import { defineEntity, p } from '@mikro-orm/core'

/** What a person set in the admin, and who it was. `null` = back to nothing; the row then says who took it back. */
export const Setting = defineEntity({
  name: 'Setting',
  tableName: 'settings',
  properties: {
    key: p.text().primary(),
    value: p.json().$type<unknown>().nullable(),
    updatedBy: p.text(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
