/** Who changes a pattern's totals holds its row first. */
import type { Database } from '../../database.ts'

/** Locks patterns in the order of their ids and answers what each has become: itself, or what it was merged into. */
export async function lockPatterns(transaction: Database, ids: string[]): Promise<Map<string, string>> {
  const became = new Map<string, string>()
  for (let wanted = [...new Set(ids)]; wanted.length > 0;) {
    const rows = await transaction
      .selectFrom('prompt_patterns')
      .select(['id', 'merged_into as merged'])
      .where('id', 'in', wanted)
      .orderBy('id')
      .forUpdate()
      .execute()
    for (const { id, merged } of rows) became.set(id, merged ?? id)
    wanted = rows.flatMap(({ merged }) => (merged !== null && !became.has(merged) ? [merged] : []))
  }
  return became
}
