/**
 * What patterns count: how often, how well, by day, caller's key and model. An exchange and its pattern's counts change
 * in one transaction, so that they always agree.
 */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import type { PromptTemplate } from '../../words/enhancement.ts'
import type { Verdict } from '../../words/outcome.ts'
import { toJsonb } from '../jsonb.ts'

/** A prompt's opening, as a pattern until a template is learned. */
export interface Opening {
  hash: string
  type: string
  title: string
  template: PromptTemplate
}

/** Of an exchange, what its pattern counts. */
export interface Counted {
  team: string
  createdAt: string
  keyName: string
  model: string | null
  costUsd: number | null
}

/** An exchange joins a pattern (1) or leaves it (-1). */
export interface PatternDelta extends Counted {
  patternId: string
  verdict: Verdict
  sign: 1 | -1
}

export interface PatternCounts {
  id: string
  team: string
  successes: number
  failures: number
  muted: boolean
  /** Codes of what is said on it already. */
  suggested: string[]
}

const toKey = (team: string, hash: string): string => `${team}\n${hash}`

/**
 * The patterns of these openings by `team` and `hash`, made where they are new; of one that was merged, the pattern it
 * is part of now. New ones are made in the order of their hashes, so that two miners never wait in a circle.
 */
export async function ensureOpenings(
  transaction: Database,
  wanted: { team: string; opening: Opening; seenAt: string }[],
): Promise<(team: string, hash: string) => string | null> {
  const openings = new Map(wanted.map((one) => [toKey(one.team, one.opening.hash), one]))
  const hashes = [...openings.values()].map(({ team, opening: { hash } }) => ({ team, hash }))
  const found = await findOpenings(transaction, hashes)
  const missing = [...openings]
    .flatMap(([key, { team, opening }]) => (found(team, opening.hash) === null ? [key] : []))
    .sort()
  if (missing.length === 0) return found
  const records = missing.map((key) => {
    const { team, opening, seenAt } = openings.get(key) as (typeof wanted)[number]
    return { id: v7(), team, ...opening, seenAt }
  })
  await sql`
    insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, first_seen, last_seen)
    select id, team, hash, type, title, template, "seenAt", "seenAt"
    from jsonb_to_recordset(${toJsonb(records)}::jsonb) as r(id uuid, team text, hash text, type text, title text, template jsonb, "seenAt" timestamptz)
    order by team, hash on conflict (team, pattern_hash) do nothing`.execute(transaction)
  return findOpenings(transaction, hashes)
}

/**
 * The patterns of openings that are known, by `team` and `hash`; of one that was merged, the pattern it is part of now.
 */
export async function findOpenings(
  transaction: Database,
  wanted: { team: string; hash: string }[],
): Promise<(team: string, hash: string) => string | null> {
  if (wanted.length === 0) return () => null
  const { rows } = await sql<{ team: string; hash: string; id: string }>`
    select p.team, p.pattern_hash as hash, coalesce(p.merged_into, p.id) as id
    from (select distinct team, hash
      from jsonb_to_recordset(${toJsonb(wanted.map(({ team, hash }) => ({ team, hash })))}::jsonb) as w(team text, hash text)) r
    join prompt_patterns p on p.team = r.team and p.pattern_hash = r.hash`.execute(transaction)
  const found = new Map(rows.map(({ team, hash, id }) => [toKey(team, hash), id]))
  return (team, hash) => found.get(toKey(team, hash)) ?? null
}

/** Locks patterns in the order of their ids and answers what each has become: itself, or what it was merged into. */
export async function lockPatterns(transaction: Database, ids: string[]): Promise<Map<string, string>> {
  const became = new Map<string, string>()
  for (let wanted = [...new Set(ids)]; wanted.length > 0;) {
    const { rows } = await sql<{ id: string; merged: string | null }>`
      select id, merged_into as merged from prompt_patterns where id = any(${wanted}::uuid[]) order by id for update`.execute(
      transaction,
    )
    for (const { id, merged } of rows) became.set(id, merged ?? id)
    wanted = rows.flatMap(({ merged }) => (merged !== null && !became.has(merged) ? [merged] : []))
  }
  return became
}

/**
 * Adds the changes to the patterns, or to what they were merged into meanwhile. Answers what each became, and the
 * counts of all that changed.
 */
export async function countPatterns(
  transaction: Database,
  deltas: PatternDelta[],
): Promise<{ became: Map<string, string>; counts: PatternCounts[] }> {
  if (deltas.length === 0) return { became: new Map(), counts: [] }
  const became = await lockPatterns(
    transaction,
    deltas.map(({ patternId }) => patternId),
  )
  const sums = new Map<string, Sum & { id: string; firstSeen: string; lastSeen: string }>()
  const days = new Map<
    string,
    Sum & { id: string; day: string; keyName: string; model: string; costUsd: number; priced: number }
  >()
  for (const delta of deltas) {
    const id = became.get(delta.patternId)
    if (id === undefined) continue
    const at = new Date(delta.createdAt).toISOString()
    const sum = sums.get(id) ?? { id, firstSeen: at, lastSeen: at, ...noSum }
    if (at < sum.firstSeen) sum.firstSeen = at
    if (at > sum.lastSeen) sum.lastSeen = at
    sums.set(id, add(sum, delta))
    const place = { id, day: at.slice(0, 10), keyName: delta.keyName, model: delta.model ?? '' }
    const key = `${id}\n${place.day}\n${place.keyName}\n${place.model}`
    const day = days.get(key) ?? { ...place, costUsd: 0, priced: 0, ...noSum }
    if (delta.costUsd !== null) {
      day.costUsd += delta.sign * delta.costUsd
      day.priced += delta.sign
    }
    days.set(key, add(day, delta))
  }
  await sql`
    insert into pattern_days as d (pattern_id, day, key_name, model, exchanges, successes, failures, cost_usd, priced)
    select id, day, "keyName", model, frequency, successes, failures, "costUsd", priced
    from jsonb_to_recordset(${toJsonb([...days.values()])}::jsonb) as r(id uuid, day date, "keyName" text, model text, frequency bigint, successes bigint,
      failures bigint, "costUsd" double precision, priced bigint)
    on conflict (pattern_id, day, key_name, model) do update set exchanges = d.exchanges + excluded.exchanges, successes = d.successes + excluded.successes,
      failures = d.failures + excluded.failures, cost_usd = d.cost_usd + excluded.cost_usd, priced = d.priced + excluded.priced`.execute(
    transaction,
  )
  const { rows } = await sql<PatternCounts>`
    update prompt_patterns p set frequency = p.frequency + r.frequency, successes = p.successes + r.successes, failures = p.failures + r.failures,
      first_seen = least(p.first_seen, r."firstSeen"), last_seen = greatest(p.last_seen, r."lastSeen")
    from jsonb_to_recordset(${toJsonb([...sums.values()])}::jsonb) as r(id uuid, frequency bigint, successes bigint, failures bigint,
      "firstSeen" timestamptz, "lastSeen" timestamptz)
    where p.id = r.id
    returning p.id, p.team, p.successes::double precision as successes, p.failures::double precision as failures, p.muted,
      array(select s ->> 'code' from jsonb_array_elements(p.suggestions) s) as suggested`.execute(transaction)
  return { became, counts: rows }
}

interface Sum {
  frequency: number
  successes: number
  failures: number
}

const noSum: Sum = { frequency: 0, successes: 0, failures: 0 }

function add<S extends Sum>(sum: S, { sign, verdict }: PatternDelta): S {
  sum.frequency += sign
  if (verdict === 'success') sum.successes += sign
  if (verdict === 'failure') sum.failures += sign
  return sum
}

/** What each caller's key has counted for these patterns. */
export async function findKeyCounts(
  transaction: Database,
  ids: string[],
): Promise<Map<string, { keyName: string; successes: number; failures: number }[]>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; keyName: string; successes: number; failures: number }>`
    select pattern_id as id, key_name as "keyName", sum(successes)::double precision as successes, sum(failures)::double precision as failures
    from pattern_days where pattern_id = any(${ids}::uuid[]) group by pattern_id, key_name`.execute(transaction)
  return Map.groupBy(rows, ({ id }) => id)
}

/**
 * Of these patterns, those for which a better prompt may be asked for now: not muted, none under way or in use, neither
 * for itself nor for what was merged into it; and after one that came to nothing, only once it is twice as frequent.
 */
export async function findAskable(transaction: Database, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<{ id: string }>`
    select p.id from prompt_patterns p where p.id = any(${ids}::uuid[]) and not p.muted and not exists (
      select from prompt_patterns s join enhancements e on e.pattern_id = s.id
      where (s.id = p.id or s.merged_into = p.id)
        and (e.state not in ('rejected', 'failed', 'expired') or p.frequency < 2 * coalesce(s.asked_frequency, p.frequency)))`.execute(
    transaction,
  )
  return rows.map(({ id }) => id)
}

export async function noteAsked(transaction: Database, ids: string[]): Promise<void> {
  if (ids.length > 0)
    await sql`update prompt_patterns set asked_frequency = frequency where id = any(${ids}::uuid[])`.execute(
      transaction,
    )
}
