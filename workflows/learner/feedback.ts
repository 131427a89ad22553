/**
 * Counts what callers say of exchanges once those are learned; what is said of one that never comes is dropped after a
 * day.
 */
import type { Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import { dropUnknown, findRatedExchanges, markApplied } from '../../db/repositories/outcomes/feedback.ts'
import { rescore } from '../activities/rescore.ts'
import type { OutcomeDependencies } from '../domain/outcomes/schemas.ts'
import { startLoop, type Loop } from '../../db/process/loop.ts'

export interface FeedbackOptions extends OutcomeDependencies {
  database: Database
  log: Log
}

const batchMax = 100
/** The shipper wakes it; this finds what waited for its exchange to be learned. */
const idleMs = 1_000
const maxIdleMs = 2_000
const keptSeconds = 86_400
const dropEveryMs = 600_000

export function startFeedback({ database, log, schemas }: FeedbackOptions): Loop {
  let droppedAt = -Infinity

  async function step(): Promise<boolean> {
    const ids = await findRatedExchanges(database, batchMax)
    if (ids.length > 0) await applyFeedback(database, { schemas }, ids)
    if (performance.now() - droppedAt > dropEveryMs) {
      const dropped = await dropUnknown(database, keptSeconds)
      if (dropped > 0) log.warn({ dropped }, 'feedback was dropped: the exchanges it names did not come within a day')
      droppedAt = performance.now()
    }
    return ids.length === batchMax
  }

  return startLoop({ name: 'feedback', log, idleMs, maxIdleMs, step })
}

/**
 * Marked first and read after it: what comes in between is counted now and marked the next time, which changes nothing.
 */
export async function applyFeedback(
  database: Database,
  dependencies: OutcomeDependencies,
  ids: string[],
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await markApplied(transaction, ids)
    await rescore(transaction, dependencies, ids)
  })
}
