/** Which pattern an exchange counts for: the learned template that explains its prompt, else the prompt's opening. */
import type { Database } from '../../db/database.ts'
import type { Judgement, StoredExchange } from '../../db/repositories/outcomes/learning.ts'
import { ensureOpenings, type PatternDelta } from '../../db/repositories/patterns/pattern-counts.ts'
import type { Verdict } from '../../db/words/outcome.ts'

interface Judged {
  exchange: StoredExchange
  judgement: Pick<Judgement, 'pattern' | 'verdict'>
}

/**
 * By the exchange's id; those without a prompt are not there. Nothing waits for a template: where none is known yet,
 * the learner moves the exchange later.
 */
export async function assignPatterns(transaction: Database, judged: Judged[]): Promise<Map<string, string>> {
  const unexplained = judged.flatMap(({ exchange, judgement }) =>
    exchange.minedPatternId === null && judgement.pattern !== null
      ? [{ team: exchange.patternTeam, opening: judgement.pattern, seenAt: exchange.createdAt }]
      : [],
  )
  const openingOf = await ensureOpenings(transaction, unexplained)
  const assigned = new Map<string, string>()
  for (const { exchange, judgement } of judged) {
    const patternId =
      exchange.minedPatternId ?? (judgement.pattern && openingOf(exchange.patternTeam, judgement.pattern.hash))
    if (patternId !== null) assigned.set(exchange.id, patternId)
  }
  return assigned
}

export function toJoining(judged: Judged[], assigned: Map<string, string>): PatternDelta[] {
  return judged.flatMap(({ exchange, judgement }) => {
    const patternId = assigned.get(exchange.id)
    return patternId === undefined ? [] : [toDelta(exchange, patternId, judgement.verdict, 1)]
  })
}

/** What was counted of an exchange when it was learned, taken back. */
export function toLeaving(exchange: StoredExchange): PatternDelta[] {
  const { learned } = exchange
  return learned === null || learned.patternId === null
    ? []
    : [toDelta(exchange, learned.patternId, learned.verdict, -1)]
}

export function toDelta(
  { team, createdAt, keyName, model, costUsd }: StoredExchange,
  patternId: string,
  verdict: Verdict,
  sign: 1 | -1,
): PatternDelta {
  return { team, createdAt, keyName, model, costUsd, patternId, verdict, sign }
}
