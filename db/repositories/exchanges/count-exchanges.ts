/**
 * Counts exchanges into every total there is: their patterns (with days, keys and models), the enhancements that were
 * applied to them, and the rules that changed them. In the transaction that marks them as learned, so that each counts
 * once.
 */
import type { Database } from '../../database.ts'
import type { Verdict } from '../../words/outcome.ts'
import { countApplied, type AppliedChange } from '../enhancements/enhancement-totals.ts'
import { countPatterns, type Counted, type PatternCounts, type PatternDelta } from '../patterns/pattern-totals.ts'
import { countRuleUsage } from '../rules/rule-totals.ts'

/** Where an exchange counts, and as what. */
export interface Standing {
  patternId: string | null
  verdict: Verdict
}

export interface Recount {
  exchange: Counted & { id: string; enhancementId: string | null }
  /** `null` = it was not counted yet. */
  before: Standing | null
  after: Standing
}

/**
 * What an exchange counted before is taken back whole, and what it counts now is added whole: where nothing changed,
 * nothing changes. Answers what each pattern has become (itself, or what it was merged into meanwhile), and the counts
 * of all patterns that changed.
 */
export async function countExchanges(
  transaction: Database,
  recounts: readonly Recount[],
): Promise<{ became: Map<string, string>; counts: PatternCounts[] }> {
  const patterns = await countPatterns(transaction, recounts.flatMap(toPatternDeltas))
  const firstTime = recounts.filter(({ before }) => before === null)
  await countRuleUsage(
    transaction,
    firstTime.map(({ exchange }) => exchange.id),
  )
  await countApplied(transaction, recounts.flatMap(toAppliedChange))
  return patterns
}

function toPatternDeltas({ exchange, before, after }: Recount): PatternDelta[] {
  const { createdAt, keyName, model, costUsd } = exchange
  const counted = { createdAt, keyName, model, costUsd }
  const deltas: PatternDelta[] = []
  if (after.patternId !== null) deltas.push({ ...counted, patternId: after.patternId, verdict: after.verdict, sign: 1 })
  if (before !== null && before.patternId !== null)
    deltas.push({ ...counted, patternId: before.patternId, verdict: before.verdict, sign: -1 })
  return deltas
}

function toAppliedChange({ exchange: { enhancementId }, before, after }: Recount): AppliedChange[] {
  if (enhancementId === null) return []
  const change = (which: Verdict): number => Number(after.verdict === which) - Number(before?.verdict === which)
  return [
    { enhancementId, applied: before === null ? 1 : 0, successes: change('success'), failures: change('failure') },
  ]
}
