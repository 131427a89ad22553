/** The exchange workflow's step: outcome, pattern, counters, and whether the pattern now wants an enhancement. */
import { ApplicationFailure } from '@temporalio/common'
import type { Database } from '../../db/database.ts'
import { createDrafts, findDraftOf, noAnalystCode, suggestAnalyst } from '../../db/repositories/enhancements/drafts.ts'
import {
  announceLearning,
  lockExchanges,
  markLearned,
  type Judgement,
  type LearnedRow,
  type StoredExchange,
} from '../../db/repositories/outcomes/learning.ts'
import { countExchanges } from '../../db/repositories/exchanges/count-exchanges.ts'
import { findAskable, noteAsked } from '../../db/repositories/patterns/askable-patterns.ts'
import { findKeyCounts, type PatternCounts } from '../../db/repositories/patterns/pattern-totals.ts'
import { attemptsMax, isOwnFault, isRejectedRow, setAside } from '../../db/repositories/system/quarantine.ts'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import { putCommand } from '../../db/repositories/commands/outgoing-commands.ts'
import { toEnhancementWorkflowId, workflowNames, type ExchangeResult } from '../contract.ts'
import { isWeak, type EnhanceThresholds } from '../domain/patterns/pattern.ts'
import { scoreExchange, type ExchangeFacts } from '../domain/outcomes/score.ts'
import { gatherFacts } from './outcome.ts'
import type { OutcomeDependencies } from '../domain/outcomes/schemas.ts'
import { noticeNextTurns } from './rescore.ts'
import { assignPatterns } from './assign-patterns.ts'

export interface LearnDependencies extends OutcomeDependencies {
  database: Database
  thresholds: EnhanceThresholds
  /** The analyst of this moment: people switch it on and off. `null` = there is none to ask. */
  resolveAnalyst: () => Promise<AnalystConfig | null>
}

/** With the workflow's pauses about an hour. */
const missingAttemptsMax = 120

const nothing: ExchangeResult = { patternId: null, verdict: 'none', enhancementId: null }

/** Learns a group of exchanges in one transaction; each is counted once, however often it is asked for. */
export async function learnGroup(dependencies: LearnDependencies, ids: string[]): Promise<Map<string, ExchangeResult>> {
  const results = await count(dependencies, ids)
  // In a transaction of its own, because it locks others; tried again with the group, should it be lost.
  await noticeNextTurns(dependencies, ids)
  return results
}

async function count(
  { database, thresholds, resolveAnalyst, schemas }: LearnDependencies,
  ids: string[],
): Promise<Map<string, ExchangeResult>> {
  // Before the transaction: within it, it would wait for a second connection while it holds the first.
  const analyst = (await resolveAnalyst()) !== null
  return database.transaction().execute(async (transaction) => {
    const results = new Map<string, ExchangeResult>()
    const fresh: { exchange: StoredExchange; judgement: Judgement }[] = []
    const exchanges = await lockExchanges(transaction, ids)
    const facts = await gatherFacts(
      transaction,
      { schemas },
      exchanges.filter(({ learned }) => learned === null),
    )
    for (const exchange of exchanges) {
      if (exchange.learned === null) fresh.push({ exchange, judgement: judge(facts.get(exchange.id)) })
      else results.set(exchange.id, await recall(transaction, exchange.learned))
    }
    if (fresh.length === 0) return results
    const assigned = await assignPatterns(transaction, fresh)
    const { became, counts } = await countExchanges(
      transaction,
      fresh.map(({ exchange, judgement: { verdict } }) => ({
        exchange,
        before: null,
        after: { patternId: assigned.get(exchange.id) ?? null, verdict },
      })),
    )
    const learned: LearnedRow[] = fresh.map(({ exchange, judgement }) => {
      const pattern = assigned.get(exchange.id)
      return {
        id: exchange.id,
        patternId: pattern === undefined ? null : (became.get(pattern) ?? null),
        ...judgement,
      }
    })
    await markLearned(transaction, learned)
    const drafts = await followUp(transaction, await findWeak(transaction, counts, thresholds), analyst)
    await putDraftStarts(transaction, drafts.values())
    if (counts.length > 0) await announceLearning(transaction, 'patterns')
    for (const { id, patternId: pattern, verdict } of learned) {
      results.set(id, { patternId: pattern, verdict, enhancementId: takeDraft(drafts, pattern) })
    }
    return results
  })
}

/** Those that fail often enough, whoever calls; keys are looked at where there are enough exchanges at all. */
export async function findWeak(
  transaction: Database,
  counts: PatternCounts[],
  thresholds: EnhanceThresholds,
): Promise<PatternCounts[]> {
  const judged = counts.filter(
    ({ successes, failures }) => successes + failures > 0 && successes + failures >= thresholds.minExchanges,
  )
  const keys = await findKeyCounts(
    transaction,
    judged.map(({ id }) => id),
  )
  return judged.filter(({ id, successes, failures }) =>
    isWeak(keys.get(id) ?? [{ keyName: '', successes, failures }], thresholds),
  )
}

/** For weak patterns a draft each, or a word on why there is none. Answers the new drafts by pattern. */
export async function followUp(
  transaction: Database,
  weak: PatternCounts[],
  analyst: boolean,
): Promise<Map<string, string>> {
  const nowIso = new Date().toISOString()
  if (analyst) {
    const drafts = await createDrafts(
      transaction,
      await findAskable(
        transaction,
        weak.map(({ id }) => id),
      ),
      nowIso,
    )
    await noteAsked(transaction, [...drafts.keys()])
    return drafts
  }
  const untold = weak.filter(({ suggested }) => !suggested.includes(noAnalystCode))
  await suggestAnalyst(
    transaction,
    untold.map(({ id }) => id),
    nowIso,
  )
  return new Map()
}

/**
 * Stored with the counts that call for them: the exchange's own workflow starts its draft too, but what it was answered
 * can be lost, and by the time it asks again the exchange may be in another pattern.
 */
export async function putDraftStarts(transaction: Database, enhancementIds: Iterable<string>): Promise<void> {
  for (const enhancementId of enhancementIds) {
    await putCommand(transaction, {
      kind: 'start',
      workflowId: toEnhancementWorkflowId(enhancementId),
      name: workflowNames.enhancement,
      argument: { enhancementId },
    })
  }
}

/** The first exchange of the group that belongs to the pattern starts the draft's workflow. */
function takeDraft(drafts: Map<string, string>, patternId: string | null): string | null {
  const draft = patternId === null ? undefined : drafts.get(patternId)
  if (draft !== undefined && patternId !== null) drafts.delete(patternId)
  return draft ?? null
}

/** Learned before: the same answer again, with a draft that may still wait because its workflow was never started. */
async function recall(transaction: Database, learned: NonNullable<StoredExchange['learned']>): Promise<ExchangeResult> {
  const enhancementId = learned.patternId === null ? null : await findDraftOf(transaction, learned.patternId)
  return { ...learned, enhancementId }
}

export function judge(facts: ExchangeFacts | undefined): Judgement {
  if (facts === undefined) throw new RangeError('an exchange is not there any more')
  return scoreExchange(facts)
}

/** `attempt` answers which try of the activity this is, from 1. */
export function createLearnActivities(dependencies: LearnDependencies, attempt: () => number) {
  const learnOne = createLearnGroups((ids) => learnGroup(dependencies, ids))
  return {
    async learn(exchangeId: string): Promise<ExchangeResult> {
      try {
        const result = await learnOne(exchangeId)
        if (result !== undefined) return result
        // Its workflow was started from its row. A database that is being restored has it again later; one that never
        // has is given up.
        if (attempt() < missingAttemptsMax)
          throw ApplicationFailure.create({ type: 'ExchangeMissing', message: 'the exchange is not in PostgreSQL' })
        return nothing
      } catch (error) {
        // A fault of our own is tried again until it is mended: the exchange is not to blame.
        if (!isRejectedRow(error) || attempt() < attemptsMax) throw error
        await setAside(dependencies.database, {
          stage: 'workflow',
          exchangeId,
          place: `learn/${exchangeId}`,
          error,
          payload: null,
        })
        return nothing
      }
    },
  }
}

export type LearnActivities = ReturnType<typeof createLearnActivities>

const groupMax = 32

/**
 * Group commit: while one transaction is under way, what arrives waits for the next one together. Exchanges of one
 * pattern all change the same row, so apart they would queue for its lock through every commit.
 */
export function createLearnGroups(
  learn: (ids: string[]) => Promise<Map<string, ExchangeResult>>,
): (exchangeId: string) => Promise<ExchangeResult | undefined> {
  interface Waiting {
    id: string
    resolve: (result: ExchangeResult | undefined) => void
    reject: (error: unknown) => void
  }
  let queue: Waiting[] = []
  let busy = false

  async function drain(): Promise<void> {
    busy = true
    while (queue.length > 0) {
      const group = queue.slice(0, groupMax)
      queue = queue.slice(groupMax)
      await learnAll(group)
    }
    busy = false
  }

  async function learnAll(group: Waiting[]): Promise<void> {
    try {
      const results = await learn([...new Set(group.map(({ id }) => id))])
      for (const { id, resolve } of group) resolve(results.get(id))
    } catch (error) {
      const [first] = group
      if (group.length === 1 || !(isRejectedRow(error) || isOwnFault(error)))
        for (const { reject } of group) reject(error)
      // One of them is to blame: each on its own, so that the others do not suffer for it.
      else if (first) for (const waiting of group) await learnAll([waiting])
    }
  }

  return (id) =>
    new Promise((resolve, reject) => {
      queue.push({ id, resolve, reject })
      if (!busy) void drain()
    })
}
