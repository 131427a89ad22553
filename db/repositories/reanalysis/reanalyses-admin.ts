/** What people do with reanalyses: start one, watch it, and ask it to pause, go on or stop. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf } from '../../database.ts'
import { Reanalysis } from '../../entities/reanalysis.ts'
import type { ExchangeFilter } from '../../words/exchange.ts'
import type { ReanalysisCaps, ReanalysisState } from '../../words/reanalysis.ts'
import { notifyOnCommit, putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { toIso, toPage, type Page } from '../page.ts'
import { endedStates } from './reanalyses.ts'
import { countCovered, countWeak, probeRate, readMeasuredRate, readTokensPerCall } from './reanalysis-estimate.ts'
import { listFailures, type FailureItem } from './reanalysis-failures.ts'
import type { Thresholds } from './reanalysis-proposals.ts'

export interface ReanalysisItem {
  id: string
  state: ReanalysisState
  /** `null` until the exchanges are counted. */
  total: number | null
  done: number
  failed: number
  filter: ExchangeFilter
  caps: ReanalysisCaps
  /** How often what failed was tried again. */
  retries: number
  /** Enhancements it gave rise to. */
  proposals: number
  startedBy: string
  failure: string | null
  createdAt: string
  updatedAt: string
}

/** `ended`: it is past being asked. */
export type AskResult =
  | { kind: 'done'; item: ReanalysisItem }
  | { kind: 'missing' }
  | { kind: 'ended'; state: ReanalysisState }
export type RetryResult =
  | { kind: 'done'; item: ReanalysisItem }
  | { kind: 'missing' }
  | { kind: 'active'; state: ReanalysisState }
  | { kind: 'nothing' }

/** What is known of a selection before anything is done to it. */
export interface Measured {
  count: number
  /** Exchanges a second; `null` = nothing is known. */
  perSecond: number | null
  basis: 'runs' | 'probe' | 'none'
  weakPatterns: number
  tokensPerCall: number
}

interface ReanalysisRow extends Omit<ReanalysisItem, 'total' | 'done' | 'failed'> {
  total: string | null
  done: string
  failed: string
}

const columns = sql`id, state, total, done, failed, filter, caps, retries, proposals, started_by as "startedBy", failure, created_at as "createdAt", updated_at as "updatedAt"`

export type ReanalysisRepository = ReturnType<typeof createReanalysisRepository>

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createReanalysisRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())

  async function find(id: string): Promise<ReanalysisItem | null> {
    const { rows } = await sql<ReanalysisRow>`select ${columns} from reanalyses where id = ${id}`.execute(database)
    return rows[0] ? toItem(rows[0]) : null
  }

  return {
    find,

    async list(limit: number, cursor: string | null): Promise<Page<ReanalysisItem>> {
      const after = cursor === null ? sql`true` : sql`id < ${cursor}`
      const { rows } =
        await sql<ReanalysisRow>`select ${columns} from reanalyses where ${after} order by id desc limit ${limit + 1}`.execute(
          database,
        )
      return toPage(rows, limit, toItem, (row) => row.id)
    },

    /** The row and the command that starts its workflow stand together or not at all. */
    async start(
      id: string,
      filter: ExchangeFilter,
      caps: ReanalysisCaps,
      person: string,
      command: OutgoingCommand,
    ): Promise<void> {
      await orm.em.fork().transactional(async (em) => {
        const now = new Date()
        em.persist(
          em.create(Reanalysis, {
            id,
            createdAt: now,
            updatedAt: now,
            startedBy: person,
            filter,
            state: 'queued',
            total: null,
            done: 0,
            failed: 0,
            failure: null,
            caps,
            retries: 0,
            workedMs: 0,
            proposals: 0,
          }),
        )
        await putCommand(kyselyOf(em), command)
        await notifyOnCommit(kyselyOf(em), 'sinew_learning', id)
      })
    },

    /** Leaves the state to the workflow: it alone knows when it really stands still. */
    async ask(id: string, toCommand: (item: ReanalysisItem) => OutgoingCommand): Promise<AskResult> {
      return orm.em.fork().transactional(async (em): Promise<AskResult> => {
        const item = await find(id)
        if (item === null) return { kind: 'missing' }
        if (endedStates.includes(item.state)) return { kind: 'ended', state: item.state }
        await putCommand(kyselyOf(em), toCommand(item))
        return { kind: 'done', item }
      })
    },

    /** Only what is over can be tried again; it goes on under the same id. */
    async retry(id: string, toCommand: (item: ReanalysisItem) => OutgoingCommand): Promise<RetryResult> {
      return orm.em.fork().transactional(async (em): Promise<RetryResult> => {
        const transaction = kyselyOf(em)
        const locked = await sql<ReanalysisRow>`select ${columns} from reanalyses where id = ${id} for update`.execute(
          transaction,
        )
        if (!locked.rows[0]) return { kind: 'missing' }
        const before = toItem(locked.rows[0])
        if (!endedStates.includes(before.state)) return { kind: 'active', state: before.state }
        const kept = await sql`select from reanalysis_failures where reanalysis_id = ${id} limit 1`.execute(transaction)
        if (kept.rows.length === 0) return { kind: 'nothing' }
        const { rows } = await sql<ReanalysisRow>`
          update reanalyses set state = 'queued', retries = retries + 1, updated_at = now() where id = ${id} returning ${columns}`.execute(
          transaction,
        )
        const item = toItem(rows[0] as ReanalysisRow)
        await putCommand(kyselyOf(em), toCommand(item))
        await notifyOnCommit(kyselyOf(em), 'sinew_learning', id)
        return { kind: 'done', item }
      })
    },

    failures: (id: string, limit: number, cursor: string | null): Promise<Page<FailureItem>> =>
      listFailures(database, id, limit, cursor),

    async measure(filter: ExchangeFilter, thresholds: Thresholds): Promise<Measured> {
      const [count, weakPatterns, tokensPerCall, measured] = await Promise.all([
        countCovered(database, filter),
        countWeak(database, filter, thresholds),
        readTokensPerCall(database),
        readMeasuredRate(database),
      ])
      const perSecond = measured ?? (await probeRate(database, filter))
      return {
        count,
        weakPatterns,
        tokensPerCall,
        perSecond,
        basis: measured !== null ? 'runs' : perSecond !== null ? 'probe' : 'none',
      }
    },
  }
}

function toItem(row: ReanalysisRow): ReanalysisItem {
  return {
    id: row.id,
    state: row.state,
    total: row.total === null ? null : Number(row.total),
    done: Number(row.done),
    failed: Number(row.failed),
    filter: row.filter,
    caps: row.caps,
    retries: row.retries,
    proposals: row.proposals,
    startedBy: row.startedBy,
    failure: row.failure,
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
  }
}
