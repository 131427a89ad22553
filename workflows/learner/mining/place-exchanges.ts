/** Puts stored exchanges into their patterns, with what they count where they are counted already. */
import type { Database } from '../../../db/database.ts'
import { announceLearning, type StoredExchange } from '../../../db/repositories/outcomes/learning.ts'
import { countExchanges, type Recount } from '../../../db/repositories/exchanges/count-exchanges.ts'
import { lockPatterns } from '../../../db/repositories/patterns/lock-patterns.ts'
import type { PatternCounts } from '../../../db/repositories/patterns/pattern-totals.ts'
import { placeExchanges as writePlaces } from '../../../db/repositories/patterns/pattern-changes.ts'

/** What weak patterns give rise to, in the transaction that made them so. */
export type FollowUp = (transaction: Database, counts: PatternCounts[]) => Promise<void>

/** `patternOf`: `null` = the exchange stays where it is. Answers the patterns that got any. */
export async function placeExchanges(
  transaction: Database,
  exchanges: StoredExchange[],
  patternOf: (exchange: StoredExchange) => string | null,
  followUp: FollowUp,
): Promise<string[]> {
  const wanted = exchanges.flatMap((exchange) => {
    const patternId = patternOf(exchange)
    return patternId === null ? [] : [{ exchange, patternId }]
  })
  const became = await lockPatterns(
    transaction,
    wanted.flatMap(({ exchange, patternId }) => [
      patternId,
      ...(exchange.learned?.patternId ? [exchange.learned.patternId] : []),
    ]),
  )
  const places = wanted.flatMap(({ exchange, patternId }) => {
    const target = became.get(patternId)
    const current = exchange.learned === null ? exchange.minedPatternId : exchange.learned.patternId
    return target === undefined || target === current ? [] : [{ exchange, target }]
  })
  const { counts } = await countExchanges(
    transaction,
    places.flatMap((place) => toRecount(place, became)),
  )
  await writePlaces(
    transaction,
    places.map(({ exchange, target }) => ({ id: exchange.id, patternId: target })),
  )
  const targets = new Set(places.map(({ target }) => target))
  if (counts.length > 0) {
    await followUp(
      transaction,
      counts.filter(({ id }) => targets.has(id)),
    )
    await announceLearning(transaction, 'patterns')
  }
  return [...targets]
}

/** An exchange that is not scored yet counts nowhere, and one that stays counts as before. */
function toRecount(
  { exchange, target }: { exchange: StoredExchange; target: string },
  became: Map<string, string>,
): Recount[] {
  const { learned } = exchange
  if (learned === null || (learned.patternId !== null && became.get(learned.patternId) === target)) return []
  return [{ exchange, before: learned, after: { patternId: target, verdict: learned.verdict } }]
}
