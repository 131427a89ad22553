/**
 * Outcomes that change after they were counted: the same question came again, or somebody said how it went. The old
 * verdict is taken back and the new one added in one transaction, so doing it again changes nothing.
 */
import type { Database } from '../../db/database.ts'
import {
  announceLearning,
  countApplied,
  lockExchanges,
  markLearned,
  type LearnedRow,
  type StoredExchange,
} from '../../db/repositories/outcomes/learning.ts'
import { findSuccessions, markAskedAgain } from '../../db/repositories/outcomes/outcomes.ts'
import { countPatterns, type PatternDelta } from '../../db/repositories/patterns/count-patterns.ts'
import type { Verdict } from '../../db/words/outcome.ts'
import { askedAgainWithinMs, isAskedAgain } from '../domain/outcomes/asked-again.ts'
import { scoreExchange } from '../domain/outcomes/score.ts'
import { toDelta, toLeaving } from './assign-patterns.ts'
import { gatherFacts } from './outcome.ts'
import type { OutcomeDependencies } from '../domain/outcomes/schemas.ts'

export interface RescoreDependencies extends OutcomeDependencies {
  database: Database
}

/**
 * Marks what these exchanges ask again, and lowers it where it had been counted. What is learned later finds the mark.
 */
export async function noticeAskedAgain(dependencies: RescoreDependencies, ids: string[]): Promise<void> {
  const successions = await findSuccessions(dependencies.database, ids, askedAgainWithinMs)
  const marks = successions.filter(({ earlier, latest }) => isAskedAgain(earlier, latest))
  if (marks.length === 0) return
  await dependencies.database.transaction().execute(async (transaction) => {
    // Locked first and in order, as everybody does who counts.
    const exchanges = await lockExchanges(
      transaction,
      marks.map(({ earlierId }) => earlierId),
    )
    await markAskedAgain(transaction, marks)
    await recount(transaction, dependencies, exchanges)
  })
}

/** Scores these exchanges anew from all that is known now; those that are not learned yet are left to that. */
export async function rescore(transaction: Database, dependencies: OutcomeDependencies, ids: string[]): Promise<void> {
  await recount(transaction, dependencies, await lockExchanges(transaction, ids))
}

async function recount(
  transaction: Database,
  dependencies: OutcomeDependencies,
  exchanges: StoredExchange[],
): Promise<void> {
  const learned = exchanges.filter(
    (exchange): exchange is StoredExchange & { learned: NonNullable<StoredExchange['learned']> } =>
      exchange.learned !== null,
  )
  if (learned.length === 0) return
  const facts = await gatherFacts(transaction, dependencies, learned)
  const rows: LearnedRow[] = []
  const moves: PatternDelta[] = []
  const applied: Parameters<typeof countApplied>[1] = []
  for (const exchange of learned) {
    const { id, learned: before, enhancementId } = exchange
    const fact = facts.get(id)
    if (fact === undefined) continue
    const scored = scoreExchange(fact)
    rows.push({ id, patternId: before.patternId, ...scored })
    const change = {
      successes: count(scored.verdict, 'success') - count(before.verdict, 'success'),
      failures: count(scored.verdict, 'failure') - count(before.verdict, 'failure'),
    }
    if (change.successes === 0 && change.failures === 0) continue
    if (before.patternId !== null)
      moves.push(...toLeaving(exchange), toDelta(exchange, before.patternId, scored.verdict, 1))
    if (enhancementId !== null) applied.push({ enhancementId, applied: 0, ...change })
  }
  await markLearned(transaction, rows)
  await countPatterns(transaction, moves)
  await countApplied(transaction, applied)
  if (moves.length > 0) await announceLearning(transaction, 'patterns')
}

function count(verdict: Verdict, which: Verdict): number {
  return verdict === which ? 1 : 0
}
