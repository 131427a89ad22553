/** What exposed units have come to: their events at the first exchange, their metric and cost when their window is over. */
import { sql, type Kysely } from 'kysely'
import type { ExperimentBaseline, ExperimentSettings } from '../types.ts'

export interface ResolvingExperiment {
  id: string
  version: number
  metric: string
  settings: Pick<ExperimentSettings, 'windowMs' | 'costIncrease'>
  baseline: ExperimentBaseline | null
}

/** So long the learner may take for an exchange before its unit goes on without it. */
const graceMs = 900_000

/** Codes of outcomes that say: the answer is not of the form that was asked for. */
const invalidCodes = ['empty', 'length', 'invalid_json', 'schema_violation', 'unknown_tool', 'invalid_arguments', 'arguments_violation']

/**
 * Guardrails look at the unit's first exchange, as soon as it is learned: an outage must not wait for the end of a window,
 * and a unit's event must not change once it was looked at. What cannot be known is left out.
 */
export async function resolveEvents(database: Kysely<any>, { id, version, settings, baseline }: ResolvingExperiment, nowMs: number): Promise<number> {
  const slow = baseline?.latencyP95Ms ?? null
  const dear = baseline === null || baseline.costP95Usd === null ? null : baseline.costP95Usd * (1 + settings.costIncrease)
  const { numAffectedRows } = await sql`
    update experiment_exposures e set events = jsonb_strip_nulls(jsonb_build_object(
      'error', (r.status in ('error', 'truncated') or coalesce(r.http_status, 0) >= 400)::int,
      'refusal', coalesce(a.refusal, false)::int,
      'invalid_output', (r.outcome_reasons @? ${`$[*].code ? (${invalidCodes.map((code) => `@ == "${code}"`).join(' || ')})`}::jsonpath)::int,
      'slow', case when ${slow}::double precision is not null and r.timings is not null then ((r.timings ->> 'totalMs')::double precision > ${slow}::double precision)::int end,
      'dear', case when ${dear}::double precision is not null then (a.cost_usd > ${dear}::double precision)::int end))
    from requests r left join responses a on a.id = r.id
    where e.experiment_id = ${id}::uuid and e.version = ${version} and e.events is null and r.id = e.exchange_id
      and r.id >= (select exchange_id from experiment_exposures where experiment_id = ${id}::uuid and version = ${version} and events is null order by exchange_id limit 1)
      and (r.learned_at is not null or e.exposed_at < ${toTime(nowMs - graceMs)}::timestamptz)`.execute(database)
  return Number(numAffectedRows ?? 0n)
}

/**
 * The primary metric: the mean over the unit's exchanges that began within its window. A unit without any verdict failed
 * (success, score), or has no value and is left out (everything else). Resolved by time alone, never by how it went.
 */
export async function resolveValues(database: Kysely<any>, { id, version, metric, settings: { windowMs } }: ResolvingExperiment, nowMs: number): Promise<number> {
  const closed = toTime(nowMs - windowMs)
  const { numAffectedRows } = await sql`
    with due as (
      select unit, exposed_at from experiment_exposures
      where experiment_id = ${id}::uuid and version = ${version} and resolved_at is null and exposed_at <= ${closed}::timestamptz
    ), summed as (
      select d.unit, ${toAggregate(metric)} as value, sum(a.cost_usd) as cost, bool_and(r.learned_at is not null) as complete
      from due d
      join experiment_exchanges x on x.experiment_id = ${id}::uuid and x.version = ${version} and x.unit = d.unit and x.at < d.exposed_at + make_interval(secs => ${windowMs / 1_000})
      left join requests r on r.id = x.exchange_id
        and r.id >= (select exchange_id from experiment_exposures where experiment_id = ${id}::uuid and version = ${version} and resolved_at is null order by exchange_id limit 1)
      left join responses a on a.id = x.exchange_id
      group by d.unit
    )
    update experiment_exposures e set value = ${failsWithout(metric) ? sql`coalesce(s.value, 0)` : sql`s.value`}, cost_usd = s.cost, resolved_at = ${toTime(nowMs)}::timestamptz
    from summed s
    where e.experiment_id = ${id}::uuid and e.version = ${version} and e.unit = s.unit
      and (s.complete or e.exposed_at < ${toTime(nowMs - windowMs - graceMs)}::timestamptz)`.execute(database)
  return Number(numAffectedRows ?? 0n)
}

function failsWithout(metric: string): boolean {
  return metric === 'success' || metric === 'score'
}

function toAggregate(metric: string) {
  if (metric === 'success') return sql`avg(case r.verdict when 'success' then 1.0 when 'failure' then 0.0 end)::double precision`
  if (metric === 'score') return sql`avg(r.outcome_score)`
  if (metric === 'cost') return sql`sum(a.cost_usd)`
  if (metric === 'latency') return sql`avg((r.timings ->> 'totalMs')::double precision)`
  return sql`avg((select avg(case jsonb_typeof(f.value) when 'number' then (f.value #>> '{}')::double precision when 'boolean' then (f.value #>> '{}')::boolean::int end)
    from feedback f where f.exchange_id = x.exchange_id and f.team = r.team and f.metric = ${metric.replace(/^feedback:/, '')}))`
}

/** When the next window closes, in milliseconds since 1970; `null` = none is open. */
export async function findNextClosing(database: Kysely<any>, { id, version, settings: { windowMs } }: ResolvingExperiment): Promise<number | null> {
  const { rows } = await sql<{ at: Date | string | null }>`
    select min(exposed_at) as at from experiment_exposures where experiment_id = ${id}::uuid and version = ${version} and resolved_at is null`.execute(database)
  const at = rows[0]?.at ?? null
  return at === null ? null : new Date(at).getTime() + windowMs
}

/** What the pattern's latest exchanges without an experiment were like. */
export async function readBaseline(database: Kysely<any>, patternId: string): Promise<ExperimentBaseline> {
  const { rows } = await sql<ExperimentBaseline>`
    select count(*)::int as exchanges,
      percentile_cont(0.95) within group (order by ms) as "latencyP95Ms",
      percentile_cont(0.95) within group (order by cost) as "costP95Usd",
      percentile_cont(0.99) within group (order by cost) as "costP99Usd"
    from (
      select (r.timings ->> 'totalMs')::double precision as ms, a.cost_usd as cost from requests r left join responses a on a.id = r.id
      where r.pattern_id = ${patternId}::uuid and r.status = 'ok' order by r.id desc limit 2000
    ) latest`.execute(database)
  return rows[0] ?? { exchanges: 0, latencyP95Ms: null, costP95Usd: null, costP99Usd: null }
}

function toTime(ms: number): string {
  return new Date(ms).toISOString()
}
