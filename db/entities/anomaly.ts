import { defineEntity, p } from '@mikro-orm/core'

/** Something wrong in a request, an answer or a usage series. */
export const Anomaly = defineEntity({
  name: 'Anomaly',
  tableName: 'anomalies',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    exchangeId: p.uuid().nullable(),
    anomalyType: p.text(),
    severity: p.text(),
    detection: p.json().$type<Record<string, unknown>>(),
    status: p.text(),
    resolution: p.json().$type<Record<string, unknown>>().nullable(),
    autoBlocked: p.boolean().default(false),
  },
})
