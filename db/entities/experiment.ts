import { defineEntity, p } from '@mikro-orm/core'
import type { ExperimentBaseline, ExperimentSettings, ExperimentState } from '../words/experiment.ts'

/** Control against enhancement, on units. */
export const Experiment = defineEntity({
  name: 'Experiment',
  tableName: 'experiments',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    createdBy: p.text(),
    hypothesis: p.text().nullable(),
    team: p.text(),
    patternId: p.uuid(),
    enhancementId: p.uuid(),
    /** Counts the splits: a promotion makes a new one, with a new salt. */
    version: p.integer().default(1),
    salt: p.text(),
    state: p.text().$type<ExperimentState>(),
    step: p.integer().default(0),
    metric: p.text(),
    settings: p.json().$type<ExperimentSettings>(),
    /** Only requests for this model take part; null = for any. */
    model: p.text().nullable(),
    baseline: p.json().$type<ExperimentBaseline>().nullable(),
    startedAt: p.datetime().nullable(),
    stepStartedAt: p.datetime().nullable(),
    /** Exposures when the step began. */
    stepFrom: p.json().$type<{ control: number; treatment: number }>().defaultRaw(`'{"control": 0, "treatment": 0}'`),
    promotedAt: p.datetime().nullable(),
    promotedBy: p.text().nullable(),
    endedAt: p.datetime().nullable(),
    evaluatedAt: p.datetime().nullable(),
    /** As JSON made it: infinities are null. */
    evaluation: p.json().$type<unknown>().nullable(),
    logE: p.double().nullable(),
    /** Its place among the experiments of its period, and the evidence that a win needs there. */
    fleet: p.json().$type<{ number: number; wins: number; limit: number }>().nullable(),
    exchangesPerUnit: p.double().nullable(),
    guardrails: p.json().$type<unknown>().nullable(),
    holdback: p.json().$type<unknown>().nullable(),
  },
})
