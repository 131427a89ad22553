/**
 * What people do with experiments: prepare, start, watch, stop, roll back, promote. Every act is written down with its
 * person.
 */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { v7 } from 'uuid'
import { kyselyOf, type Database } from '../../database.ts'
import type { PromptTemplate } from '../../words/enhancement.ts'
import type { ExperimentBaseline, ExperimentSettings, ExperimentState } from '../../words/experiment.ts'
import { lockExperiment, moveExperiment, writeEvent, type ExperimentRow } from './experiments.ts'
import { countMixed, readModels } from './exposures.ts'
import { putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { toIso, toIsoOrNull, toPage, type Page } from '../page.ts'
import { readBaseline } from './unit-outcomes.ts'

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

export interface ExperimentItem {
  id: string
  patternId: string
  patternTitle: string
  patternSuccessRate: number | null
  team: string
  enhancementId: string
  state: ExperimentState
  version: number
  step: number
  metric: string
  settings: ExperimentSettings
  model: string | null
  hypothesis: string | null
  baseline: ExperimentBaseline | null
  createdBy: string
  promotedBy: string | null
  createdAt: string
  startedAt: string | null
  promotedAt: string | null
  endedAt: string | null
  evaluatedAt: string | null
  /** As JSON made it: infinities are `null`. */
  evaluation: unknown
  guardrails: unknown
  holdback: unknown
  /** Why it ended, or is where it is, and who brought it there; `null` = it came there by itself. */
  cause: string | null
  person: string | null
}

export interface Exposed {
  control: number
  treatment: number
  mixed: number
}

export interface ExperimentDetails {
  original: PromptTemplate
  enhanced: PromptTemplate | null
  /** Newest first. */
  events: {
    id: string
    at: string
    version: number
    from: ExperimentState | null
    to: ExperimentState
    step: number
    person: string | null
    cause: string
    numbers: Record<string, unknown>
  }[]
  /** The effect over time, oldest first. */
  looks: { pairs: number; at: string; difference: number; halfWidth: number }[]
  models: { model: string; units: number }[]
  /** Of the test; promotion and roll-back leave them as they were. */
  exposed: Exposed
  /** Of the hold-back; `null` = it was never promoted. */
  holdbackExposed: Exposed | null
}

/** What a person's act makes of an experiment that is locked meanwhile; `null` = it is not possible from its state. */
export type PersonsMove = (row: ExperimentRow) => { to: ExperimentState; cause: string; reason?: string | null } | null
export type ActResult =
  | { kind: 'done' }
  | { kind: 'missing' }
  | { kind: 'impossible'; state: ExperimentState }
  | { kind: 'occupied' }
  | { kind: 'unapproved'; state: string; mode: string | null }
export type CreateResult =
  | { kind: 'done' }
  | { kind: 'missing' }
  | { kind: 'served' }
  | { kind: 'unusable'; state: string }

const columns = sql`x.id, x.pattern_id as "patternId", p.title as "patternTitle", p.success_rate as "patternSuccessRate", x.team, x.enhancement_id as "enhancementId", x.state, x.version, x.step, x.metric,
  x.settings, x.model, x.hypothesis, x.baseline, x.created_by as "createdBy", x.promoted_by as "promotedBy", x.created_at as "createdAt", x.started_at as "startedAt",
  x.promoted_at as "promotedAt", x.ended_at as "endedAt", x.evaluated_at as "evaluatedAt", x.evaluation, x.guardrails, x.holdback,
  last.cause, last.person`
const source = sql`experiments x join prompt_patterns p on p.id = x.pattern_id
  left join lateral (select v.cause, v.person from experiment_events v where v.experiment_id = x.id order by v.id desc limit 1) last on true`
const eventsMost = 200

export type ExperimentRepository = ReturnType<typeof createExperimentRepository>

export function createExperimentRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork()) as Database

  async function find(id: string): Promise<ExperimentItem | null> {
    const { rows } = await sql<ExperimentItem>`select ${columns} from ${source} where x.id = ${id}::uuid`.execute(
      database,
    )
    return rows[0] ? toItem(rows[0]) : null
  }

  return {
    find,

    async list(
      filter: { state?: ExperimentState | undefined; patternId?: string | undefined },
      limit: number,
      cursor: string | null,
    ): Promise<Page<ExperimentItem>> {
      const conditions = [sql`true`]
      if (filter.state) conditions.push(sql`x.state = ${filter.state}`)
      if (filter.patternId) conditions.push(sql`x.pattern_id = ${filter.patternId}::uuid`)
      if (cursor !== null) conditions.push(sql`x.id < ${cursor}::uuid`)
      const { rows } =
        await sql<ExperimentItem>`select ${columns} from ${source} where ${sql.join(conditions, sql` and `)} order by x.id desc limit ${limit + 1}`.execute(
          database,
        )
      return toPage(rows, limit, toItem, (row) => row.id)
    },

    async details({
      id,
      version,
      enhancementId,
      promotedAt,
    }: Pick<ExperimentItem, 'id' | 'version' | 'enhancementId' | 'promotedAt'>): Promise<ExperimentDetails> {
      // The hold-back is a split of its own, one version after the test's.
      const testVersion = promotedAt === null ? version : version - 1
      const [prompts, events, looks, models, exposed, holdbackExposed] = await Promise.all([
        sql<{
          original: PromptTemplate
          enhanced: PromptTemplate | null
        }>`select original_prompt as original, enhanced_prompt as enhanced from enhancements where id = ${enhancementId}::uuid`.execute(
          database,
        ),
        sql<
          ExperimentDetails['events'][number]
        >`select id, created_at as at, version, from_state as "from", to_state as "to", step, person, cause, numbers from experiment_events where experiment_id = ${id}::uuid order by id desc limit ${eventsMost}`.execute(
          database,
        ),
        // The test's own curve: the hold-back has none.
        sql<
          ExperimentDetails['looks'][number]
        >`select pairs, at, difference, half_width as "halfWidth" from experiment_looks where experiment_id = ${id}::uuid order by version, pairs`.execute(
          database,
        ),
        readModels(database, id, testVersion),
        countExposed(database, id, testVersion),
        promotedAt === null ? null : countExposed(database, id, version),
      ])
      return {
        original: prompts.rows[0]?.original ?? { system: null, template: null },
        enhanced: prompts.rows[0]?.enhanced ?? null,
        events: events.rows.map((event) => ({ ...event, at: toIso(event.at) })),
        looks: looks.rows.map((look) => ({ ...look, at: toIso(look.at) })),
        models,
        exposed,
        holdbackExposed,
      }
    },

    /** Prepared, not started: nothing is exposed by it. */
    create: (experiment: NewExperiment): Promise<CreateResult> =>
      database.transaction().execute((transaction) => createIn(transaction, experiment, new Date())),

    /** One transaction: the row is locked, so a person and the workflow never move it at once. */
    async act(id: string, person: string, decide: PersonsMove, command: OutgoingCommand): Promise<ActResult> {
      try {
        return await database.transaction().execute(async (transaction) => {
          const row = await lockExperiment(transaction, id)
          if (row === null) return { kind: 'missing' }
          const move = row.endedAt === null ? decide(row) : null
          if (move === null) return { kind: 'impossible', state: row.state }
          const now = new Date()
          if (row.startedAt === null && move.to === 'ramping') {
            const refused = await approveAgain(transaction, row.enhancementId, person, move.reason ?? null, now)
            if (refused !== null) return { kind: 'unapproved', ...refused }
            await startIn(transaction, row, person, move.cause, now)
          } else {
            await moveExperiment(
              transaction,
              row,
              { ...move, step: row.step, numbers: {}, person, exposed: { control: 0, treatment: 0 } },
              now,
            )
          }
          await putCommand(transaction, command)
          return { kind: 'done' }
        })
      } catch (error) {
        if (typeof error === 'object' && error !== null && 'code' in error && error.code === '23505')
          return { kind: 'occupied' }
        throw error
      }
    },
  }
}

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
async function startIn(
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
async function approveAgain(
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

async function countExposed(database: Database, id: string, version: number): Promise<Exposed> {
  const [arms, mixed] = await Promise.all([
    sql<{ arm: string; units: number }>`
      select arm, count(*)::int as units from experiment_exposures where experiment_id = ${id}::uuid and version = ${version} and not mixed group by arm`.execute(
      database,
    ),
    countMixed(database, id, version),
  ])
  const units = (arm: string): number => arms.rows.find((row) => row.arm === arm)?.units ?? 0
  return { control: units('control'), treatment: units('treatment'), mixed }
}

function toItem(row: ExperimentItem): ExperimentItem {
  return {
    ...row,
    createdAt: toIso(row.createdAt),
    startedAt: toIsoOrNull(row.startedAt),
    promotedAt: toIsoOrNull(row.promotedAt),
    endedAt: toIsoOrNull(row.endedAt),
    evaluatedAt: toIsoOrNull(row.evaluatedAt),
  }
}
