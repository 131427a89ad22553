import { defineEntity, p } from '@mikro-orm/core'
import type { FindingKind } from '../words/finding.ts'

/** What a scheduled job found and people should see; one open finding a subject. */
export const Finding = defineEntity({
  name: 'Finding',
  tableName: 'findings',
  properties: {
    id: p.uuid().primary(),
    kind: p.text().$type<FindingKind>(),
    /** Names what it is about: the same again is the same finding. */
    subject: p.text(),
    patternId: p.uuid().nullable(),
    enhancementId: p.uuid().nullable(),
    message: p.text(),
    /** The numbers behind it. */
    detail: p.json().$type<Record<string, unknown>>().defaultRaw(`'{}'`),
    createdAt: p.datetime().defaultRaw('now()'),
    /** When it was last found to be so. */
    updatedAt: p.datetime().defaultRaw('now()'),
    /** Null = open. */
    resolvedAt: p.datetime().nullable(),
    /** Who put it aside; null = it was over by itself. */
    resolvedBy: p.text().nullable(),
  },
})
