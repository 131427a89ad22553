/** Findings as people read them and put them aside. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf, type Database } from '../../database.ts'
import type { FindingKind } from '../../words/finding.ts'
import { announceLearning } from '../outcomes/learning.ts'
import { toIso, toIsoOrNull, toPage, type Page } from '../page.ts'
import type { Found } from './findings.ts'

export interface FindingItem extends Found {
  id: string
  kind: FindingKind
  patternTitle: string | null
  createdAt: string
  /** When it was last found to be so. */
  updatedAt: string
  /** `null` = open. */
  resolvedAt: string | null
  /** Who put it aside; `null` = it was over by itself. */
  resolvedBy: string | null
}

export interface FindingFilter {
  kind?: FindingKind | undefined
  patternId?: string | undefined
  open?: boolean | undefined
}

export type FindingRepository = ReturnType<typeof createFindingRepository>

export function createFindingRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())
  return {
    list: (filter: FindingFilter, limit: number, cursor: string | null) =>
      listFindings(database, filter, limit, cursor),
    putAside: (id: string, person: string) => putAside(database, id, person),
  }
}

/** Newest first. */
export async function listFindings(
  database: Database,
  { kind, patternId, open }: FindingFilter,
  limit: number,
  cursor: string | null,
): Promise<Page<FindingItem>> {
  const rows = await database
    .selectFrom('findings as f')
    .leftJoin('prompt_patterns as p', 'p.id', 'f.pattern_id')
    .select(['f.id', 'f.kind', 'f.subject', 'f.pattern_id as patternId', 'p.title as patternTitle'])
    .select(['f.enhancement_id as enhancementId', 'f.message', 'f.detail', 'f.created_at as createdAt'])
    .select(['f.updated_at as updatedAt', 'f.resolved_at as resolvedAt', 'f.resolved_by as resolvedBy'])
    .$if(cursor !== null, (query) => query.where('f.id', '<', cursor))
    .$if(kind !== undefined, (query) => query.where('f.kind', '=', kind as FindingKind))
    .$if(patternId !== undefined, (query) => query.where('f.pattern_id', '=', patternId as string))
    .$if(open !== undefined, (query) => query.where('f.resolved_at', open ? 'is' : 'is not', null))
    .orderBy('f.id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(
    rows,
    limit,
    (row) => ({
      ...row,
      createdAt: toIso(row.createdAt),
      updatedAt: toIso(row.updatedAt),
      resolvedAt: toIsoOrNull(row.resolvedAt),
    }),
    (row) => row.id,
  )
}

/** False where there is no open finding of this id. */
export async function putAside(database: Database, id: string, person: string): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('findings')
      .set({ resolved_at: sql<string>`now()`, resolved_by: person })
      .where('id', '=', id)
      .where('resolved_at', 'is', null)
      .returning('id')
      .executeTakeFirst()
    if (row !== undefined) await announceLearning(transaction, 'findings')
    return row !== undefined
  })
}
