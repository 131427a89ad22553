/**
 * What people do with experiments: prepare, start, watch, stop, roll back, promote. Every act is written down with its
 * person.
 */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf, type Database } from '../../database.ts'
import type { PromptTemplate } from '../../words/enhancement.ts'
import type { ExperimentBaseline, ExperimentSettings, ExperimentState } from '../../words/experiment.ts'
import { readBaseline } from './baseline.ts'
import { lockExperiment, moveExperiment, readFleetPlace, type ExperimentRow } from './experiments.ts'
import { countMixed, readModels } from './exposures.ts'
import { putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { toIso, toIsoOrNull, toPage, type Page } from '../page.ts'
import { approveAgain, createIn, startIn, type CreateResult, type NewExperiment } from './start-experiment.ts'

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
  /** Its place among the experiments of its period, and the evidence that a win needs there; `null` = not looked at. */
  fleet: { number: number; wins: number; limit: number } | null
  exchangesPerUnit: number | null
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
const columns = sql`x.id, x.pattern_id as "patternId", p.title as "patternTitle", p.success_rate as "patternSuccessRate", x.team, x.enhancement_id as "enhancementId", x.state, x.version, x.step, x.metric,
  x.settings, x.model, x.hypothesis, x.baseline, x.created_by as "createdBy", x.promoted_by as "promotedBy", x.created_at as "createdAt", x.started_at as "startedAt",
  x.promoted_at as "promotedAt", x.ended_at as "endedAt", x.evaluated_at as "evaluatedAt", x.evaluation, x.fleet, x.exchanges_per_unit as "exchangesPerUnit", x.guardrails, x.holdback,
  last.cause, last.person`
const source = sql`experiments x join prompt_patterns p on p.id = x.pattern_id
  left join lateral (select v.cause, v.person from experiment_events v where v.experiment_id = x.id order by v.id desc limit 1) last on true`
const maxEvents = 200

export type ExperimentRepository = ReturnType<typeof createExperimentRepository>

export function createExperimentRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork()) as Database
  return {
    find: (id: string) => find(database, id),
    list: (filter: ListFilter, limit: number, cursor: string | null) => list(database, filter, limit, cursor),
    details: (item: DetailsOf) => readDetails(database, item),
    findPattern: (enhancementId: string) => findPattern(database, enhancementId),
    planFacts: (patternId: string, periodMs: number) => readPlanFacts(database, patternId, periodMs),
    /** Prepared, not started: nothing is exposed by it. */
    create: (experiment: NewExperiment): Promise<CreateResult> =>
      database.transaction().execute((transaction) => createIn(transaction, experiment, new Date())),
    act: (id: string, person: string, decide: PersonsMove, command: OutgoingCommand) =>
      act(database, { id, person, decide, command }),
  }
}

interface ListFilter {
  state?: ExperimentState | undefined
  patternId?: string | undefined
}

async function find(database: Database, id: string): Promise<ExperimentItem | null> {
  const { rows } = await sql<ExperimentItem>`select ${columns} from ${source} where x.id = ${id}::uuid`.execute(
    database,
  )
  return rows[0] ? toItem(rows[0]) : null
}

async function list(
  database: Database,
  filter: ListFilter,
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
}

type DetailsOf = Pick<ExperimentItem, 'id' | 'version' | 'enhancementId' | 'promotedAt'>

async function readDetails(
  database: Database,
  { id, version, enhancementId, promotedAt }: DetailsOf,
): Promise<ExperimentDetails> {
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
    >`select id, created_at as at, version, from_state as "from", to_state as "to", step, person, cause, numbers from experiment_events where experiment_id = ${id}::uuid order by id desc limit ${maxEvents}`.execute(
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
}

async function findPattern(database: Database, enhancementId: string): Promise<string | null> {
  const { rows } = await sql<{ patternId: string }>`
    select pattern_id as "patternId" from enhancements where id = ${enhancementId}::uuid`.execute(database)
  return rows[0]?.patternId ?? null
}

/** What an experiment of the pattern would begin with if it were started now. */
export interface PlanMaterial extends ExperimentBaseline {
  successRate: number | null
  /** Its place among the experiments of the present period. */
  place: { number: number; wins: number }
}

/** Beyond the ids of all experiments: one that is yet to come. */
const nobody = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

async function readPlanFacts(database: Database, patternId: string, periodMs: number): Promise<PlanMaterial> {
  const [baseline, place, { rows }] = await Promise.all([
    readBaseline(database, patternId),
    readFleetPlace(database, { id: nobody, startedAt: new Date() }, periodMs),
    sql<{ successRate: number | null }>`
      select success_rate as "successRate" from prompt_patterns where id = ${patternId}::uuid`.execute(database),
  ])
  return { ...baseline, place, successRate: rows[0]?.successRate ?? null }
}

interface PersonsAct {
  id: string
  person: string
  decide: PersonsMove
  command: OutgoingCommand
}

/** One transaction: the row is locked, so a person and the workflow never move it at once. */
async function act(database: Database, { id, person, decide, command }: PersonsAct): Promise<ActResult> {
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
