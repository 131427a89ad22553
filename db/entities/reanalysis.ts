import { defineEntity, p } from '@mikro-orm/core'
import type { ExchangeFilter } from '../words/exchange.ts'
import type { ReanalysisCaps, ReanalysisState } from '../words/reanalysis.ts'

/** A batch that derives pattern and outcome of stored exchanges anew. */
export const Reanalysis = defineEntity({
  name: 'Reanalysis',
  tableName: 'reanalyses',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    startedBy: p.text(),
    filter: p.json().$type<ExchangeFilter>(),
    state: p.text().$type<ReanalysisState>(),
    total: p.bigint('number').nullable(),
    done: p.bigint('number').default(0),
    failed: p.bigint('number').default(0),
    failure: p.text().nullable(),
    caps: p.json().$type<ReanalysisCaps>().defaultRaw(`'{}'`),
    /** How often its failed exchanges were tried again. */
    retries: p.integer().default(0),
    /** What its pages took, waits left out. */
    workedMs: p.double().default(0),
    /** Enhancements it gave rise to. */
    proposals: p.integer().default(0),
  },
})
