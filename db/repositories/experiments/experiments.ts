/** An experiment's own row: how it stands, what was seen of it, and where it goes. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'
import type { ExperimentBaseline, ExperimentSettings, ExperimentState } from '../../words/experiment.ts'

export interface ExperimentRow {
  id: string
  version: number
  state: ExperimentState
  step: number
  metric: string
  settings: ExperimentSettings
  baseline: ExperimentBaseline | null
  patternId: string
  enhancementId: string
  startedAt: Date | string | null
  stepStartedAt: Date | string | null
  stepFrom: { control: number; treatment: number }
  promotedAt: Date | string | null
  endedAt: Date | string | null
}

/** A step of its life, with the numbers that caused it. */
export interface Move {
  to: ExperimentState
  step: number
  cause: string
  numbers: object
  /** `null` = it moved by itself. */
  person: string | null
  /** Exposures of now: what a new step is counted from. */
  exposed: { control: number; treatment: number }
}

const columns = sql`id, version, state, step, metric, settings, baseline, pattern_id as "patternId", enhancement_id as "enhancementId", started_at as "startedAt",
  step_started_at as "stepStartedAt", step_from as "stepFrom", promoted_at as "promotedAt", ended_at as "endedAt"`

/** In these nobody gets the treatment any more. */
const endStates: readonly ExperimentState[] = ['no_effect', 'lost', 'rolled_back', 'blocked_srm', 'expired', 'stopped']

export async function findExperiment(database: Database, id: string): Promise<ExperimentRow | null> {
  const { rows } = await sql<ExperimentRow>`select ${columns} from experiments where id = ${id}::uuid`.execute(database)
  return rows[0] ?? null
}

export async function lockExperiment(transaction: Database, id: string): Promise<ExperimentRow | null> {
  const { rows } =
    await sql<ExperimentRow>`select ${columns} from experiments where id = ${id}::uuid for update`.execute(transaction)
  return rows[0] ?? null
}

/** Those under way: for whoever looks that each has its workflow. */
export async function findSilentExperiments(database: Database, silentSeconds: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from experiments where started_at is not null and ended_at is null
      and greatest(started_at, evaluated_at) < now() - make_interval(secs => ${silentSeconds}) order by id`.execute(
    database,
  )
  return rows.map(({ id }) => id)
}

/** Moves a locked experiment, writes why, and tells gateways and pages once the transaction stands. */
export async function moveExperiment(
  transaction: Database,
  before: ExperimentRow,
  move: Move,
  now: Date,
): Promise<void> {
  const at = now.toISOString()
  const starts = before.startedAt === null
  const promotes = move.to === 'promoted'
  await sql`
    update experiments set state = ${move.to}, step = ${move.step}, updated_at = ${at}::timestamptz,
      started_at = ${starts && move.to === 'ramping' ? at : before.startedAt}::timestamptz, step_started_at = ${at}::timestamptz,
      step_from = ${JSON.stringify({ control: move.exposed.control, treatment: move.exposed.treatment })}::jsonb,
      -- The hold-back is a split of its own: another version, drawn anew.
      version = ${promotes ? before.version + 1 : before.version}, salt = case when ${promotes} then ${v7()} else salt end,
      -- Guardrails of the test stay in its evaluation; those of the hold-back begin anew.
      guardrails = case when ${promotes} then null else guardrails end,
      promoted_at = ${promotes ? at : before.promotedAt}::timestamptz, promoted_by = case when ${promotes} then ${move.person} else promoted_by end,
      ended_at = ${endStates.includes(move.to) ? at : before.endedAt}::timestamptz
    where id = ${before.id}::uuid`.execute(transaction)
  await writeEvent(transaction, before, move, at)
  if (endStates.includes(move.to))
    await withdrawEnhancement(transaction, before.enhancementId, `its experiment ended: ${move.cause}`, move.person, at)
  await announce(transaction, before.id)
}

/** What a hold-back has shown. `null` estimate = too few units, or a split that is not the one that was drawn. */
export interface HoldbackEnd {
  estimate: object | null
  splitIsOff: boolean
  numbers: object
}

/** The end of the hold-back: from now on the enhancement is served to everybody. */
export async function endHoldback(
  transaction: Database,
  row: ExperimentRow,
  { estimate, splitIsOff, numbers }: HoldbackEnd,
  now: Date,
): Promise<void> {
  const at = now.toISOString()
  await sql`update experiments set ended_at = ${at}::timestamptz, updated_at = ${at}::timestamptz, holdback = ${estimate && JSON.stringify(estimate)}::jsonb where id = ${row.id}::uuid`.execute(
    transaction,
  )
  await sql`update enhancements set mode = 'serve', version = version + 1, updated_at = ${at}::timestamptz where id = ${row.enhancementId}::uuid and state = 'approved'`.execute(
    transaction,
  )
  const unsaid = splitIsOff
    ? '; the split was not the one that was drawn, so nothing is said of its worth'
    : estimate === null
      ? '; too few units were held back to say what it is worth'
      : ''
  await writeEvent(
    transaction,
    row,
    {
      to: 'promoted',
      step: row.step,
      cause: `the hold-back is over: everybody gets the enhancement${unsaid}`,
      numbers,
      person: null,
    },
    at,
  )
  await announce(transaction, row.id)
}

/** What was seen at a look; the curve keeps one point for each number of pairs. */
export async function writeLook(
  transaction: Database,
  row: ExperimentRow,
  seen: {
    evaluation: object
    /** Its place among the experiments of its period. */
    fleet: object
    exchangesPerUnit: number | null
    guardrails: object
    logE: number | null
    point: { pairs: number; difference: number; halfWidth: number; control: number; treatment: number } | null
  },
  now: Date,
): Promise<void> {
  const at = now.toISOString()
  await sql`
    update experiments set evaluated_at = ${at}::timestamptz, evaluation = ${JSON.stringify(seen.evaluation)}::jsonb, guardrails = ${JSON.stringify(seen.guardrails)}::jsonb, log_e = ${seen.logE},
      fleet = ${JSON.stringify(seen.fleet)}::jsonb, exchanges_per_unit = ${seen.exchangesPerUnit}
    where id = ${row.id}::uuid`.execute(transaction)
  if (seen.point === null) return
  const { pairs, difference, halfWidth, control, treatment } = seen.point
  await sql`
    insert into experiment_looks (experiment_id, version, pairs, at, difference, half_width, control, treatment)
    select ${row.id}::uuid, ${row.version}, ${pairs}, ${at}::timestamptz, ${difference}, ${halfWidth}, ${control}, ${treatment}
    -- A fiftieth more pairs make a new point: a curve of any length has a few hundred.
    where not exists (select from experiment_looks where experiment_id = ${row.id}::uuid and version = ${row.version} and pairs > ${pairs - Math.max(1, Math.floor(pairs / 50))} and pairs <= ${pairs})
    on conflict do nothing`.execute(transaction)
}

/** Of the hold-back only its guardrails are looked at before its end: its estimate is made once. */
export async function writeHoldbackLook(
  transaction: Database,
  row: ExperimentRow,
  guardrails: object,
  now: Date,
): Promise<void> {
  await sql`update experiments set evaluated_at = ${now.toISOString()}::timestamptz, guardrails = ${JSON.stringify(guardrails)}::jsonb where id = ${row.id}::uuid`.execute(
    transaction,
  )
}

/**
 * An experiment's place among those that were started in the same period: how many came before it, itself counted, and
 * how many others have won. Periods lie one after the other since 1970.
 */
export async function readFleetPlace(
  database: Database,
  { id, startedAt }: { id: string; startedAt: Date },
  periodMs: number,
): Promise<{ number: number; wins: number }> {
  const from = Math.floor(startedAt.getTime() / periodMs) * periodMs
  const { rows } = await sql<{ number: number; wins: number }>`
    select (count(*) filter (where (x.started_at, x.id) < (${startedAt.toISOString()}::timestamptz, ${id}::uuid)) + 1)::int as number,
      (count(*) filter (where exists (select from experiment_events v where v.experiment_id = x.id and v.to_state = 'won')))::int as wins
    from experiments x
    where x.id <> ${id}::uuid and x.started_at >= ${new Date(from).toISOString()}::timestamptz
      and x.started_at < ${new Date(from + periodMs).toISOString()}::timestamptz`.execute(database)
  return rows[0] ?? { number: 1, wins: 0 }
}

export async function writeEvent(
  transaction: Database,
  row: Pick<ExperimentRow, 'id' | 'version' | 'state'>,
  move: Omit<Move, 'exposed'>,
  at: string,
  from: ExperimentState | null = row.state,
): Promise<void> {
  await sql`
    insert into experiment_events (id, created_at, experiment_id, version, from_state, to_state, step, person, cause, numbers)
    values (${v7()}, ${at}::timestamptz, ${row.id}::uuid, ${row.version}, ${from}, ${move.to}, ${move.step}, ${move.person}, ${move.cause}, ${JSON.stringify(move.numbers)}::jsonb)`.execute(
    transaction,
  )
}

/** Its pattern may be improved in another way now. */
async function withdrawEnhancement(
  transaction: Database,
  enhancementId: string,
  failure: string,
  person: string | null,
  at: string,
): Promise<void> {
  await sql`
    update enhancements set state = 'withdrawn', failure = ${failure}, withdrawn_by = ${person}, withdrawn_at = ${at}::timestamptz, version = version + 1, updated_at = ${at}::timestamptz
    where id = ${enhancementId}::uuid and state = 'approved'`.execute(transaction)
}

async function announce(transaction: Database, id: string): Promise<void> {
  await notifyOnCommit(transaction, 'sinew_snapshot', id)
  await notifyOnCommit(transaction, 'sinew_learning', 'experiments')
  await notifyOnCommit(transaction, 'sinew_learning', 'enhancements')
}
