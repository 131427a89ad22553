/** Transformation rules as people see and change them. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf, type Database } from '../../database.ts'
import type { TransformationRule } from '../../words/rule.ts'
import { toIso, toIsoOrNull } from '../page.ts'
import { maxRules, removeRule, saveRule, type RuleChange } from './save-rule.ts'

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

const maxVersions = 200

export type RuleRepository = ReturnType<typeof createRuleRepository>

export function createRuleRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())
  return {
    list: () => listRules(database),
    find: (id: string) => findRule(database, id),
    findNames: (ids: string[]) => findNames(database, ids),
    listVersions: (id: string) => listVersions(database, id),
    listRemoved: (limit: number) => listRemoved(database, limit),
    save: (id: string, version: number, rule: Parameters<typeof saveRule>[2], change: RuleChange) =>
      saveRule(database, { id, version }, rule, change),
    remove: (id: string, version: number, change: RuleChange) => removeRule(database, { id, version }, change),
  }
}

/** In the order in which they apply. */
async function listRules(database: Database): Promise<RuleItem[]> {
  const rows = await selectRules(database).orderBy('t.rule_order').orderBy('t.id').limit(maxRules).execute()
  return rows.map(toItem)
}

async function findRule(database: Database, id: string): Promise<RuleItem | null> {
  const row = await selectRules(database).where('t.id', '=', id).executeTakeFirst()
  return row === undefined ? null : toItem(row)
}

function selectRules(database: Database) {
  return database
    .selectFrom('transformations as t')
    .leftJoin('transformation_versions as v', (join) =>
      join.onRef('v.transformation_id', '=', 't.id').onRef('v.version', '=', 't.version'),
    )
    .select(['t.id', 't.rule_name as name', 't.rule_order as order', 't.active', 't.target', 't.version', 'v.person'])
    .select(['t.rule_trigger as trigger', 't.rule_logic as logic'])
    .select(['t.usage_count as usageCount', 't.error_count as errorCount', 't.last_used as lastUsed'])
    .select(['t.created_at as createdAt', 't.updated_at as updatedAt'])
}

type RuleRow = Awaited<ReturnType<ReturnType<typeof selectRules>['executeTakeFirstOrThrow']>>

function toItem({ trigger, logic, ...row }: RuleRow): RuleItem {
  return {
    ...row,
    condition: trigger.condition ?? '',
    edits: logic.edits,
    lastUsed: toIsoOrNull(row.lastUsed),
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
  }
}

/** Names by id, as they were last; removed rules have one too. */
async function findNames(database: Database, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await database
    .selectFrom('transformation_versions')
    .distinctOn('transformation_id')
    .select(['transformation_id as id', 'rule'])
    .where('transformation_id', 'in', ids)
    .orderBy('transformation_id')
    .orderBy('version', 'desc')
    .execute()
  return new Map(rows.map(({ id, rule }) => [id, rule.name]))
}

/** Newest first; a removed rule has versions too. */
async function listVersions(database: Database, id: string): Promise<RuleVersion[]> {
  const rows = await database
    .selectFrom('transformation_versions')
    .select(['version', 'change', 'rule', 'person', 'reason', 'created_at as at'])
    .where('transformation_id', '=', id)
    .orderBy('version', 'desc')
    .limit(maxVersions)
    .execute()
  return rows.map((row) => ({ ...row, at: toIso(row.at) }))
}

/** Newest first. */
async function listRemoved(database: Database, limit: number): Promise<RemovedRule[]> {
  const rows = await database
    .selectFrom('transformation_versions')
    .select(['transformation_id as id', 'person', 'reason', 'created_at as at'])
    .select(sql<string>`rule ->> 'name'`.as('name'))
    .where('change', '=', 'removed')
    .orderBy('created_at', 'desc')
    .orderBy('transformation_id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...row, at: toIso(row.at) }))
}
