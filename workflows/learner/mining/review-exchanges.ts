/** One page of a pattern's stored exchanges goes where it belongs now. */
import type { Database } from '../../../db/database.ts'
import { lockExchanges } from '../../../db/repositories/outcomes/learning.ts'
import {
  endReview,
  findReviewPage,
  mergePatterns,
  turnReview,
  type Review,
} from '../../../db/repositories/patterns/pattern-changes.ts'
import { placeExchanges, type FollowUp } from './place-exchanges.ts'
import type { TeamMemory } from './team-memory.ts'

const reviewPage = 200

/** Answers whether an opening became part of a pattern: gateways have to be told. */
export async function reviewExchanges(
  database: Database,
  memory: TeamMemory,
  review: Review,
  followUp: FollowUp,
): Promise<boolean> {
  const page = await findReviewPage(database, review, reviewPage)
  const names = review.mergedInto === null && page.length > 0 ? await memory.find(page) : []
  return database.transaction().execute(async (transaction) => {
    await memory.fence(transaction)
    if (page.length === 0) return (await endReview(transaction, review)) && (await conclude(transaction, review))
    const exchanges = (await lockExchanges(transaction, page)).filter(
      (exchange) => exchange.learned === null || exchange.learned.patternId === review.patternId,
    )
    const nameOf = new Map(page.map((id, index) => [id, names[index] ?? null]))
    const patternOf = ({ id }: { id: string }): string | null => {
      const name = nameOf.get(id)
      return review.mergedInto ?? (name ? (memory.ids.get(name) ?? null) : null)
    }
    const targets = await placeExchanges(transaction, exchanges, patternOf, followUp)
    await turnReview(transaction, review, page.at(-1) as string, [...new Set([...review.targets, ...targets])])
    return false
  })
}

/**
 * An opening whose prompts were all explained by one template is part of it from now on, with all that refers to it.
 */
async function conclude(transaction: Database, review: Review): Promise<boolean> {
  const [only, ...others] = review.targets
  if (review.source !== 'opening' || review.mergedInto !== null || only === undefined || others.length > 0) return false
  const left = await findReviewPage(transaction, { ...review, cursor: null }, 1)
  if (left.length > 0) return false
  return mergePatterns(transaction, {
    from: review.patternId,
    into: only,
    reason: 'the learned template explains all of its prompts',
    person: null,
  })
}
