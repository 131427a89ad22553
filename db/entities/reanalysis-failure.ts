import { defineEntity, p } from '@mikro-orm/core'

/** An exchange that a reanalysis could not judge. */
export const ReanalysisFailure = defineEntity({
  name: 'ReanalysisFailure',
  tableName: 'reanalysis_failures',
  properties: {
    reanalysisId: p.uuid().primary(),
    exchangeId: p.uuid().primary(),
    reason: p.text(),
    /** The attempt it failed in; 0 is the run itself. */
    retry: p.integer().default(0),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
