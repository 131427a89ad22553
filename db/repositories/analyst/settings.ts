/** What people set in the admin while Sinew runs. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf, type Database } from '../../database.ts'
import type { AnalystSetting } from '../../words/analyst.ts'
import { toJsonb } from '../jsonb.ts'
import { notifyOnCommit, putCommand, type OutgoingCommand } from '../commands/outgoing-commands.ts'
import { toIso } from '../page.ts'

export interface StoredAnalyst {
  /** `null` = switched off. */
  value: AnalystSetting | null
  updatedBy: string
  updatedAt: string
}

const analystKey = 'analyst'
/** Drafts that are told at once; any beyond them ask again when their own wait ends. */
const wokenMost = 200

/** `null` = nobody has ever switched it. */
export async function readAnalystSetting(database: Database): Promise<StoredAnalyst | null> {
  const { rows } = await sql<{ value: unknown; updatedBy: string; updatedAt: string }>`
    select value, updated_by as "updatedBy", updated_at as "updatedAt" from settings where key = ${analystKey}`.execute(
    database,
  )
  const row = rows[0]
  return row === undefined
    ? null
    : { value: toAnalystSetting(row.value), updatedBy: row.updatedBy, updatedAt: toIso(row.updatedAt) }
}

/** What another version may have written in another shape counts as off. */
function toAnalystSetting(value: unknown): AnalystSetting | null {
  const { provider, model } = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  return typeof provider === 'string' && typeof model === 'string' ? { provider, model } : null
}

export type SettingRepository = ReturnType<typeof createSettingRepository>

export function createSettingRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())

  return {
    readAnalyst: (): Promise<StoredAnalyst | null> => readAnalystSetting(database),

    /** Switched on, it also tells the drafts that wait for an analyst; `toWakeUp` makes the message to one of them. */
    async switchAnalyst(
      value: AnalystSetting | null,
      person: string,
      toWakeUp: (enhancementId: string) => OutgoingCommand,
    ): Promise<void> {
      await orm.em.fork().transactional(async (em) => {
        const transaction = kyselyOf(em)
        await sql`
          insert into settings (key, value, updated_by, updated_at) values (${analystKey}, ${value === null ? null : toJsonb(value)}::jsonb, ${person}, now())
          on conflict (key) do update set value = excluded.value, updated_by = excluded.updated_by, updated_at = excluded.updated_at`.execute(
          transaction,
        )
        if (value !== null) {
          const { rows } = await sql<{
            id: string
          }>`select id from enhancements where state = 'drafting' order by id limit ${wokenMost}`.execute(transaction)
          for (const { id } of rows) await putCommand(kyselyOf(em), toWakeUp(id))
        }
        await notifyOnCommit(kyselyOf(em), 'sinew_learning', 'analyst')
      })
    },
  }
}
