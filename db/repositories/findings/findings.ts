/** What the scheduled jobs have found and people should see; one open finding a subject. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import type { FindingKind } from '../../words/finding.ts'
import { announceLearning } from '../outcomes/learning.ts'
import { toJsonb } from '../jsonb.ts'
import { toIso, toIsoOrNull, toPage, type Page } from '../page.ts'

export interface Found {
  /** Names what it is about: the same again is the same finding. */
  subject: string
  patternId: string | null
  enhancementId: string | null
  /** In words for people. */
  message: string
  /** The numbers behind it. */
  detail: Record<string, unknown>
}

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

/** So long a person's word holds, even where the same is found again. */
const putAsideDays = 7

/**
 * Opens what is new, renews what stands, and ends open findings of the kind that are not among `found`. What a person
 * put aside is not opened again for a week, or `forGood`. Answers how many were opened.
 */
export async function writeFindings(
  database: Database,
  kind: FindingKind,
  found: Found[],
  { forGood = false } = {},
): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const rows = found.map((entry) => ({ ...entry, id: v7() }))
    const opened = await sql`
      insert into findings (id, kind, subject, pattern_id, enhancement_id, message, detail)
      select f.id, ${kind}, f.subject, f."patternId", f."enhancementId", f.message, f.detail
      from jsonb_to_recordset(${toJsonb(rows)}::jsonb) as f(id uuid, subject text, "patternId" uuid, "enhancementId" uuid, message text, detail jsonb)
      where not exists (select from findings o where o.kind = ${kind} and o.subject = f.subject
        and (o.resolved_at is null or (o.resolved_by is not null and (${forGood} or o.resolved_at > now() - make_interval(days => ${putAsideDays})))))
      on conflict do nothing returning id`.execute(transaction)
    await sql`
      update findings o set message = f.message, detail = f.detail, updated_at = now()
      from jsonb_to_recordset(${toJsonb(rows)}::jsonb) as f(subject text, message text, detail jsonb)
      where o.kind = ${kind} and o.subject = f.subject and o.resolved_at is null`.execute(transaction)
    const closed = await sql`
      update findings set resolved_at = now()
      where kind = ${kind} and resolved_at is null and subject <> all(${found.map(({ subject }) => subject)}::text[]) returning id`.execute(
      transaction,
    )
    if (opened.rows.length + closed.rows.length > 0) await announceLearning(transaction, 'findings')
    return opened.rows.length
  })
}

export async function listFindings(
  database: Database,
  filter: FindingFilter,
  limit: number,
  cursor: string | null,
): Promise<Page<FindingItem>> {
  const conditions = [cursor === null ? sql`true` : sql`f.id < ${cursor}::uuid`]
  if (filter.kind) conditions.push(sql`f.kind = ${filter.kind}`)
  if (filter.patternId) conditions.push(sql`f.pattern_id = ${filter.patternId}::uuid`)
  if (filter.open !== undefined)
    conditions.push(filter.open ? sql`f.resolved_at is null` : sql`f.resolved_at is not null`)
  const { rows } = await sql<FindingItem>`
    select f.id, f.kind, f.subject, f.pattern_id as "patternId", p.title as "patternTitle", f.enhancement_id as "enhancementId", f.message, f.detail,
      f.created_at as "createdAt", f.updated_at as "updatedAt", f.resolved_at as "resolvedAt", f.resolved_by as "resolvedBy"
    from findings f left join prompt_patterns p on p.id = f.pattern_id where ${sql.join(conditions, sql` and `)} order by f.id desc limit ${limit + 1}`.execute(
    database,
  )
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
    const { rows } =
      await sql`update findings set resolved_at = now(), resolved_by = ${person} where id = ${id}::uuid and resolved_at is null returning id`.execute(
        transaction,
      )
    if (rows.length > 0) await announceLearning(transaction, 'findings')
    return rows.length > 0
  })
}
