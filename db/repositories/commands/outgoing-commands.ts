/**
 * Putting a command for Temporal into the transaction that caused it; the learner delivers it, also when Temporal is
 * away.
 */
import type { SqlEntityManager } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import { kyselyOf, type Database } from '../../database.ts'
import { WorkflowCommand } from '../../entities/workflow-command.ts'
import type { Channel } from '../../notifications.ts'

export interface OutgoingCommand {
  kind: 'start' | 'signal'
  workflowId: string
  /** The workflow's type for `start`, the signal's name for `signal`. */
  name: string
  /** Ids and decisions, never prompts. */
  argument: object
}

/** Stored, and its waking message sent, when the transaction of `em` commits. */
export async function putCommand(em: SqlEntityManager, command: OutgoingCommand): Promise<void> {
  em.persist(
    em.create(WorkflowCommand, {
      id: v7(),
      createdAt: new Date(),
      kind: command.kind,
      workflowId: command.workflowId,
      name: command.name,
      argument: { ...command.argument },
      attempts: 0,
      lastError: null,
      doneAt: null,
    }),
  )
  await notifyOnCommit(em, 'sinew_outbox', command.workflowId)
}

/** PostgreSQL sends it when the transaction commits, and not at all when it does not. */
export async function notifyOnCommit(em: SqlEntityManager, channel: Channel, payload: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${payload})`.execute(kyselyOf(em))
}

/** The same for a transaction that goes without the ORM. */
export async function putCommandWith(
  transaction: Database,
  { kind, workflowId, name, argument }: OutgoingCommand,
): Promise<void> {
  await sql`insert into workflow_commands (id, kind, workflow_id, name, argument) values (${v7()}, ${kind}, ${workflowId}, ${name}, ${JSON.stringify(argument)}::jsonb)`.execute(
    transaction,
  )
  await sql`select pg_notify('sinew_outbox', ${workflowId})`.execute(transaction)
}
