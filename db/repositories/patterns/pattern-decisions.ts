/**
 * What people say of patterns. The learner acts on merges and splits, because it alone changes what is learned of a
 * team.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { OutgoingCommand } from '../commands/outgoing-commands.ts'
import { v7 } from 'uuid'
import { toJsonb } from '../jsonb.ts'

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
  await sql`update pattern_decisions set applied_at = now(), refused = ${refused} where id = ${id}::uuid`.execute(
    transaction,
  )
  await sql`select pg_notify('sinew_learning', ${id}), pg_notify('sinew_learning', 'patterns')`.execute(transaction)
}

/** For whoever has no entity manager: the learner starts what follows from its own transaction. */
export async function putLearnerCommand(
  transaction: Database,
  { kind, workflowId, name, argument }: OutgoingCommand,
): Promise<void> {
  await sql`
    insert into workflow_commands (id, kind, workflow_id, name, argument) values (${v7()}::uuid, ${kind}, ${workflowId}, ${name}, ${toJsonb(argument)}::jsonb)`.execute(
    transaction,
  )
  await sql`select pg_notify('sinew_outbox', ${workflowId})`.execute(transaction)
}
