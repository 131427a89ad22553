import { defineEntity, p } from '@mikro-orm/core'

/** One point of an experiment's curve. */
export const ExperimentLook = defineEntity({
  name: 'ExperimentLook',
  tableName: 'experiment_looks',
  properties: {
    experimentId: p.uuid().primary(),
    version: p.integer().primary(),
    pairs: p.integer().primary(),
    at: p.datetime(),
    difference: p.double(),
    halfWidth: p.double(),
    control: p.integer(),
    treatment: p.integer(),
  },
})
