/** Transformation rules as people see and change them: each change leaves a version behind, with its person. */
import { UniqueConstraintViolationException, type MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf, type Database } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'
import type { TransformationRule } from '../../words/rule.ts'
import { toJsonb } from '../jsonb.ts'
import { toIso, toIsoOrNull } from '../page.ts'

export interface RuleItem extends TransformationRule {
  /** Exchanges that it changed. */
  usageCount: number
  /** Exchanges on which its condition failed. */
  errorCount: number
  lastUsed: string | null
  createdAt: string
  updatedAt: string
  /** Who saved it last. */
  person: string | null
}

/** A rule that was removed: what it was last, and who removed it. */
export interface RemovedRule {
  id: string
  name: string
  person: string
  reason: string | null
  at: string
}

export interface RuleVersion {
  version: number
  change: 'saved' | 'removed'
  rule: Omit<TransformationRule, 'id' | 'version'>
  person: string
  reason: string | null
  at: string
}

export interface RuleChange {
  person: string
  reason: string | null
}

/** `stale`: it is not what the person saw. `taken`: another rule has the name. `full`: there are `rulesMax` already. */
export type RuleResult =
  | { kind: 'done'; id: string; version: number }
  | { kind: 'missing' }
  | { kind: 'stale'; version: number }
  | { kind: 'taken' }
  | { kind: 'full' }

/** Rules beyond these cannot be stored: a list of them is read whole. */
export const rulesMax = 1_000

interface Row extends Omit<RuleItem, 'usageCount' | 'errorCount'> {
  usageCount: string
  errorCount: string
}

const columns = sql`t.id, t.rule_name as name, t.rule_order as "order", t.active, t.target, coalesce(t.rule_trigger->>'condition', '') as condition,
  t.rule_logic->'edits' as edits, t.version, t.usage_count as "usageCount", t.error_count as "errorCount", t.last_used as "lastUsed",
  t.created_at as "createdAt", t.updated_at as "updatedAt", v.person`
const source = sql`transformations t left join transformation_versions v on v.transformation_id = t.id and v.version = t.version`

export type RuleRepository = ReturnType<typeof createRuleRepository>

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createRuleRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork()) as Database

  return {
    /** In the order in which they apply. */
    async list(): Promise<RuleItem[]> {
      const { rows } =
        await sql<Row>`select ${columns} from ${source} order by t.rule_order, t.id limit ${rulesMax}`.execute(database)
      return rows.map(toItem)
    },

    async find(id: string): Promise<RuleItem | null> {
      const { rows } = await sql<Row>`select ${columns} from ${source} where t.id = ${id}`.execute(database)
      return rows[0] ? toItem(rows[0]) : null
    },

    /** Names by id, as they were last; removed rules have one too. */
    async findNames(ids: string[]): Promise<Map<string, string>> {
      if (ids.length === 0) return new Map()
      const { rows } = await sql<{
        id: string
        name: string
      }>`select distinct on (transformation_id) transformation_id as id, rule->>'name' as name
        from transformation_versions where transformation_id = any(${ids}::uuid[]) order by transformation_id, version desc`.execute(
        database,
      )
      return new Map(rows.map(({ id, name }) => [id, name]))
    },

    /** Newest first; a removed rule has one too. */
    async listVersions(id: string): Promise<RuleVersion[]> {
      const { rows } =
        await sql<RuleVersion>`select version, change, rule, person, reason, created_at as at from transformation_versions
        where transformation_id = ${id} order by version desc limit 200`.execute(database)
      return rows.map((row) => ({ ...row, at: toIso(row.at) }))
    },

    /** Newest first. */
    async listRemoved(limit: number): Promise<RemovedRule[]> {
      const { rows } = await sql<RemovedRule>`
        select transformation_id as id, rule->>'name' as name, person, reason, created_at as at from transformation_versions
        where change = 'removed' order by created_at desc, transformation_id limit ${limit}`.execute(database)
      return rows.map((row) => ({ ...row, at: toIso(row.at) }))
    },

    /** `version`: the one the person saw, 0 for a new rule. Gateways are told when it stands. */
    async save(
      id: string,
      version: number,
      rule: Omit<TransformationRule, 'id' | 'version'>,
      change: RuleChange,
    ): Promise<RuleResult> {
      try {
        return await database.transaction().execute(async (transaction) => {
          const known = version === 0 ? null : await lock(transaction, id, version)
          if (known !== null && known.kind !== 'done') return known
          if (known === null && (await countAll(transaction)) >= rulesMax) return { kind: 'full' as const }
          const saved = { id, version: version + 1 }
          const trigger = toJsonb({ condition: rule.condition })
          const logic = toJsonb({ edits: rule.edits })
          await sql`
            insert into transformations (id, rule_name, target, rule_trigger, rule_logic, rule_order, active, version)
            values (${saved.id}, ${rule.name}, ${rule.target}, ${trigger}::jsonb, ${logic}::jsonb, ${rule.order}, ${rule.active}, ${saved.version})
            on conflict (id) do update set rule_name = excluded.rule_name, target = excluded.target, rule_trigger = excluded.rule_trigger, rule_logic = excluded.rule_logic,
              rule_order = excluded.rule_order, active = excluded.active, version = excluded.version, updated_at = now()`.execute(
            transaction,
          )
          await keep(transaction, saved, 'saved', rule, change)
          return { kind: 'done' as const, ...saved }
        })
      } catch (error) {
        if (isUniqueViolation(error)) return { kind: 'taken' }
        throw error
      }
    },

    async remove(id: string, version: number, change: RuleChange): Promise<RuleResult> {
      return database.transaction().execute(async (transaction) => {
        const known = await lock(transaction, id, version)
        if (known.kind !== 'done') return known
        await sql`delete from transformations where id = ${id}`.execute(transaction)
        await keep(transaction, { id, version: version + 1 }, 'removed', known.rule, change)
        return { kind: 'done' as const, id, version: version + 1 }
      })
    },
  }
}

type Locked =
  | { kind: 'done'; id: string; version: number; rule: Omit<TransformationRule, 'id' | 'version'> }
  | { kind: 'missing' }
  | { kind: 'stale'; version: number }

/** Of two people who change it at once, one is told that the other was first. */
async function lock(transaction: Database, id: string, version: number): Promise<Locked> {
  const { rows } =
    await sql<TransformationRule>`select rule_name as name, rule_order as "order", active, target, coalesce(rule_trigger->>'condition', '') as condition,
    rule_logic->'edits' as edits, version from transformations where id = ${id} for update`.execute(transaction)
  const row = rows[0]
  if (row === undefined) return { kind: 'missing' }
  if (row.version !== version) return { kind: 'stale', version: row.version }
  const { version: _, ...rule } = row
  return { kind: 'done', id, version, rule }
}

async function countAll(transaction: Database): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*) from transformations`.execute(transaction)
  return Number(rows[0]?.count ?? 0)
}

async function keep(
  transaction: Database,
  { id, version }: { id: string; version: number },
  change: RuleVersion['change'],
  rule: object,
  { person, reason }: RuleChange,
): Promise<void> {
  await sql`insert into transformation_versions (transformation_id, version, change, rule, person, reason)
    values (${id}, ${version}, ${change}, ${toJsonb(rule)}::jsonb, ${person}, ${reason})`.execute(transaction)
  await notifyOnCommit(transaction, 'sinew_snapshot', toRuleNotice({ id, version }))
}

/** What a gateway answers once it applies this version. */
export function toRuleNotice({ id, version }: { id: string; version: number }): string {
  return `rule ${id}@${version}`
}

function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof UniqueConstraintViolationException ||
    (typeof error === 'object' && error !== null && 'code' in error && error.code === '23505')
  )
}

function toItem(row: Row): RuleItem {
  return {
    ...row,
    usageCount: Number(row.usageCount),
    errorCount: Number(row.errorCount),
    lastUsed: toIsoOrNull(row.lastUsed),
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
  }
}
