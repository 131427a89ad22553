import { defineEntity, p } from '@mikro-orm/core'

/** A conversation: as the client names it, else by the exchange that began it. */
export const Session = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    id: p.uuid().primary(),
    team: p.text(),
    sessionKey: p.text(),
    metadata: p.json().$type<Record<string, unknown>>().defaultRaw(`'{}'`),
    firstSeen: p.datetime().defaultRaw('now()'),
    lastSeen: p.datetime().defaultRaw('now()'),
  },
})
