import { defineEntity, p } from '@mikro-orm/core'

/** A pattern that a reanalysis touched. */
export const ReanalysisPattern = defineEntity({
  name: 'ReanalysisPattern',
  tableName: 'reanalysis_patterns',
  properties: {
    reanalysisId: p.uuid().primary(),
    patternId: p.uuid().primary(),
  },
})
