import { defineEntity, p } from '@mikro-orm/core'
import type { LineageKind } from '../words/pattern.ts'

/** Where a pattern came from and what became of it. */
export const PatternLineage = defineEntity({
  name: 'PatternLineage',
  tableName: 'pattern_lineage',
  properties: {
    id: p.uuid().primary(),
    at: p.datetime().defaultRaw('now()'),
    patternId: p.uuid(),
    kind: p.text().$type<LineageKind>(),
    otherId: p.uuid().nullable(),
    reason: p.text(),
    /** Null = the team's miner did it. */
    person: p.text().nullable(),
  },
})
