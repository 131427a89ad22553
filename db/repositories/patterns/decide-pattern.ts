/** A person's decision on a pattern: merges and splits wait for its team's miner; names and muting stand at once. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'
import { toJsonb } from '../jsonb.ts'
import { lockPatterns } from './lock-patterns.ts'
import { tellLineage } from './pattern-changes.ts'

export interface NewDecision {
  patternId: string
  kind: 'merge' | 'split' | 'rename' | 'mute'
  argument: Record<string, unknown>
  person: string
  reason: string | null
}

/** Answers the decision's id, or `null` where a pattern is gone. */
export async function decidePattern(database: Database, decision: NewDecision): Promise<string | null> {
  return database.transaction().execute(async (transaction) => {
    const into = decision.kind === 'merge' ? [String(decision.argument.into)] : []
    const became = await lockPatterns(transaction, [decision.patternId, ...into])
    const patternId = became.get(decision.patternId)
    if (patternId === undefined || into.some((other) => !became.has(other))) return null
    const argument = into.length === 0 ? decision.argument : { into: became.get(into[0] as string) }
    const id = await keepDecision(transaction, { ...decision, patternId, argument })
    if (decision.kind === 'rename') await rename(transaction, patternId, decision)
    if (decision.kind === 'mute') await mute(transaction, patternId, decision)
    await notifyOnCommit(transaction, 'sinew_learning', 'patterns')
    return id
  })
}

async function keepDecision(
  transaction: Database,
  { patternId, kind, argument, person, reason }: NewDecision,
): Promise<string> {
  const id = v7()
  const atOnce = kind === 'rename' || kind === 'mute'
  await transaction
    .insertInto('pattern_decisions')
    .columns(['id', 'team', 'pattern_id', 'kind', 'argument', 'person', 'reason', 'applied_at'])
    .expression((eb) =>
      eb
        .selectFrom('prompt_patterns')
        .select([
          sql<string>`${id}::uuid`.as('id'),
          'team',
          'id as pattern_id',
          sql<NewDecision['kind']>`${kind}::text`.as('kind'),
          sql<Record<string, unknown>>`${toJsonb(argument)}::jsonb`.as('argument'),
          sql<string>`${person}::text`.as('person'),
          sql<string | null>`${reason}::text`.as('reason'),
          sql<string | null>`case when ${atOnce} then now() end`.as('applied_at'),
        ])
        .where('id', '=', patternId),
    )
    .execute()
  return id
}

async function rename(transaction: Database, patternId: string, { argument, person }: NewDecision): Promise<void> {
  const title = argument.title as string
  await transaction
    .updateTable('prompt_patterns')
    .set({ title, titled_by: argument.automatic ? null : person })
    .where('id', '=', patternId)
    .execute()
  await tellLineage(transaction, [
    { patternId, kind: 'renamed', otherId: null, reason: `it is called “${title}”`, person },
  ])
}

async function mute(
  transaction: Database,
  patternId: string,
  { argument, person, reason }: NewDecision,
): Promise<void> {
  const muted = argument.muted === true
  await transaction.updateTable('prompt_patterns').set({ muted }).where('id', '=', patternId).execute()
  const plain = muted ? 'nothing is proposed for it' : 'better prompts may be proposed again'
  await tellLineage(transaction, [
    { patternId, kind: muted ? 'muted' : 'unmuted', otherId: null, reason: reason ?? plain, person },
  ])
}
