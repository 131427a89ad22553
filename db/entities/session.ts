import { defineEntity, p } from '@mikro-orm/core'

/** A conversation: the caller's `x-sinew-session`, else derived from the key and how the messages begin. */
export const Session = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    id: p.uuid().primary(),
    team: p.text(),
    sessionKey: p.text(),
    metadata: p.json().$type<Record<string, unknown>>(),
    firstSeen: p.datetime(),
    lastSeen: p.datetime(),
  },
})
