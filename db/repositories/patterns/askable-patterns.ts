/** For which patterns a better prompt may be asked for. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'

/**
 * Of these patterns, those for which a better prompt may be asked for now: not muted, none under way or in use, neither
 * for itself nor for what was merged into it; and after one that came to nothing, only once it is twice as frequent.
 */
export async function findAskable(transaction: Database, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return []
  // Raw: said in SQL the two alternatives are read at a glance.
  const { rows } = await sql<{ id: string }>`
    select p.id from prompt_patterns p where p.id = any(${ids}::uuid[]) and not p.muted and not exists (
      select from prompt_patterns s join enhancements e on e.pattern_id = s.id
      where (s.id = p.id or s.merged_into = p.id)
        and (e.state not in ('rejected', 'failed', 'expired') or p.frequency < 2 * coalesce(s.asked_frequency, p.frequency)))`.execute(
    transaction,
  )
  return rows.map(({ id }) => id)
}

export async function noteAsked(transaction: Database, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  await transaction
    .updateTable('prompt_patterns')
    .set(({ ref }) => ({ asked_frequency: ref('frequency') }))
    .where('id', 'in', ids)
    .execute()
}
