/** Preparing and starting experiments, inside the transaction of whoever asks for it. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import type { ExperimentSettings } from '../../words/experiment.ts'
import { putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { lockExperiment, moveExperiment, writeEvent, type ExperimentRow } from './experiments.ts'
import { readBaseline } from './baseline.ts'

export interface NewExperiment {
  id: string
  enhancementId: string
  metric: string
  settings: ExperimentSettings
  /** Only requests for this model take part; `null` = for any. */
  model: string | null
  hypothesis: string | null
  person: string
}

export type CreateResult =
  | { kind: 'done' }
  | { kind: 'missing' }
  | { kind: 'served' }
  | { kind: 'unusable'; state: string }

export async function createIn(
  transaction: Database,
  { id, enhancementId, metric, settings, model, hypothesis, person }: NewExperiment,
  now: Date,
): Promise<CreateResult> {
  const { rows } = await sql<{ state: string; mode: string | null; usable: boolean }>`
    select state, mode, enhanced_prompt is not null and state in ('proposed', 'snoozed', 'approved', 'withdrawn') as usable from enhancements where id = ${enhancementId}::uuid`.execute(
    transaction,
  )
  const [enhancement] = rows
  if (enhancement === undefined) return { kind: 'missing' }
  if (!enhancement.usable) return { kind: 'unusable', state: enhancement.state }
  if (enhancement.state === 'approved' && enhancement.mode === 'serve') return { kind: 'served' }
  const at = now.toISOString()
  await sql`
    insert into experiments (id, created_at, updated_at, created_by, hypothesis, team, pattern_id, enhancement_id, salt, state, metric, settings, model)
    select ${id}::uuid, ${at}::timestamptz, ${at}::timestamptz, ${person}, ${hypothesis}, p.team, p.id, e.id, ${v7()}, 'proposed', ${metric}, ${JSON.stringify(settings)}::jsonb, ${model}
    from enhancements e join prompt_patterns p on p.id = e.pattern_id where e.id = ${enhancementId}::uuid`.execute(
    transaction,
  )
  await writeEvent(
    transaction,
    { id, version: 1, state: 'proposed' },
    { to: 'proposed', step: 0, cause: 'prepared', numbers: {}, person },
    at,
    null,
  )
  return { kind: 'done' }
}

/**
 * For an enhancement that is approved in this very transaction: starts the experiment that was prepared for it, or one
 * with these settings. Answers its id. Another experiment of the pattern makes PostgreSQL refuse it as a second one
 * (23505).
 */
export async function startForApproval(
  transaction: Database,
  fallback: NewExperiment,
  toCommand: (experimentId: string) => OutgoingCommand,
  now: Date,
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select id from experiments where enhancement_id = ${fallback.enhancementId}::uuid and state = 'proposed' and ended_at is null order by id desc limit 1`.execute(
    transaction,
  )
  const id = rows[0]?.id ?? fallback.id
  if (rows[0] === undefined) await createIn(transaction, fallback, now)
  const row = await lockExperiment(transaction, id)
  if (row === null) throw new Error(`the enhancement ${fallback.enhancementId} is not there`)
  await startIn(transaction, row, fallback.person, 'approved and started', now)
  await putCommand(transaction, toCommand(id))
  return id
}

/** What it is compared with is taken down before the first unit is exposed. */
export async function startIn(
  transaction: Database,
  row: ExperimentRow,
  person: string,
  cause: string,
  now: Date,
): Promise<void> {
  const baseline = await readBaseline(transaction, row.patternId)
  await sql`update experiments set baseline = ${JSON.stringify(baseline)}::jsonb where id = ${row.id}::uuid`.execute(
    transaction,
  )
  await moveExperiment(
    transaction,
    row,
    {
      to: 'ramping',
      step: 0,
      cause,
      numbers: { share: row.settings.ramp[0] ?? 0, ...baseline },
      person,
      exposed: { control: 0, treatment: 0 },
    },
    now,
  )
}

/**
 * One that was withdrawn may be tried again; one that nobody approved yet goes through its approval first. Answers what
 * stands in the way, or `null`.
 */
export async function approveAgain(
  transaction: Database,
  enhancementId: string,
  person: string,
  reason: string | null,
  now: Date,
): Promise<{ state: string; mode: string | null } | null> {
  const at = now.toISOString()
  const { numAffectedRows } = await sql`
    update enhancements set state = 'approved', mode = 'experiment', failure = null, withdrawn_by = null, withdrawn_at = null, version = version + 1,
      decided_by = ${person}, decided_at = ${at}::timestamptz, decision_reason = ${reason}, updated_at = ${at}::timestamptz
    where id = ${enhancementId}::uuid and (state = 'withdrawn' or (state = 'approved' and mode = 'experiment'))`.execute(
    transaction,
  )
  if (Number(numAffectedRows ?? 0n) > 0) return null
  const { rows } = await sql<{ state: string; mode: string | null }>`
    select state, mode from enhancements where id = ${enhancementId}::uuid`.execute(transaction)
  return rows[0] ?? { state: 'gone', mode: null }
}

/** The experiment that tries this enhancement now, or holds some units back from it. */
export async function findActiveExperiment(database: Database, enhancementId: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from experiments where enhancement_id = ${enhancementId}::uuid and started_at is not null and ended_at is null`.execute(
    database,
  )
  return rows[0]?.id ?? null
}
