/**
 * Outcomes that change after they were counted: the same question came again, or somebody said how it went. The old
 * verdict is taken back and the new one added in one transaction, so doing it again changes nothing.
 */
import type { Database } from '../../db/database.ts'
import {
  announceLearning,
  lockExchanges,
  markLearned,
  type LearnedRow,
  type StoredExchange,
} from '../../db/repositories/outcomes/learning.ts'
import { findSuccessions, markNextTurns } from '../../db/repositories/outcomes/outcomes.ts'
import { countExchanges, type Recount } from '../../db/repositories/exchanges/count-exchanges.ts'
import { nextTurnWithinMs, readNextTurn } from '../domain/outcomes/next-turn.ts'
import { scoreExchange } from '../domain/outcomes/score.ts'
import { gatherFacts } from './outcome.ts'
import type { OutcomeDependencies } from '../domain/outcomes/schemas.ts'

export interface RescoreDependencies extends OutcomeDependencies {
  database: Database
}

/**
 * Marks what these exchanges say of the answers before them, and scores those anew where they had been counted. What is
 * learned later finds the mark.
 */
export async function noticeNextTurns(dependencies: RescoreDependencies, ids: string[]): Promise<void> {
  const successions = await findSuccessions(dependencies.database, ids, nextTurnWithinMs)
  const marks = successions.flatMap(({ earlierId, id, earlier, latest }) => {
    const nextTurn = readNextTurn(earlier, latest)
    return nextTurn === null ? [] : [{ earlierId, id, nextTurn }]
  })
  if (marks.length === 0) return
  await dependencies.database.transaction().execute(async (transaction) => {
    // Locked first and in order, as everybody does who counts.
    const exchanges = await lockExchanges(
      transaction,
      marks.map(({ earlierId }) => earlierId),
    )
    await markNextTurns(transaction, marks)
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
  const changes: Recount[] = []
  for (const exchange of learned) {
    const { id, learned: before } = exchange
    const fact = facts.get(id)
    if (fact === undefined) continue
    const scored = scoreExchange(fact)
    rows.push({ id, patternId: before.patternId, ...scored })
    if (scored.verdict !== before.verdict)
      changes.push({ exchange, before, after: { patternId: before.patternId, verdict: scored.verdict } })
  }
  await markLearned(transaction, rows)
  const { counts } = await countExchanges(transaction, changes)
  if (counts.length > 0) await announceLearning(transaction, 'patterns')
}
