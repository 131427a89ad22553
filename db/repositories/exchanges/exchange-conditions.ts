/**
 * Which exchanges a filter names: lists, reanalyses and estimates mean the same by it. The row of `requests` is called
 * `r`.
 */
import { sql, type RawBuilder } from 'kysely'
import { toLowestUuid } from '../../partitions.ts'
import type { ExchangeFilter } from '../../words/exchange.ts'
import { toJsonb } from '../jsonb.ts'

/** Ids carry the gateway's clock, `created_at` the same moment: the slack only has to cover rounding and reordering. */
const idSlackMs = 3_600_000

// oxlint-disable-next-line complexity -- flat: one branch for each form that is allowed
export function toExchangeConditions(filter: ExchangeFilter): RawBuilder<unknown> {
  const conditions = [sql`true`]
  // The bounds on the id let PostgreSQL leave out the partitions of other days.
  if (filter.from)
    conditions.push(
      sql`r.created_at >= ${filter.from}::timestamptz`,
      sql`r.id >= ${toLowestUuid(Math.max(0, Date.parse(filter.from) - idSlackMs))}::uuid`,
    )
  if (filter.to)
    conditions.push(
      sql`r.created_at < ${filter.to}::timestamptz`,
      sql`r.id < ${toLowestUuid(Math.max(0, Date.parse(filter.to) + idSlackMs))}::uuid`,
    )
  if (filter.model)
    conditions.push(sql`(${matches('r.model', filter.model)} or ${matches('r.requested_model', filter.model)})`)
  if (filter.provider) conditions.push(matches('r.provider', filter.provider))
  if (filter.patternId) conditions.push(sql`r.pattern_id = ${filter.patternId}::uuid`)
  if (filter.sessionId) conditions.push(sql`r.session_id = ${filter.sessionId}::uuid`)
  if (filter.status) conditions.push(sql`r.status = ${filter.status}`)
  if (filter.team) conditions.push(sql`r.team = ${filter.team}`)
  if (filter.key) conditions.push(sql`r.key_name = ${filter.key}`)
  if (filter.endpoint) conditions.push(sql`r.endpoint = ${filter.endpoint}`)
  if (filter.reason)
    conditions.push(sql`r.outcome_reasons @> jsonb_build_array(jsonb_build_object('code', ${filter.reason}::text))`)
  if (filter.outcome) conditions.push(sql`r.verdict = ${filter.outcome}`)
  if (filter.arm || filter.experimentId) conditions.push(takesPart(filter))
  if (filter.text) conditions.push(holdsText(filter.text))
  return sql.join(conditions, sql` and `)
}

/** A name, whatever its case; `*` stands for any characters. */
function matches(column: string, name: string): RawBuilder<unknown> {
  if (!name.includes('*')) return sql`lower(${sql.ref(column)}) = lower(${name})`
  return sql`${sql.ref(column)} ilike ${name.split('*').map(escapeLike).join('%')}`
}

function takesPart({ arm, experimentId }: ExchangeFilter): RawBuilder<unknown> {
  const ofArm = arm ? sql`m.arm = ${arm}` : sql`true`
  const ofExperiment = experimentId ? sql`m.experiment_id = ${experimentId}::uuid` : sql`true`
  return sql`exists (select 1 from experiment_exchanges m where m.exchange_id = r.id and ${ofExperiment} and ${ofArm})`
}

/**
 * In the request's messages or in the answer's text, whatever the case. No index helps: it reads all that the rest of
 * the filter leaves.
 */
function holdsText(text: string): RawBuilder<unknown> {
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
