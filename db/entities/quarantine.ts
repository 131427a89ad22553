import { defineEntity, p } from '@mikro-orm/core'

/** What was refused five times, set aside whole so that it holds nobody up and can be looked at. */
export const Quarantine = defineEntity({
  name: 'Quarantine',
  tableName: 'quarantine',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    stage: p.text().$type<'journal' | 'record' | 'workflow'>(),
    exchangeId: p.uuid().nullable(),
    place: p.text(),
    error: p.text(),
    payload: p.blob().nullable(),
  },
})
