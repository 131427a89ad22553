/**
 * What is known before a reanalysis begins: how much there is to do, how fast it went lately, what the analyst used a
 * call.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { ExchangeFilter } from '../../words/exchange.ts'
import { covered } from './reanalyses.ts'
import { countWeakOf, type Thresholds } from './reanalysis-proposals.ts'

/**
 * Tokens of a call to the analyst where none has been made yet: the limit of its answer and a question of the same
 * length.
 */
const tokensPerCallDefault = 8_192
const recentCalls = 50
const recentRuns = 5
/** Runs below it say more of their beginning than of their rate. */
const measuredLeast = 100
const probeMost = 200
/** A page also judges and writes: with a database on the same machine that comes to about three times the reading. */
const probeFactor = 4

export async function readTokensPerCall(database: Database): Promise<number> {
  const { rows } = await sql<{ tokens: number | null }>`
    select avg(tokens)::float8 as tokens from (select tokens from analyst_calls where purpose = 'proposal' and finished_at is not null order by id desc limit ${recentCalls}) c`.execute(
    database,
  )
  return Math.ceil(rows[0]?.tokens ?? tokensPerCallDefault)
}

export async function countCovered(database: Database, filter: ExchangeFilter): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::float8 as count from requests r where ${covered(filter)}`.execute(database)
  return rows[0]?.count ?? 0
}

export function countWeak(database: Database, filter: ExchangeFilter, thresholds: Thresholds): Promise<number> {
  return countWeakOf(database, covered(filter), thresholds)
}

/** Exchanges a second while it works, by the last runs; `null` = none was long enough. */
export async function readMeasuredRate(database: Database): Promise<number | null> {
  const { rows } = await sql<{ rate: number | null }>`
    select (sum(done + failed) * 1000 / nullif(sum(worked_ms), 0))::float8 as rate
    from (select done, failed, worked_ms from reanalyses where worked_ms > 0 and done + failed >= ${measuredLeast} order by id desc limit ${recentRuns}) r`.execute(
    database,
  )
  return rows[0]?.rate ?? null
}

/** Reads some of what is to be done, as a page would, and derives a rate from that; `null` = there is nothing. */
export async function probeRate(database: Database, filter: ExchangeFilter): Promise<number | null> {
  const startedAt = performance.now()
  const { rows } = await sql<{ original: Buffer | null; body: Buffer | null }>`
    select r.original_body as original, a.body from requests r left join responses a on a.id = r.id
    where ${covered(filter)} order by r.id limit ${probeMost}`.execute(database)
  if (rows.length === 0) return null
  const tookMs = Math.max(1, performance.now() - startedAt) * probeFactor
  return (rows.length * 1_000) / tookMs
}
