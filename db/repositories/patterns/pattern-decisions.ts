/**
 * What people decided about patterns. The team's miner acts on merges and splits, because it alone changes what is learned of a
 * team.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'

export type PatternDecision = { id: string; patternId: string; person: string } & (
  | { kind: 'merge'; argument: { into: string } }
  | { kind: 'split'; argument: { containing: string } }
)

/** The earliest of the team that nobody acted on. */
export async function findDecision(database: Database, team: string): Promise<PatternDecision | null> {
  const { rows } = await sql<PatternDecision>`
    select id, pattern_id as "patternId", person, kind, argument from pattern_decisions where team = ${team} and applied_at is null order by id limit 1`.execute(
    database,
  )
  return rows[0] ?? null
}

/** `refused`: why nothing came of it, in words for the person. */
export async function settleDecision(transaction: Database, id: string, refused: string | null): Promise<void> {
  await transaction
    .updateTable('pattern_decisions')
    .set({ applied_at: sql<string>`now()`, refused })
    .where('id', '=', id)
    .execute()
  await notifyOnCommit(transaction, 'sinew_learning', id)
  await notifyOnCommit(transaction, 'sinew_learning', 'patterns')
}
