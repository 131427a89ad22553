/**
 * What exposed units have come to. Read and written in plain steps by key, page by page: a table that grew from nothing
 * within the hour has no statistics yet, and one large join over it would be planned for the few rows it had.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { Verdict } from '../../words/outcome.ts'
import { within } from '../exchanges/ingest.ts'

export interface OpenUnit {
  unit: string
  exposedAt: number
  /** In the order of their ids; the first is the exposure. */
  exchanges: string[]
}

/** What an exchange says of its unit. */
export interface UnitExchange {
  id: string
  finished: boolean
  learned: boolean
  verdict: Verdict | null
  score: number | null
  /** Codes of what was found, as outcomes are explained. */
  reasons: string[]
  status: string
  httpStatus: number | null
  refusal: boolean
  /** At list prices, without discounts for cached prompts. */
  listCostUsd: number | null
  /** Whether the provider read a part of the prompt from its cache. */
  cached: boolean
  totalMs: number | null
}

export interface UnitEvents {
  unit: string
  events: Record<string, 0 | 1>
  /** Nothing will be added to them. */
  scored: boolean
}

export interface UnitValue {
  unit: string
  /** `null` = its window closed without one. */
  value: number | null
  costUsd: number | null
}

/** Records of before list prices have what was paid. */
const listCost = sql`coalesce(list_cost_usd, cost_usd)`
const isCached = sql`coalesce((usage ->> 'cachedInputTokens')::bigint, 0) > 0`

/**
 * Units whose events are not known yet, or not all of them because the first exchange is not scored; earliest first.
 */
export async function findUnitsToWatch(
  database: Database,
  experimentId: string,
  version: number,
  known: 'nothing' | 'unscored',
  limit: number,
): Promise<OpenUnit[]> {
  const { rows } = await sql<{ unit: string; exposedAt: string | Date; id: string }>`
    select unit, exposed_at as "exposedAt", exchange_id as id from experiment_exposures
    where experiment_id = ${experimentId}::uuid and version = ${version} and not scored and ${known === 'nothing' ? sql`events is null` : sql`events is not null`} order by exposed_at limit ${limit}`.execute(
    database,
  )
  return rows.map(({ unit, exposedAt, id }) => ({ unit, exposedAt: new Date(exposedAt).getTime(), exchanges: [id] }))
}

/** Units that were exposed at this time or before and have no value yet, with their exchanges of the window. */
export async function findUnitsWithoutValue(
  database: Database,
  experimentId: string,
  version: number,
  windowMs: number,
  exposedUntil: number,
  limit: number,
): Promise<OpenUnit[]> {
  const { rows } = await sql<{ unit: string; exposedAt: string | Date; exchanges: string[] }>`
    select e.unit, e.exposed_at as "exposedAt", array(
      select x.exchange_id::text from experiment_exchanges x where x.experiment_id = e.experiment_id and x.version = e.version and x.unit = e.unit
        and x.at < e.exposed_at + make_interval(secs => ${windowMs / 1_000}) order by x.exchange_id) as exchanges
    from experiment_exposures e
    where e.experiment_id = ${experimentId}::uuid and e.version = ${version} and e.resolved_at is null and e.exposed_at <= ${toTime(exposedUntil)}::timestamptz
    order by e.exposed_at limit ${limit}`.execute(database)
  return rows.map(({ unit, exposedAt, exchanges }) => ({ unit, exposedAt: new Date(exposedAt).getTime(), exchanges }))
}

/** By id; exchanges that are not there (any more) are missing. */
export async function readUnitExchanges(database: Database, ids: string[]): Promise<Map<string, UnitExchange>> {
  if (ids.length === 0) return new Map()
  const [requests, responses] = await Promise.all([
    sql<Omit<UnitExchange, keyof UnitAnswer>>`
      select id, finished_at is not null as finished, learned_at is not null as learned, verdict, outcome_score as score, array(select jsonb_path_query(outcome_reasons, '$[*].code') #>> '{}') as reasons,
        status, http_status as "httpStatus", (timings ->> 'totalMs')::double precision as "totalMs"
      from requests where id = any(${ids}::uuid[]) and ${within(ids)}`.execute(database),
    sql<UnitAnswer & { id: string }>`
      select id, refusal, ${listCost} as "listCostUsd", ${isCached} as cached from responses
      where id = any(${ids}::uuid[]) and ${within(ids)}`.execute(database),
  ])
  const answers = new Map(responses.rows.map((row) => [row.id, row]))
  return new Map(requests.rows.map((row) => [row.id, { ...row, ...(answers.get(row.id) ?? unanswered) }]))
}

type UnitAnswer = Pick<UnitExchange, 'refusal' | 'listCostUsd' | 'cached'>
const unanswered: UnitAnswer = { refusal: false, listCostUsd: null, cached: false }

/** What callers said of these exchanges under this name, as numbers; yes and no are 1 and 0. */
export async function readFeedbackValues(
  database: Database,
  ids: string[],
  metric: string,
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; value: number }>`
    select f.exchange_id as id, avg(case jsonb_typeof(f.value) when 'number' then (f.value #>> '{}')::double precision else (f.value #>> '{}')::boolean::int end) as value
    from feedback f join requests r on r.id = f.exchange_id and r.team = f.team and ${within(ids, 'r.id')}
    where f.exchange_id = any(${ids}::uuid[]) and f.metric = ${metric} and jsonb_typeof(f.value) in ('number', 'boolean') group by f.exchange_id`.execute(
    database,
  )
  return new Map(rows.map(({ id, value }) => [id, Number(value)]))
}

export async function writeEvents(
  database: Database,
  experimentId: string,
  version: number,
  rows: UnitEvents[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update experiment_exposures e set events = r.events, scored = r.scored from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(unit text, events jsonb, scored boolean)
    where e.experiment_id = ${experimentId}::uuid and e.version = ${version} and e.unit = r.unit`.execute(database)
}

export async function writeValues(
  database: Database,
  experimentId: string,
  version: number,
  rows: UnitValue[],
  now: number,
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update experiment_exposures e set value = r.value, cost_usd = r."costUsd", resolved_at = ${toTime(now)}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(unit text, value double precision, "costUsd" double precision)
    where e.experiment_id = ${experimentId}::uuid and e.version = ${version} and e.unit = r.unit`.execute(database)
}

/** When the next window closes, in milliseconds since 1970; `null` = none is open. */
export async function findNextClosing(
  database: Database,
  experimentId: string,
  version: number,
  windowMs: number,
): Promise<number | null> {
  const { rows } = await sql<{ at: Date | string | null }>`
    select min(exposed_at) as at from experiment_exposures where experiment_id = ${experimentId}::uuid and version = ${version} and resolved_at is null`.execute(
    database,
  )
  const at = rows[0]?.at ?? null
  return at === null ? null : new Date(at).getTime() + windowMs
}

function toTime(ms: number): string {
  return new Date(ms).toISOString()
}
