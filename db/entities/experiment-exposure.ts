import { defineEntity, p } from '@mikro-orm/core'
import type { ExperimentArm } from '../words/experiment.ts'

/**
 * The first exposure of a unit, and what the unit has come to. It references no experiment: what the journal holds is
 * taken as it comes.
 */
export const ExperimentExposure = defineEntity({
  name: 'ExperimentExposure',
  tableName: 'experiment_exposures',
  properties: {
    experimentId: p.uuid().primary(),
    version: p.integer().primary(),
    unit: p.text().primary(),
    arm: p.text().$type<ExperimentArm>(),
    exchangeId: p.uuid(),
    exposedAt: p.datetime(),
    model: p.text().nullable(),
    /** Seen in both arms. */
    mixed: p.boolean().default(false),
    events: p.json().$type<Record<string, 0 | 1>>().nullable(),
    scored: p.boolean().default(false),
    value: p.double().nullable(),
    costUsd: p.double().nullable(),
    resolvedAt: p.datetime().nullable(),
  },
})
