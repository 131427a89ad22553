/** What PostgreSQL knows of Sinew's own state. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf } from '../../database.ts'
import { toIso } from '../page.ts'
import { countedMost, readLearningLag, type LearningLag } from './learning-lag.ts'
import { readAnalystSetting, type StoredAnalyst } from '../analyst/settings.ts'

export interface ProcessReport {
  name: string
  /** Its shape is the reporting process's own. */
  state: Record<string, unknown>
  seenAt: string
  ageMs: number
}

export interface StoredState {
  processes: ProcessReport[]
  quarantined: number
  /** Commands for Temporal that are not delivered, and the oldest one's age. */
  commands: { waiting: number; oldestAgeMs: number | null }
  /** Recorded exchanges whose workflow has not been started. */
  workflows: { waiting: number; oldestAgeMs: number | null }
  learning: LearningLag
  /** Since midnight UTC, calls under way included. */
  analyst: { callsToday: number; tokensToday: number; setting: StoredAnalyst | null }
}

export type SystemRepository = ReturnType<typeof createSystemRepository>

export function createSystemRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())

  async function one<Row>(query: ReturnType<typeof sql<Row>>): Promise<Row> {
    const { rows } = await query.execute(database)
    return rows[0] as Row
  }

  return {
    async ping(): Promise<void> {
      await sql`select 1`.execute(database)
    },

    async read(): Promise<StoredState> {
      const [processes, quarantined, commands, workflows, learning, analyst, setting] = await Promise.all([
        sql<{ name: string; state: Record<string, unknown>; seenAt: string; ageMs: number }>`
          select name, state, seen_at as "seenAt", (extract(epoch from now() - seen_at) * 1000)::float8 as "ageMs" from process_states order by name`.execute(
          database,
        ),
        one(
          sql<{ count: number }>`select count(*)::int as count from (select 1 from quarantine limit ${countedMost}) q`,
        ),
        one(sql<{
          waiting: number
          oldestAgeMs: number | null
        }>`select count(*)::int as waiting, (extract(epoch from now() - min(created_at)) * 1000)::float8 as "oldestAgeMs"
          from (select created_at from workflow_commands where done_at is null order by id limit ${countedMost}) c`),
        one(sql<{
          waiting: number
          oldestAgeMs: number | null
        }>`select count(*)::int as waiting, (extract(epoch from now() - min(finished_at)) * 1000)::float8 as "oldestAgeMs"
          from (select finished_at from requests where workflow_started_at is null and finished_at is not null order by id limit ${countedMost}) w`),
        readLearningLag(database),
        one(sql<{
          callsToday: number
          tokensToday: number
        }>`select count(*)::int as "callsToday", coalesce(sum(tokens), 0)::float8 as "tokensToday"
          from analyst_calls where purpose = 'proposal' and created_at >= date_trunc('day', now(), 'UTC')`),
        readAnalystSetting(database),
      ])
      return {
        processes: processes.rows.map((row) => ({
          ...row,
          seenAt: toIso(row.seenAt),
          ageMs: Math.max(0, Math.round(row.ageMs)),
        })),
        quarantined: quarantined.count,
        commands,
        workflows,
        learning,
        analyst: { ...analyst, setting },
      }
    },
  }
}
