import { defineEntity, p } from '@mikro-orm/core'

/**
 * What a later request is known by to go on with an exchange: the conversation up to its answer, or the answer's id.
 */
export const SessionLink = defineEntity({
  name: 'SessionLink',
  tableName: 'session_links',
  properties: {
    team: p.text().primary(),
    link: p.text().primary(),
    exchangeId: p.uuid().primary(),
    sessionKey: p.text(),
    /** The exchange that goes on with it; null = none so far. */
    continuedBy: p.uuid().nullable(),
  },
})
