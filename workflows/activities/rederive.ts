/**
 * Pattern and outcome of stored exchanges anew, by the judge of live traffic. What was counted of them before is taken
 * back.
 */
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import {
  announceLearning,
  lockExchanges,
  markLearned,
  type Judgement,
  type LearnedRow,
  type StoredExchange,
} from '../../db/repositories/outcomes/learning.ts'
import { countExchanges } from '../../db/repositories/exchanges/count-exchanges.ts'
import { isOwnFault, isRejectedRow } from '../../db/repositories/system/quarantine.ts'
import type { Failure } from '../../db/repositories/reanalysis/reanalysis-failures.ts'
import { assignPatterns } from './assign-patterns.ts'
import { judge } from './learn.ts'
import { rereadExchanges, toReread } from './reread.ts'
import { gatherFacts, type Answered } from './outcome.ts'
import type { OutcomeDependencies } from '../domain/outcomes/schemas.ts'

export interface Rederived {
  done: string[]
  /** They stay as they were. */
  failures: Failure[]
  patternIds: string[]
}

/**
 * In the caller's transaction. Where the page fails, each exchange goes on its own, so that one does not spoil the
 * others.
 */
export async function rederive(transaction: Database, outcome: OutcomeDependencies, ids: string[]): Promise<Rederived> {
  const together = await inSavepoint(transaction, () => rederiveTogether(transaction, outcome, ids))
  if ('result' in together) return together.result
  const all: Rederived = { done: [], failures: [], patternIds: [] }
  for (const id of ids) {
    const alone = await inSavepoint(transaction, () => rederiveTogether(transaction, outcome, [id]))
    if ('failure' in alone) {
      all.failures.push({ exchangeId: id, reason: alone.failure })
      continue
    }
    all.done.push(...alone.result.done)
    all.failures.push(...alone.result.failures)
    all.patternIds.push(...alone.result.patternIds)
  }
  return { ...all, patternIds: [...new Set(all.patternIds)] }
}

async function inSavepoint<T>(
  transaction: Database,
  work: () => Promise<T>,
): Promise<{ result: T } | { failure: string }> {
  await sql`savepoint rederiving`.execute(transaction)
  try {
    const result = await work()
    await sql`release savepoint rederiving`.execute(transaction)
    return { result }
  } catch (error) {
    if (!isRejectedRow(error) && !isOwnFault(error)) throw error
    await sql`rollback to savepoint rederiving`.execute(transaction)
    return { failure: `${isOwnFault(error) ? "a fault of Sinew's own" : 'PostgreSQL rejects it'}: ${toWords(error)}` }
  }
}

async function rederiveTogether(
  transaction: Database,
  outcome: OutcomeDependencies,
  ids: string[],
): Promise<Rederived> {
  const reread = await rereadExchanges(transaction, ids)
  const answered = new Map<string, Answered>(
    [...reread].flatMap(([id, { answer }]) => (answer === null ? [] : [[id, answer.said]])),
  )
  const exchanges = (await lockExchanges(transaction, ids)).map((exchange) =>
    toReread(exchange, reread.get(exchange.id)),
  )
  const facts = await gatherFacts(transaction, outcome, exchanges, answered)
  const judged: { exchange: StoredExchange; judgement: Judgement }[] = []
  const reasons = new Map(ids.map((id) => [id, 'it is not there any more']))
  for (const exchange of exchanges) {
    try {
      judged.push({ exchange, judgement: judge(facts.get(exchange.id)) })
      reasons.delete(exchange.id)
    } catch (error) {
      reasons.set(exchange.id, `it cannot be judged: ${toWords(error)}`)
    }
  }
  const assigned = await assignPatterns(transaction, judged)
  const { became, counts } = await countExchanges(
    transaction,
    judged.map(({ exchange, judgement: { verdict } }) => ({
      exchange,
      before: exchange.learned,
      after: { patternId: assigned.get(exchange.id) ?? null, verdict },
    })),
  )
  const learned: LearnedRow[] = judged.map(({ exchange, judgement }) => {
    const pattern = assigned.get(exchange.id)
    return {
      id: exchange.id,
      patternId: pattern === undefined ? null : (became.get(pattern) ?? null),
      ...judgement,
    }
  })
  if (learned.length > 0) await markLearned(transaction, learned)
  if (counts.length > 0) await announceLearning(transaction, 'patterns')
  return {
    done: judged.map(({ exchange }) => exchange.id),
    failures: [...reasons].map(([exchangeId, reason]) => ({ exchangeId, reason })),
    patternIds: [...new Set(assigned.values())].map((id) => became.get(id) ?? id),
  }
}

function toWords(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
