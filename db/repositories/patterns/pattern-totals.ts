/**
 * What patterns count: how often, how well, by day, caller's key and model. An exchange and its pattern's counts change
 * in one transaction, so that they always agree.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { Verdict } from '../../words/outcome.ts'
import { toJsonb } from '../jsonb.ts'
import { lockPatterns } from './lock-patterns.ts'

/** What its pattern counts of an exchange. */
export interface Counted {
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
  /** Codes of the suggestions it has already. */
  suggested: string[]
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
  const current = deltas.flatMap((delta) => {
    const patternId = became.get(delta.patternId)
    return patternId === undefined ? [] : [{ ...delta, patternId, at: new Date(delta.createdAt).toISOString() }]
  })
  await addToDays(transaction, sumByDay(current))
  return { became, counts: await addToPatterns(transaction, sumByPattern(current)) }
}

interface Sum {
  frequency: number
  successes: number
  failures: number
}

interface PatternSum extends Sum {
  id: string
  firstSeen: string
  lastSeen: string
}

interface DaySum extends Sum {
  id: string
  day: string
  keyName: string
  model: string
  costUsd: number
  priced: number
}

/** A change of the pattern that it is part of now; `at` in ISO 8601. */
type CurrentDelta = PatternDelta & { at: string }

const noSum: Sum = { frequency: 0, successes: 0, failures: 0 }

function sumByPattern(deltas: CurrentDelta[]): PatternSum[] {
  const sums = new Map<string, PatternSum>()
  for (const delta of deltas) {
    const { patternId: id, at } = delta
    const sum = sums.get(id) ?? { id, firstSeen: at, lastSeen: at, ...noSum }
    if (at < sum.firstSeen) sum.firstSeen = at
    if (at > sum.lastSeen) sum.lastSeen = at
    sums.set(id, add(sum, delta))
  }
  return [...sums.values()]
}

function sumByDay(deltas: CurrentDelta[]): DaySum[] {
  const days = new Map<string, DaySum>()
  for (const delta of deltas) {
    const place = { id: delta.patternId, day: delta.at.slice(0, 10), keyName: delta.keyName, model: delta.model ?? '' }
    const key = Object.values(place).join('\n')
    const day = days.get(key) ?? { ...place, costUsd: 0, priced: 0, ...noSum }
    if (delta.costUsd !== null) {
      day.costUsd += delta.sign * delta.costUsd
      day.priced += delta.sign
    }
    days.set(key, add(day, delta))
  }
  return [...days.values()]
}

// The following are raw: the builder has no set of records to insert from or to join with.

async function addToDays(transaction: Database, days: DaySum[]): Promise<void> {
  await sql`
    insert into pattern_days as d (pattern_id, day, key_name, model, exchanges, successes, failures, cost_usd, priced)
    select id, day, "keyName", model, frequency, successes, failures, "costUsd", priced
    from jsonb_to_recordset(${toJsonb(days)}::jsonb) as r(id uuid, day date, "keyName" text, model text, frequency bigint, successes bigint,
      failures bigint, "costUsd" double precision, priced bigint)
    ${onSameDay}`.execute(transaction)
}

async function addToPatterns(transaction: Database, sums: PatternSum[]): Promise<PatternCounts[]> {
  const { rows } = await sql<PatternCounts>`
    update prompt_patterns p set frequency = p.frequency + r.frequency, successes = p.successes + r.successes, failures = p.failures + r.failures,
      first_seen = least(p.first_seen, r."firstSeen"), last_seen = greatest(p.last_seen, r."lastSeen")
    from jsonb_to_recordset(${toJsonb(sums)}::jsonb) as r(id uuid, frequency bigint, successes bigint, failures bigint,
      "firstSeen" timestamptz, "lastSeen" timestamptz)
    where p.id = r.id
    returning p.id, p.team, p.successes::double precision as successes, p.failures::double precision as failures, p.muted,
      array(select s ->> 'code' from jsonb_array_elements(p.suggestions) s) as suggested`.execute(transaction)
  return rows
}

function add<S extends Sum>(sum: S, { sign, verdict }: PatternDelta): S {
  sum.frequency += sign
  if (verdict === 'success') sum.successes += sign
  if (verdict === 'failure') sum.failures += sign
  return sum
}

/** All that one pattern has counted goes over to another; both must be locked. */
export async function moveTotals(transaction: Database, from: string, into: string): Promise<void> {
  await sql`
    insert into pattern_days as d (pattern_id, day, key_name, model, exchanges, successes, failures, cost_usd, priced)
    select ${into}::uuid, day, key_name, model, exchanges, successes, failures, cost_usd, priced from pattern_days where pattern_id = ${from}::uuid
    ${onSameDay}`.execute(transaction)
  await transaction.deleteFrom('pattern_days').where('pattern_id', '=', from).execute()
  await sql`
    update prompt_patterns i set frequency = i.frequency + f.frequency, successes = i.successes + f.successes, failures = i.failures + f.failures,
      first_seen = least(i.first_seen, f.first_seen), last_seen = greatest(i.last_seen, f.last_seen), asked_frequency = greatest(i.asked_frequency, f.asked_frequency)
    from prompt_patterns f where i.id = ${into}::uuid and f.id = ${from}::uuid`.execute(transaction)
  await transaction
    .updateTable('prompt_patterns')
    .set({ frequency: 0, successes: 0, failures: 0 })
    .where('id', '=', from)
    .execute()
}

const onSameDay = sql`
    on conflict (pattern_id, day, key_name, model) do update set exchanges = d.exchanges + excluded.exchanges, successes = d.successes + excluded.successes,
      failures = d.failures + excluded.failures, cost_usd = d.cost_usd + excluded.cost_usd, priced = d.priced + excluded.priced`

/** What each caller's key has counted for these patterns. */
export async function findKeyCounts(
  transaction: Database,
  ids: string[],
): Promise<Map<string, { keyName: string; successes: number; failures: number }[]>> {
  if (ids.length === 0) return new Map()
  const rows = await transaction
    .selectFrom('pattern_days')
    .select(['pattern_id as id', 'key_name as keyName'])
    .select([
      sql<number>`sum(successes)::double precision`.as('successes'),
      sql<number>`sum(failures)::double precision`.as('failures'),
    ])
    .where('pattern_id', 'in', ids)
    .groupBy(['pattern_id', 'key_name'])
    .execute()
  return Map.groupBy(rows, ({ id }) => id)
}
