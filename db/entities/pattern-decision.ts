import { defineEntity, p } from '@mikro-orm/core'

/** What a person ruled of a pattern, for its miner to act on and for everybody to read later. */
export const PatternDecision = defineEntity({
  name: 'PatternDecision',
  tableName: 'pattern_decisions',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    team: p.text(),
    patternId: p.uuid(),
    kind: p.text().$type<'merge' | 'split' | 'rename' | 'mute'>(),
    argument: p.json().$type<Record<string, unknown>>(),
    person: p.text(),
    reason: p.text().nullable(),
    appliedAt: p.datetime().nullable(),
    /** Why nothing came of it, in words for the person. */
    refused: p.text().nullable(),
  },
})
