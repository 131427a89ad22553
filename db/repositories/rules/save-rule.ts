/** Saving and removing a rule: each change leaves a version behind, with its person, and gateways hear of it. */
import { UniqueConstraintViolationException } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { TransformationRule } from '../../words/rule.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'
import { jsonb } from '../jsonb.ts'

export interface RuleChange {
  person: string
  reason: string | null
}

/** `stale`: it is not what the person saw. `taken`: another rule has the name. `full`: there are `maxRules` already. */
export type RuleResult =
  | { kind: 'done'; id: string; version: number }
  | { kind: 'missing' }
  | { kind: 'stale'; version: number }
  | { kind: 'taken' }
  | { kind: 'full' }

/** Rules beyond these cannot be stored: a list of them is read whole. */
export const maxRules = 1_000

type WrittenRule = Omit<TransformationRule, 'id' | 'version'>

/** `version`: the one the person saw, 0 for a new rule. */
export async function saveRule(
  database: Database,
  { id, version }: { id: string; version: number },
  rule: WrittenRule,
  change: RuleChange,
): Promise<RuleResult> {
  try {
    return await database.transaction().execute(async (transaction): Promise<RuleResult> => {
      const refused = version === 0 ? await refuseNew(transaction) : await refuseStale(transaction, id, version)
      if (refused !== null) return refused
      const saved = { id, version: version + 1 }
      await writeRule(transaction, saved, rule)
      await keepVersion(transaction, saved, 'saved', rule, change)
      return { kind: 'done', ...saved }
    })
  } catch (error) {
    if (isUniqueViolation(error)) return { kind: 'taken' }
    throw error
  }
}

export async function removeRule(
  database: Database,
  { id, version }: { id: string; version: number },
  change: RuleChange,
): Promise<RuleResult> {
  return database.transaction().execute(async (transaction): Promise<RuleResult> => {
    const locked = await lockRule(transaction, id, version)
    if ('kind' in locked) return locked
    await transaction.deleteFrom('transformations').where('id', '=', id).execute()
    const removed = { id, version: version + 1 }
    await keepVersion(transaction, removed, 'removed', locked.rule, change)
    return { kind: 'done', ...removed }
  })
}

async function refuseNew(transaction: Database): Promise<RuleResult | null> {
  const { count } = await transaction
    .selectFrom('transformations')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count >= maxRules ? { kind: 'full' } : null
}

async function refuseStale(transaction: Database, id: string, version: number): Promise<RuleResult | null> {
  const locked = await lockRule(transaction, id, version)
  return 'kind' in locked ? locked : null
}

/** Of two people who change a rule at once, the second learns that the other was first. */
async function lockRule(
  transaction: Database,
  id: string,
  version: number,
): Promise<{ rule: WrittenRule } | Extract<RuleResult, { kind: 'missing' | 'stale' }>> {
  const row = await transaction
    .selectFrom('transformations')
    .select(['rule_name', 'rule_order', 'active', 'target', 'rule_trigger', 'rule_logic', 'version'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return { kind: 'missing' }
  if (row.version !== version) return { kind: 'stale', version: row.version }
  const { rule_name: name, rule_order: order, active, target } = row
  const { condition } = row.rule_trigger
  return { rule: { name, order, active, target, condition, edits: row.rule_logic.edits } }
}

async function writeRule(
  transaction: Database,
  { id, version }: { id: string; version: number },
  { name, order, active, target, condition, edits }: WrittenRule,
): Promise<void> {
  const columns = {
    rule_name: name,
    rule_order: order,
    active,
    target,
    version,
    rule_trigger: jsonb({ condition }),
    rule_logic: jsonb({ edits }),
  }
  await transaction
    .insertInto('transformations')
    .values({ id, ...columns })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...columns, updated_at: sql<string>`now()` }))
    .execute()
}

async function keepVersion(
  transaction: Database,
  { id, version }: { id: string; version: number },
  change: 'saved' | 'removed',
  rule: WrittenRule,
  { person, reason }: RuleChange,
): Promise<void> {
  await transaction
    .insertInto('transformation_versions')
    .values({ transformation_id: id, version, change, rule: jsonb(rule), person, reason })
    .execute()
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
