/** What the scheduled jobs have found and people should see; one open finding a subject. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import type { FindingKind } from '../../words/finding.ts'
import { announceLearning } from '../outcomes/learning.ts'
import { toJsonb } from '../jsonb.ts'

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

/** For this long a person's word holds, even where the same is found again. */
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
    const closed = await transaction
      .updateTable('findings')
      .set({ resolved_at: sql<string>`now()` })
      .where('kind', '=', kind)
      .where('resolved_at', 'is', null)
      .$if(found.length > 0, (query) =>
        query.where(
          'subject',
          'not in',
          found.map(({ subject }) => subject),
        ),
      )
      .returning('id')
      .execute()
    if (opened.rows.length + closed.length > 0) await announceLearning(transaction, 'findings')
    return opened.rows.length
  })
}
