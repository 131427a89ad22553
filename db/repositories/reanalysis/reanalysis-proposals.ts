/** The patterns that a reanalysis touched, and the enhancements it gives rise to. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { createDrafts } from '../enhancements/drafts.ts'

export interface Thresholds {
  minExchanges: number
  maxSuccessRate: number
}

export async function touchPatterns(transaction: Database, id: string, patternIds: string[]): Promise<void> {
  if (patternIds.length === 0) return
  await sql`
    insert into reanalysis_patterns (reanalysis_id, pattern_id) select ${id}::uuid, unnest(${patternIds}::uuid[]) on conflict do nothing`.execute(
    transaction,
  )
}

/** Frequent, weak and without an enhancement for their present template; the weakest of the most frequent first. */
const wants = ({ minExchanges, maxSuccessRate }: Thresholds) => sql`
  p.successes + p.failures >= ${Math.max(1, minExchanges)} and p.success_rate <= ${maxSuccessRate}
  and not exists (select from enhancements e where e.pattern_id = p.id and e.pattern_version = p.template_version)`

export async function findTouchedWeak(transaction: Database, id: string, thresholds: Thresholds): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select p.id from reanalysis_patterns t join prompt_patterns p on p.id = t.pattern_id
    where t.reanalysis_id = ${id}::uuid and ${wants(thresholds)} order by p.failures desc, p.id`.execute(transaction)
  return rows.map((row) => row.id)
}

/** Weak patterns among those that a selection of exchanges belongs to now. */
export async function countWeakOf(
  database: Database,
  selection: ReturnType<typeof sql>,
  thresholds: Thresholds,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::float8 as count from prompt_patterns p
    where ${wants(thresholds)} and p.id in (select r.pattern_id from requests r where r.pattern_id is not null and ${selection})`.execute(
    database,
  )
  return rows[0]?.count ?? 0
}

/** Drafts and the commands that start their workflows stand together with the end of the run. */
export async function startProposals(
  transaction: Database,
  id: string,
  patternIds: string[],
  nowIso: string,
  toCommand: (enhancementId: string) => OutgoingCommand,
): Promise<void> {
  const drafts = [...(await createDrafts(transaction, patternIds, nowIso)).values()]
  for (const enhancementId of drafts) await putCommand(transaction, toCommand(enhancementId))
  if (drafts.length > 0)
    await transaction
      .updateTable('reanalyses')
      .set((eb) => ({ proposals: eb('proposals', '+', drafts.length) }))
      .where('id', '=', id)
      .execute()
}
