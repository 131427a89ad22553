/** What a pattern's traffic is like before an experiment: how much of it there is, how long it takes, what it costs. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { ExperimentBaseline } from '../../words/experiment.ts'

const unknown: ExperimentBaseline = {
  exchanges: 0,
  unitsPerDay: null,
  exchangesPerUnit: null,
  latencyP95Ms: null,
  cachedLatencyP95Ms: null,
  latencyMeanMs: null,
  cachedLatencyMeanMs: null,
  costP95Usd: null,
  unitCostP99Usd: null,
}
const maxExchanges = 5_000
const maxDays = 7
/** Exchanges below which nothing is said of how many there are. */
const minimumExchanges = 20

/**
 * By the latest exchanges of the last week. A unit is what an experiment takes for one: the session that the client
 * names, else the end user, else the conversation. Costs are list prices, because whose prompt is in the provider's
 * cache hangs on the traffic and not on the prompt.
 */
export async function readBaseline(database: Database, patternId: string): Promise<ExperimentBaseline> {
  const { rows } = await sql<ExperimentBaseline>`
    with latest as (
      select r.id, r.created_at as at, r.status = 'ok' as fine, (r.timings ->> 'totalMs')::double precision as ms,
        a.cost, coalesce(a.cached, false) as cached,
        case when s.session_key is not null and not starts_with(s.session_key, 'derived-') then s.session_key
          else coalesce(r.end_user, s.session_key, r.id::text) end as unit
      from (
        select id, created_at, status, timings, end_user, session_id from requests
        where pattern_id = ${patternId}::uuid and created_at > now() - make_interval(days => ${maxDays}) order by id desc limit ${maxExchanges}
      ) r
      left join sessions s on s.id = r.session_id
      left join lateral (
        select coalesce(p.list_cost_usd, p.cost_usd) as cost, coalesce((p.usage ->> 'cachedInputTokens')::bigint, 0) > 0 as cached
        from responses p where p.id = r.id
      ) a on true
    ), spans as (
      -- Less than the whole week only where the newest fill it, or where the pattern is younger.
      select count(*) as exchanges, count(distinct unit) as units, extract(epoch from now() - min(at)) / 86400 as days from latest
    )
    select spans.exchanges::int as exchanges,
      case when spans.exchanges >= ${minimumExchanges} then (spans.units / greatest(spans.days, 0.0001))::double precision end as "unitsPerDay",
      case when spans.exchanges >= ${minimumExchanges} then (spans.exchanges::double precision / spans.units) end as "exchangesPerUnit",
      percentile_cont(0.95) within group (order by ms) filter (where fine and not cached) as "latencyP95Ms",
      percentile_cont(0.95) within group (order by ms) filter (where fine and cached) as "cachedLatencyP95Ms",
      avg(ms) filter (where fine and not cached) as "latencyMeanMs",
      avg(ms) filter (where fine and cached) as "cachedLatencyMeanMs",
      percentile_cont(0.95) within group (order by cost) filter (where fine) as "costP95Usd",
      (select percentile_cont(0.99) within group (order by whole) from (select sum(cost) as whole from latest group by unit having sum(cost) is not null) by_unit) as "unitCostP99Usd"
    from spans left join latest on true group by spans.exchanges, spans.units, spans.days`.execute(database)
  return rows[0] ?? unknown
}
