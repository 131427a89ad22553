/**
 * What an exchange's outcome rests on beside its status: what was answered, what came after it, and what people say of
 * it.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Database } from '../../database.ts'
import { toLowestUuid } from '../../partitions.ts'
import type { FeedbackValue, NextTurn } from '../../words/outcome.ts'
import { within } from '../exchanges/ingest.ts'
import { toJsonb } from '../jsonb.ts'

export interface OutcomeSignals {
  id: string
  /** The members of the request that say what its answer should be. */
  parameters: Record<string, unknown> | null
  tools: unknown[] | null
  system: string | null
  /** The user's latest text, or the first where the request ends with something else. */
  latest: string | null
  /** Of a long text its beginning and its end. */
  content: string | null
  shortened: boolean
  toolCalls: { name: string; arguments: string }[] | null
  nextTurn: NextTurn | null
  judgement: { score: number; reason: string } | null
  feedback: { metric: string; value: FeedbackValue; keyName: string; givenAt: string }[]
}

/** Longer answers are looked at by their beginning and their end. */
const maxContentCharacters = 262_144
const shortenedCharacters = 32_768
/** As much of a request's texts. */
const maxTextCharacters = 32_768

const bounded = (text: RawBuilder<unknown>) =>
  sql`case when length(${text}) > ${maxTextCharacters} then left(${text}, ${maxTextCharacters / 2}) || right(${text}, ${maxTextCharacters / 2}) else ${text} end`

/**
 * For exchanges that the transaction has locked: what is marked later finds the lock, and counts anew. `members`: those
 * of a request that say what its answer should be.
 */
export async function readSignals(
  transaction: Database,
  ids: string[],
  members: readonly string[],
): Promise<Map<string, OutcomeSignals>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<OutcomeSignals>`
    select r.id, (select jsonb_object_agg(m.key, m.value) from jsonb_each(r.parameters) m where m.key = any(${members}::text[])) as parameters,
      r.tools, ${bounded(sql`(r.reading ->> 'system')`)} as system,
      ${bounded(sql`coalesce(r.reading ->> 'latest', r.reading ->> 'user')`)} as latest,
      case when length(a.content) > ${maxContentCharacters}
        then left(a.content, ${shortenedCharacters}) || right(a.content, ${shortenedCharacters}) else a.content end as content,
      coalesce(length(a.content) > ${maxContentCharacters}, false) as shortened,
      a.tool_calls as "toolCalls", r.next_turn as "nextTurn",
      (select jsonb_build_object('score', j.score, 'reason', j.reason) from judgements j where j.exchange_id = r.id) as judgement,
      coalesce((select jsonb_agg(jsonb_build_object('metric', f.metric, 'value', f.value, 'keyName', f.key_name, 'givenAt', f.given_at) order by f.given_at, f.id)
        from feedback f where f.exchange_id = r.id and f.team = r.team), '[]') as feedback
    from requests r left join responses a on a.id = r.id and ${within(ids, 'a.id')}
    where r.id = any(${ids}::uuid[]) and ${within(ids, 'r.id')}`.execute(transaction)
  return new Map(rows.map((row) => [row.id, row]))
}

/** Two requests of one session, one soon after the other, with the user's text that each ends in. */
export interface Succession {
  id: string
  latest: string
  earlierId: string
  earlier: string
}

/**
 * For each exchange the one before it in its session, at most `withinMs` earlier, unless what it says of that one is
 * known already.
 */
export async function findSuccessions(database: Database, ids: string[], withinMs: number): Promise<Succession[]> {
  if (ids.length === 0) return []
  const wanted = ids.map((id) => ({
    id,
    lowest: toLowestUuid(Math.max(0, Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) - withinMs)),
  }))
  const { rows } = await sql<Succession>`
    with pairs as (
      select r.id, r.reading ->> 'latest' as latest, e.id as "earlierId", e.latest as earlier
      from jsonb_to_recordset(${toJsonb(wanted)}::jsonb) as w(id uuid, lowest uuid) join requests r on r.id = w.id and ${within(ids, 'r.id')}
      cross join lateral (
        select p.id, p.next_turn_by, p.reading ->> 'latest' as latest from requests p
        where p.session_id = r.session_id and p.id < r.id and p.id >= w.lowest order by p.id desc limit 1
      ) e
      where e.next_turn_by is null
    )
    select * from pairs where latest is not null and earlier is not null`.execute(database)
  return rows
}

export async function markNextTurns(
  transaction: Database,
  marks: { earlierId: string; id: string; nextTurn: NextTurn }[],
): Promise<void> {
  if (marks.length === 0) return
  await sql`
    update requests set next_turn_by = m.id, next_turn = m."nextTurn"
    from jsonb_to_recordset(${toJsonb(marks)}::jsonb) as m("earlierId" uuid, id uuid, "nextTurn" text)
    where requests.id = m."earlierId" and ${within(
      marks.map(({ earlierId }) => earlierId),
      'requests.id',
    )} and requests.next_turn_by is null`.execute(transaction)
}
