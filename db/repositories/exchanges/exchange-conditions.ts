/**
 * Which exchanges a filter names: lists, reanalyses and estimates mean the same by it. The row of `requests` is called
 * `r`, in builder queries and in raw ones alike; therefore the conditions are raw SQL.
 */
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import { toLowestUuid } from '../../partitions.ts'
import type { ExchangeFilter } from '../../words/exchange.ts'
import { toJsonb } from '../jsonb.ts'

type Condition = RawBuilder<unknown>

/** Ids carry the gateway's clock, `created_at` the same moment: the slack only has to cover rounding and reordering. */
const idSlackMs = 3_600_000

/** What each member of a filter asks for; a member that is absent or empty asks for nothing. */
const conditionsByMember: { [Member in keyof ExchangeFilter]-?: (value: string, filter: ExchangeFilter) => Condition } =
  {
    // The bounds on the id let PostgreSQL leave out the partitions of other days.
    from: (from) => sql`r.created_at >= ${from}::timestamptz and r.id >= ${toIdBound(from, -idSlackMs)}::uuid`,
    to: (to) => sql`r.created_at < ${to}::timestamptz and r.id < ${toIdBound(to, idSlackMs)}::uuid`,
    model: (model) => sql`(${matches('r.model', model)} or ${matches('r.requested_model', model)})`,
    provider: (provider) => matches('r.provider', provider),
    patternId: (patternId) => sql`r.pattern_id = ${patternId}::uuid`,
    sessionId: (sessionId) => sql`r.session_id = ${sessionId}::uuid`,
    status: (status) => sql`r.status = ${status}`,
    team: (team) => sql`r.team = ${team}`,
    key: (key) => sql`r.key_name = ${key}`,
    endpoint: (endpoint) => sql`r.endpoint = ${endpoint}`,
    reason: (code) => sql`r.outcome_reasons @> jsonb_build_array(jsonb_build_object('code', ${code}::text))`,
    outcome: (verdict) => sql`r.verdict = ${verdict}`,
    arm: (_arm, filter) => takesPart(filter),
    // Beside an arm it is part of the arm's condition.
    experimentId: (_id, filter) => (filter.arm ? sql`true` : takesPart(filter)),
    text: holdsText,
  }

export function toExchangeConditions(filter: ExchangeFilter): RawBuilder<SqlBool> {
  const conditions = [sql`true`]
  for (const [member, toCondition] of Object.entries(conditionsByMember)) {
    const value = filter[member as keyof ExchangeFilter]
    if (value) conditions.push(toCondition(value, filter))
  }
  return sql.join(conditions, sql` and `).$castTo<SqlBool>()
}

function toIdBound(time: string, slackMs: number): string {
  return toLowestUuid(Math.max(0, Date.parse(time) + slackMs))
}

/** A name, whatever its case; `*` stands for any characters. */
function matches(column: string, name: string): Condition {
  if (!name.includes('*')) return sql`lower(${sql.ref(column)}) = lower(${name})`
  return sql`${sql.ref(column)} ilike ${name.split('*').map(escapeLike).join('%')}`
}

function takesPart({ arm, experimentId }: ExchangeFilter): Condition {
  const ofArm = arm ? sql`m.arm = ${arm}` : sql`true`
  const ofExperiment = experimentId ? sql`m.experiment_id = ${experimentId}::uuid` : sql`true`
  return sql`exists (select 1 from experiment_exchanges m where m.exchange_id = r.id and ${ofExperiment} and ${ofArm})`
}

/**
 * In the request's messages or in the answer's text, whatever the case. No index helps: it reads all that the rest of
 * the filter leaves.
 */
function holdsText(text: string): Condition {
  // Messages are compared as PostgreSQL writes JSON: quotes and line ends are escaped there.
  const inJson = toPattern(toJsonb(text).slice(1, -1))
  return sql`(r.messages::text ilike ${inJson} or exists (select 1 from responses t where t.id = r.id and t.content ilike ${toPattern(text.replaceAll('\0', ''))}))`
}

function toPattern(text: string): string {
  return `%${escapeLike(text)}%`
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`)
}
