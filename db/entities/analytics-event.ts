import { defineEntity, p } from '@mikro-orm/core'

/** A fact for reports. Partitioned by day of its time-ordered id. */
export const AnalyticsEvent = defineEntity({
  name: 'AnalyticsEvent',
  tableName: 'analytics_events',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime(),
    eventType: p.text(),
    exchangeId: p.uuid().nullable(),
    sessionId: p.uuid().nullable(),
    data: p.json().$type<Record<string, unknown>>(),
  },
})
