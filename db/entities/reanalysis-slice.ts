import { defineEntity, p } from '@mikro-orm/core'

/** A part of a reanalysis that one workflow works through. */
export const ReanalysisSlice = defineEntity({
  name: 'ReanalysisSlice',
  tableName: 'reanalysis_slices',
  properties: {
    reanalysisId: p.uuid().primary(),
    number: p.integer().primary(),
    /** Exclusive; null = from the first one on. */
    after: p.uuid().nullable(),
    /** Inclusive; null = to the last one. */
    through: p.uuid().nullable(),
    cursor: p.uuid().nullable(),
    over: p.boolean().default(false),
  },
})
