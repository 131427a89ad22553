import { defineEntity, p } from '@mikro-orm/core'
import type { ExperimentState } from '../words/experiment.ts'

/** One step of an experiment's life, with the numbers that caused it. */
export const ExperimentEvent = defineEntity({
  name: 'ExperimentEvent',
  tableName: 'experiment_events',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime(),
    experimentId: p.uuid(),
    version: p.integer(),
    fromState: p.text().$type<ExperimentState>().nullable(),
    toState: p.text().$type<ExperimentState>(),
    step: p.integer(),
    /** Null = it moved by itself. */
    person: p.text().nullable(),
    cause: p.text(),
    numbers: p.json().$type<Record<string, unknown>>(),
  },
})
