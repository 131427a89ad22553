/** What people do with reanalyses: start one, watch it, and ask it to pause, go on or stop. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { Reanalysis } from '../entities/reanalysis.ts'
import type { ExchangeFilter, ReanalysisState } from '../types.ts'
import { notifyOnCommit, putCommand, type OutgoingCommand } from './outgoing-commands.ts'
import { toIso, toPage, type Page } from './page.ts'

export interface ReanalysisItem {
  id: string
  state: ReanalysisState
  /** `null` until the exchanges are counted. */
  total: number | null
  done: number
  failed: number
  filter: ExchangeFilter
  startedBy: string
  failure: string | null
  createdAt: string
  updatedAt: string
}

/** `ended`: it is past being asked. */
export type AskResult = { kind: 'done'; item: ReanalysisItem } | { kind: 'missing' } | { kind: 'ended'; state: ReanalysisState }

interface ReanalysisRow extends Omit<ReanalysisItem, 'total' | 'done' | 'failed'> {
  total: string | null
  done: string
  failed: string
}

const columns = sql`id, state, total, done, failed, filter, started_by as "startedBy", failure, created_at as "createdAt", updated_at as "updatedAt"`
const ended: ReanalysisState[] = ['completed', 'cancelled', 'failed']

export type ReanalysisRepository = ReturnType<typeof createReanalysisRepository>

export function createReanalysisRepository(orm: MikroORM) {
  const database = orm.em.fork().getKysely()

  async function find(id: string): Promise<ReanalysisItem | null> {
    const { rows } = await sql<ReanalysisRow>`select ${columns} from reanalyses where id = ${id}`.execute(database)
    return rows[0] ? toItem(rows[0]) : null
  }

  return {
    find,

    async list(limit: number, cursor: string | null): Promise<Page<ReanalysisItem>> {
      const after = cursor === null ? sql`true` : sql`id < ${cursor}`
      const { rows } = await sql<ReanalysisRow>`select ${columns} from reanalyses where ${after} order by id desc limit ${limit + 1}`.execute(database)
      return toPage(rows, limit, toItem, (row) => row.id)
    },

    /** The row and the command that starts its workflow stand together or not at all. */
    async start(id: string, filter: ExchangeFilter, person: string, command: OutgoingCommand): Promise<void> {
      await orm.em.fork().transactional(async (em) => {
        const now = new Date()
        em.persist(
          em.create(Reanalysis, {
            id, createdAt: now, updatedAt: now, startedBy: person, filter, state: 'queued', total: null, done: 0, failed: 0, cursor: null, failure: null,
          }),
        )
        await putCommand(em, command)
        await notifyOnCommit(em, 'sinew_learning', id)
      })
    },

    /** Leaves the state to the workflow: it alone knows when it really stands still. */
    async ask(id: string, command: OutgoingCommand): Promise<AskResult> {
      return orm.em.fork().transactional(async (em): Promise<AskResult> => {
        const item = await find(id)
        if (item === null) return { kind: 'missing' }
        if (ended.includes(item.state)) return { kind: 'ended', state: item.state }
        await putCommand(em, command)
        return { kind: 'done', item }
      })
    },
  }
}

function toItem(row: ReanalysisRow): ReanalysisItem {
  return {
    id: row.id, state: row.state, total: row.total === null ? null : Number(row.total), done: Number(row.done), failed: Number(row.failed),
    filter: row.filter, startedBy: row.startedBy, failure: row.failure, createdAt: toIso(row.createdAt), updatedAt: toIso(row.updatedAt),
  }
}
