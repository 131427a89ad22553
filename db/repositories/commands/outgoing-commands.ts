/**
 * Putting a command for Temporal into the transaction that caused it; the learner delivers it, also when Temporal is
 * away.
 */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import type { Channel } from '../../notifications.ts'
import { jsonb } from '../jsonb.ts'

export interface OutgoingCommand {
  kind: 'start' | 'signal'
  workflowId: string
  /** The workflow's type for `start`, the signal's name for `signal`. */
  name: string
  /** Ids and decisions, never prompts. */
  argument: object
}

/** Stored, and its waking message sent, when the transaction commits. */
export async function putCommand(
  transaction: Database,
  { kind, workflowId, name, argument }: OutgoingCommand,
): Promise<void> {
  await transaction
    .insertInto('workflow_commands')
    .values({ id: v7(), kind, workflow_id: workflowId, name, argument: jsonb({ ...argument }) })
    .execute()
  await notifyOnCommit(transaction, 'sinew_outbox', workflowId)
}

/** PostgreSQL sends it when the transaction commits, and not at all when it does not. */
export async function notifyOnCommit(transaction: Database, channel: Channel, payload: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${payload})`.execute(transaction)
}
