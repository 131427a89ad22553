import { defineEntity, p } from '@mikro-orm/core'

/**
 * What the learner is to tell Temporal: kept here, in the transaction that caused it, so that nothing waits on
 * Temporal.
 */
export const WorkflowCommand = defineEntity({
  name: 'WorkflowCommand',
  tableName: 'workflow_commands',
  properties: {
    id: p.uuid().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
    kind: p.text().$type<'start' | 'signal'>(),
    workflowId: p.text(),
    /** The workflow's type for `start`, the signal's name for `signal`. */
    name: p.text(),
    /** The one argument; ids and decisions, never prompts. */
    argument: p.json().$type<Record<string, unknown>>(),
    attempts: p.integer().default(0),
    lastError: p.text().nullable(),
    doneAt: p.datetime().nullable(),
  },
})
