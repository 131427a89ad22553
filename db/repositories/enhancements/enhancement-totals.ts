/** What enhancements count: the exchanges they were applied to, and how those went. */
import type { Database } from '../../database.ts'

export interface AppliedChange {
  enhancementId: string
  applied: number
  successes: number
  failures: number
}

/** One update after the other in the order of their ids: there are a few at most, and nobody waits in a circle. */
export async function countApplied(transaction: Database, changes: AppliedChange[]): Promise<void> {
  for (const { enhancementId, applied, successes, failures } of sumByEnhancement(changes)) {
    if (applied === 0 && successes === 0 && failures === 0) continue
    await transaction
      .updateTable('enhancements')
      .set((eb) => ({
        applied: eb('applied', '+', applied),
        applied_successes: eb('applied_successes', '+', successes),
        applied_failures: eb('applied_failures', '+', failures),
      }))
      .where('id', '=', enhancementId)
      .execute()
  }
}

function sumByEnhancement(changes: AppliedChange[]): AppliedChange[] {
  const sums = new Map<string, AppliedChange>()
  for (const { enhancementId, applied, successes, failures } of changes) {
    const sum = sums.get(enhancementId) ?? { enhancementId, applied: 0, successes: 0, failures: 0 }
    sum.applied += applied
    sum.successes += successes
    sum.failures += failures
    sums.set(enhancementId, sum)
  }
  return [...sums.values()].sort((a, b) => (a.enhancementId < b.enhancementId ? -1 : 1))
}
