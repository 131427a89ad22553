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
const defaultTokensPerCall = 8_192
const recentCalls = 50
const recentRuns = 5
/** Shorter runs say more about their beginning than about their rate. */
const minMeasured = 100
const maxProbed = 200
/** A page also judges and writes: with a database on the same machine that comes to about three times the reading. */
const probeFactor = 4

export async function readTokensPerCall(database: Database): Promise<number> {
  const { tokens } = await database
    .selectFrom((eb) =>
      eb
        .selectFrom('analyst_calls')
        .select('tokens')
        .where('purpose', '=', 'proposal')
        .where('finished_at', 'is not', null)
        .orderBy('id', 'desc')
        .limit(recentCalls)
        .as('recent'),
    )
    .select(sql<number | null>`avg(tokens)::float8`.as('tokens'))
    .executeTakeFirstOrThrow()
  return Math.ceil(tokens ?? defaultTokensPerCall)
}

async function countCovered(database: Database, filter: ExchangeFilter): Promise<number> {
  const { count } = await database
    .selectFrom('requests as r')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(covered(filter))
    .executeTakeFirstOrThrow()
  return count
}

/** Exchanges a second while it works, by the last runs; `null` = none was long enough. */
async function readMeasuredRate(database: Database): Promise<number | null> {
  const { rate } = await database
    .selectFrom((eb) =>
      eb
        .selectFrom('reanalyses')
        .select(['done', 'failed', 'worked_ms'])
        .where('worked_ms', '>', 0)
        .where((run) => run(run('done', '+', run.ref('failed')), '>=', minMeasured))
        .orderBy('id', 'desc')
        .limit(recentRuns)
        .as('recent'),
    )
    .select(sql<number | null>`(sum(done + failed) * 1000 / nullif(sum(worked_ms), 0))::float8`.as('rate'))
    .executeTakeFirstOrThrow()
  return rate
}

/** Reads some of what is to be done, as a page would, and derives a rate from that; `null` = there is nothing. */
async function probeRate(database: Database, filter: ExchangeFilter): Promise<number | null> {
  const startedAt = performance.now()
  const rows = await database
    .selectFrom('requests as r')
    .leftJoin('responses as a', 'a.id', 'r.id')
    .select(['r.original_body', 'a.body'])
    .where(covered(filter))
    .orderBy('r.id')
    .limit(maxProbed)
    .execute()
  if (rows.length === 0) return null
  const tookMs = Math.max(1, performance.now() - startedAt) * probeFactor
  return (rows.length * 1_000) / tookMs
}

/** What is known of a selection before anything is done to it. */
export interface Measured {
  count: number
  /** Exchanges a second; `null` = nothing is known. */
  perSecond: number | null
  basis: 'runs' | 'probe' | 'none'
  weakPatterns: number
  tokensPerCall: number
}

export async function measureSelection(
  database: Database,
  filter: ExchangeFilter,
  thresholds: Thresholds,
): Promise<Measured> {
  const [count, weakPatterns, tokensPerCall, measured] = await Promise.all([
    countCovered(database, filter),
    countWeakOf(database, covered(filter), thresholds),
    readTokensPerCall(database),
    readMeasuredRate(database),
  ])
  const perSecond = measured ?? (await probeRate(database, filter))
  const basis = measured !== null ? 'runs' : perSecond !== null ? 'probe' : 'none'
  return { count, weakPatterns, tokensPerCall, perSecond, basis }
}
