/** The reanalysis workflow's steps. A page is one transaction, so a page that is tried again is never counted twice. */
import type { Kysely } from 'kysely'
import { findAnswers, type StoredAnswer } from '../../db/repositories/answers.ts'
import {
  announceLearning, countApplied, countPatterns, lockExchanges, markLearned, movePatternCounts,
  type AppliedChange, type Judgement, type LearnedRow, type PatternChange, type PatternMove, type StoredExchange,
} from '../../db/repositories/learning.ts'
import { begin, findPage, lockReanalysis, setState, turnPage } from '../../db/repositories/reanalyses.ts'
import type { ReanalysisState, Verdict } from '../../db/types.ts'
import { decodeBody } from '../decode-body.ts'
import { readAnswer } from '../domain/answer.ts'
import { wireOf } from '../domain/wire.ts'
import { judge } from './learn.ts'
import { gatherFacts, type Answered, type OutcomeDependencies } from './outcome.ts'

export interface ReanalysisDependencies extends OutcomeDependencies {
  database: Kysely<any>
  /** Exchanges a page; at most 200, so that a page ends in bounded time. */
  pageSize: number
}

export function createReanalysisActivities({ database, pageSize, schemas }: ReanalysisDependencies) {
  return {
    beginReanalysis: (reanalysisId: string): Promise<ReanalysisState> => begin(database, reanalysisId),

    setReanalysisState: (reanalysisId: string, state: ReanalysisState): Promise<ReanalysisState> => setState(database, reanalysisId, state),

    async reanalysePage(reanalysisId: string): Promise<ReanalysisState> {
      return database.transaction().execute(async (transaction) => {
        const row = await lockReanalysis(transaction, reanalysisId)
        if (row === null) return 'failed'
        if (row.state === 'completed' || row.state === 'cancelled' || row.state === 'failed') return row.state
        const ids = await findPage(transaction, row, pageSize)
        const state = ids.length < pageSize ? 'completed' : 'running'
        const failed = ids.length > 0 ? await rederive(transaction, { schemas }, ids) : 0
        await turnPage(transaction, reanalysisId, { done: ids.length - failed, failed, cursor: ids.at(-1) ?? null, state })
        return state
      })
    },
  }
}

export type ReanalysisActivities = ReturnType<typeof createReanalysisActivities>

/** Answers how many exchanges could not be judged; those stay as they were. */
async function rederive(transaction: Kysely<any>, outcome: OutcomeDependencies, ids: string[]): Promise<number> {
  const answers = await findAnswers(transaction, ids)
  const answered = new Map<string, Answered>()
  const exchanges = (await lockExchanges(transaction, ids)).map((exchange) => reread(exchange, answers.get(exchange.id), answered))
  const facts = await gatherFacts(transaction, outcome, exchanges, answered)
  const judged: { exchange: StoredExchange; judgement: Judgement }[] = []
  for (const exchange of exchanges) {
    try {
      judged.push({ exchange, judgement: judge(exchange, facts.get(exchange.id)) })
    } catch {
      // Counted as failed by the difference.
    }
  }
  const patterns = await countPatterns(transaction, judged.flatMap(toPatternChange))
  const learned: LearnedRow[] = judged.map(({ exchange, judgement }) => ({
    id: exchange.id,
    patternId: patterns.find((pattern) => pattern.team === exchange.team && pattern.hash === judgement.pattern?.hash)?.id ?? null,
    verdict: judgement.verdict, reason: judgement.reason, score: judgement.score, reasons: judgement.reasons,
  }))
  await movePatternCounts(transaction, judged.flatMap(toTakenBack))
  if (learned.length > 0) await markLearned(transaction, learned)
  await countApplied(transaction, judged.flatMap(toAppliedChange))
  if (patterns.length > 0) await announceLearning(transaction, 'patterns')
  return ids.length - judged.length
}

/** The outcome comes from the stored bytes of the answer, not from what an earlier reader made of them. */
function reread(exchange: StoredExchange, stored: StoredAnswer | undefined, answered: Map<string, Answered>): StoredExchange {
  if (stored === undefined || stored.body === null) return exchange
  const text = decodeBody(stored.body, stored.headers.find(([name]) => name === 'content-encoding')?.[1] ?? null)
  if (text === null) return exchange
  const answer = readAnswer(wireOf(exchange.endpoint), stored.streaming, text)
  answered.set(exchange.id, { content: answer.content, toolCalls: answer.toolCalls })
  return { ...exchange, hasText: answer.content !== null, hasToolCalls: answer.toolCalls.length > 0, refusal: answer.refusal, stopReason: answer.stopReason }
}

const one = (verdict: Verdict | undefined, which: Verdict): number => (verdict === which ? 1 : 0)

/** The new count is added whole and the old one taken back whole: where nothing changed, nothing changes. */
function toPatternChange({ exchange, judgement }: { exchange: StoredExchange; judgement: Judgement }): PatternChange[] {
  const { pattern, verdict } = judgement
  if (pattern === null) return []
  return [{ team: exchange.team, pattern, frequency: 1, successes: one(verdict, 'success'), failures: one(verdict, 'failure'), seenAt: exchange.createdAt }]
}

function toTakenBack({ exchange: { learned } }: { exchange: StoredExchange }): PatternMove[] {
  if (learned === null || learned.patternId === null) return []
  return [{ patternId: learned.patternId, frequency: -1, successes: -one(learned.verdict, 'success'), failures: -one(learned.verdict, 'failure') }]
}

function toAppliedChange({ exchange, judgement }: { exchange: StoredExchange; judgement: Judgement }): AppliedChange[] {
  if (exchange.enhancementId === null) return []
  const before = exchange.learned?.verdict
  return [{
    enhancementId: exchange.enhancementId,
    applied: exchange.learned === null ? 1 : 0,
    successes: one(judgement.verdict, 'success') - one(before, 'success'),
    failures: one(judgement.verdict, 'failure') - one(before, 'failure'),
  }]
}
