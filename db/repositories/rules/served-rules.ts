/** The rules that gateways apply. Plain SQL on `pg`: the gateway's process does without an ORM. */
import type { ClientBase, Pool } from 'pg'
import type { TransformationRule } from '../../words/rule.ts'

/**
 * Active rules in their order; `version` is equal exactly when they are. A rule that cannot be used is left out by who
 * compiles them.
 */
export async function readServedRules(
  connection: Pick<ClientBase | Pool, 'query'>,
): Promise<{ version: string; rules: TransformationRule[] }> {
  const { rows } = await (connection as Pool).query<TransformationRule>(
    `select id, rule_name as name, rule_order as "order", active, target, coalesce(rule_trigger->>'condition', '') as condition, rule_logic->'edits' as edits, version
     from transformations where active order by rule_order, id`,
  )
  return { version: rows.map((rule) => `${rule.id}@${rule.version}`).join(' ') || 'none', rules: rows }
}
