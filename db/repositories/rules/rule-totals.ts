/** What rules count: the exchanges they changed, and those on which they failed, by what stands on the records. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { AppliedRule } from '../../words/rule.ts'
import { within } from '../exchanges/ingest.ts'
import { toIso } from '../page.ts'

interface Usage {
  used: number
  failed: number
  lastIso: string | null
}

/** `ids`: exchanges that are learned from for the first time, so that each counts once. */
export async function countRuleUsage(transaction: Database, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  const { rows } = await sql<{ createdAt: string; rules: AppliedRule[] }>`
    select r.created_at as "createdAt", coalesce(r.decision->'rules', '[]') || coalesce(a.change->'rules', '[]') as rules
    from requests r left join responses a on a.id = r.id and ${within(ids, 'a.id')}
    where r.id = any(${ids}::uuid[]) and ${within(ids, 'r.id')} and (r.decision ? 'rules' or a.change ? 'rules')`.execute(
    transaction,
  )
  const usage = new Map<string, Usage>()
  for (const { createdAt, rules } of rows) {
    // A rule that failed on the request and on the answer failed on one exchange.
    for (const id of new Set(rules.map((rule) => rule.id))) {
      const results = rules.filter((rule) => rule.id === id).map(({ result }) => result)
      usage.set(id, add(usage.get(id), results, toIso(createdAt)))
    }
  }
  // One after the other in the order of their ids, so that nobody waits in a circle.
  for (const id of [...usage.keys()].sort()) {
    const { used, failed, lastIso } = usage.get(id) as Usage
    await transaction
      .updateTable('transformations')
      .set((eb) => ({
        usage_count: eb('usage_count', '+', used),
        error_count: eb('error_count', '+', failed),
        last_used: sql<string>`greatest(last_used, ${lastIso}::timestamptz)`,
      }))
      .where('id', '=', id)
      .execute()
  }
}

/**
 * Used = it changed something; an edit that was undone leaves what the others changed uncounted, for the record does
 * not say it.
 */
function add(
  before: Usage = { used: 0, failed: 0, lastIso: null },
  results: AppliedRule['result'][],
  atIso: string,
): Usage {
  const used = results.includes('applied')
  return {
    used: before.used + (used ? 1 : 0),
    failed: before.failed + (results.includes('error') ? 1 : 0),
    lastIso: used && (before.lastIso === null || atIso > before.lastIso) ? atIso : before.lastIso,
  }
}
