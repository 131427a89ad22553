/** The patterns that a reanalysis touched, and the enhancements it gives rise to. */
import { sql, type Expression, type SqlBool } from 'kysely'
import type { Database } from '../../database.ts'
import { putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { createDrafts } from '../enhancements/drafts.ts'

export interface Thresholds {
  minExchanges: number
  maxSuccessRate: number
}

export async function touchPatterns(transaction: Database, id: string, patternIds: string[]): Promise<void> {
  if (patternIds.length === 0) return
  await transaction
    .insertInto('reanalysis_patterns')
    .values(patternIds.map((patternId) => ({ reanalysis_id: id, pattern_id: patternId })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** The upper end of Wilson's 95 % interval of the success rate: a reanalysis looks once. */
const judgedCount = sql`(p.successes + p.failures)::double precision`
const highestRate = sql`((p.success_rate + 1.9207 / ${judgedCount} + 1.96 * sqrt(p.success_rate * (1 - p.success_rate) / ${judgedCount} + 0.9604 / (${judgedCount} * ${judgedCount}))) / (1 + 3.8415 / ${judgedCount}))`

/** Frequent, weak and without an enhancement for their present template; the weakest of the most frequent first. */
const wants = ({ minExchanges, maxSuccessRate }: Thresholds) => sql<SqlBool>`
  p.successes + p.failures >= ${Math.max(1, minExchanges)}
  and case when p.successes + p.failures > 0 then ${highestRate} <= ${maxSuccessRate} else false end
  and not exists (select from enhancements e where e.pattern_id = p.id and e.pattern_version = p.template_version)`

export async function findTouchedWeak(transaction: Database, id: string, thresholds: Thresholds): Promise<string[]> {
  const rows = await transaction
    .selectFrom('reanalysis_patterns as t')
    .innerJoin('prompt_patterns as p', 'p.id', 't.pattern_id')
    .select('p.id')
    .where('t.reanalysis_id', '=', id)
    .where(wants(thresholds))
    .orderBy('p.failures', 'desc')
    .orderBy('p.id')
    .execute()
  return rows.map((row) => row.id)
}

/** Weak patterns among those that a selection of exchanges belongs to now. */
export async function countWeakOf(
  database: Database,
  selection: Expression<SqlBool>,
  thresholds: Thresholds,
): Promise<number> {
  const { count } = await database
    .selectFrom('prompt_patterns as p')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(wants(thresholds))
    .where('p.id', 'in', (eb) =>
      eb
        .selectFrom('requests as r')
        .select('r.pattern_id')
        .where('r.pattern_id', 'is not', null)
        .where(selection)
        .$narrowType<{ pattern_id: string }>(),
    )
    .executeTakeFirstOrThrow()
  return count
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
