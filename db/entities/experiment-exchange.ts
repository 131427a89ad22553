import { defineEntity, p } from '@mikro-orm/core'
import type { ExperimentArm } from '../words/experiment.ts'

/** An exchange of a unit. */
export const ExperimentExchange = defineEntity({
  name: 'ExperimentExchange',
  tableName: 'experiment_exchanges',
  properties: {
    experimentId: p.uuid().primary(),
    version: p.integer().primary(),
    unit: p.text().primary(),
    exchangeId: p.uuid().primary(),
    arm: p.text().$type<ExperimentArm>().nullable(),
    at: p.datetime(),
  },
})
