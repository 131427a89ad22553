/**
 * Who was exposed to which experiment: written with the exchanges themselves, harmlessly when it is done again or late.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { ExperimentMark } from '../../words/experiment.ts'
import { toJsonb } from '../jsonb.ts'

export interface MarkedExchange {
  id: string
  created_at: string
  provider: string | null
  model: string | null
  experiment: ExperimentMark | null
}

/**
 * The first exposure of a unit counts, by the order of the exchanges' ids, also where a later one was delivered before
 * it. A unit that is seen in both arms stays marked as such. An exchange that comes late, for a window that was closed
 * already, opens the unit's outcome again.
 */
export async function insertExposures(transaction: Database, exchanges: MarkedExchange[]): Promise<void> {
  const marks = exchanges.flatMap(({ id, created_at, provider, model, experiment }) =>
    experiment === null
      ? []
      : [
          {
            experiment: experiment.id,
            version: experiment.version,
            unit: experiment.unit,
            arm: experiment.arm,
            exchange: id,
            at: created_at,
            model: model && `${provider}/${model}`,
          },
        ],
  )
  if (marks.length === 0) return
  await sql`
    with incoming as (
      select * from jsonb_to_recordset(${toJsonb(marks)}::jsonb) as r(experiment uuid, version integer, unit text, arm text, exchange uuid, at timestamptz, model text)
    ), fresh as (
      insert into experiment_exchanges (experiment_id, version, exchange_id, unit, arm, at)
      select experiment, version, exchange, unit, arm, at from incoming order by experiment, version, exchange
      on conflict do nothing returning experiment_id, version, exchange_id
    ), firsts as (
      select i.experiment, i.version, i.unit, (array_agg(i.arm order by i.exchange))[1] as arm, (array_agg(i.exchange order by i.exchange))[1] as exchange,
        min(i.at) as at, (array_agg(i.model order by i.exchange))[1] as model, count(distinct i.arm) > 1 as mixed
      from incoming i join fresh f on f.experiment_id = i.experiment and f.version = i.version and f.exchange_id = i.exchange
      group by i.experiment, i.version, i.unit
    )
    insert into experiment_exposures as e (experiment_id, version, unit, arm, exchange_id, exposed_at, model, mixed)
    select experiment, version, unit, arm, exchange, at, model, mixed from firsts order by experiment, version, unit
    on conflict (experiment_id, version, unit) do update set
      mixed = e.mixed or excluded.mixed or e.arm <> excluded.arm,
      arm = case when excluded.exchange_id < e.exchange_id then excluded.arm else e.arm end,
      model = case when excluded.exchange_id < e.exchange_id then excluded.model else e.model end,
      events = case when excluded.exchange_id < e.exchange_id then null else e.events end,
      scored = e.scored and excluded.exchange_id > e.exchange_id,
      exchange_id = least(e.exchange_id, excluded.exchange_id),
      exposed_at = least(e.exposed_at, excluded.exposed_at),
      value = null, cost_usd = null, resolved_at = null
    where excluded.exchange_id < e.exchange_id or (excluded.arm <> e.arm and not e.mixed) or (e.resolved_at is not null and excluded.exposed_at < e.exposed_at
      + make_interval(secs => coalesce((select (x.settings ->> 'windowMs')::double precision from experiments x where x.id = e.experiment_id), 0) / 1000))`.execute(
    transaction,
  )
}

export interface UnitRow {
  arm: 'control' | 'treatment'
  value: number | null
  events: Record<string, 0 | 1> | null
  costUsd: number | null
  resolved: boolean
  scored: boolean
}

/** In exposure order, without units that were seen in both arms. */
export async function readUnits(database: Database, experimentId: string, version: number): Promise<UnitRow[]> {
  const { rows } = await sql<UnitRow>`
    select arm, value, events, cost_usd as "costUsd", resolved_at is not null as resolved, scored from experiment_exposures
    where experiment_id = ${experimentId}::uuid and version = ${version} and not mixed order by exchange_id`.execute(
    database,
  )
  return rows
}

export async function countMixed(database: Database, experimentId: string, version: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from experiment_exposures where experiment_id = ${experimentId}::uuid and version = ${version} and mixed`.execute(
    database,
  )
  return rows[0]?.count ?? 0
}

/** How many exchanges its units have made, those in both arms too; `null` = no unit is there. */
export async function readExchangesPerUnit(
  database: Database,
  experimentId: string,
  version: number,
): Promise<number | null> {
  const { rows } = await sql<{ mean: number | null }>`
    select count(*)::double precision / nullif(count(distinct unit), 0) as mean from experiment_exchanges
    where experiment_id = ${experimentId}::uuid and version = ${version}`.execute(database)
  return rows[0]?.mean ?? null
}

/**
 * What the units were served by, most frequent first: more than one says that the provider changed under the
 * experiment.
 */
export async function readModels(
  database: Database,
  experimentId: string,
  version: number,
): Promise<{ model: string; units: number }[]> {
  const { rows } = await sql<{ model: string; units: number }>`
    select coalesce(model, 'unknown') as model, count(*)::int as units from experiment_exposures
    where experiment_id = ${experimentId}::uuid and version = ${version} group by 1 order by 2 desc, 1 limit 10`.execute(
    database,
  )
  return rows
}
