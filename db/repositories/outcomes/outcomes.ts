/**
 * What an exchange's outcome rests on beside its status: what was answered, what came after it, and what people say of
 * it.
 */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { toLowestUuid } from '../../partitions.ts'
import type { FeedbackValue } from '../../words/outcome.ts'
import { within } from '../exchanges/ingest.ts'
import { toJsonb } from '../jsonb.ts'

export interface OutcomeSignals {
  id: string
  /**
   * What the request said of the form of its answer, and the tools it offered; only where there is an answer to hold
   * against them.
   */
  parameters: Record<string, unknown> | null
  tools: unknown[] | null
  /** Only where the request asked for a form that it can be held against. */
  content: string | null
  toolCalls: { name: string; arguments: string }[] | null
  askedAgain: boolean
  judgement: { score: number; reason: string } | null
  feedback: { metric: string; value: FeedbackValue; keyName: string; givenAt: string }[]
}

/** Longer answers are not held against a schema. */
const contentCharactersMax = 262_144
/** Requests whose answers have a form to keep: Chat Completions', Responses' and Messages' members for it. */
const formMembers = ['response_format', 'text', 'output_config', 'output_format', 'functions', 'mcp_servers']

/** For exchanges that the transaction has locked: what is marked later finds the lock, and counts anew. */
export async function readSignals(transaction: Database, ids: string[]): Promise<Map<string, OutcomeSignals>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<OutcomeSignals>`
    select r.id, case when r.parameters ?| ${formMembers}::text[] then r.parameters end as parameters,
      case when a.tool_calls is not null then r.tools end as tools,
      case when r.parameters ?| ${formMembers}::text[] and length(a.content) <= ${contentCharactersMax} then a.content end as content,
      case when r.tools is not null or r.parameters ? 'functions' then a.tool_calls end as "toolCalls", r.asked_again_by is not null as "askedAgain",
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
 * For each exchange the one before it in its session, at most `withinMs` earlier, unless that one is marked already.
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
        select p.id, p.asked_again_by, p.reading ->> 'latest' as latest from requests p
        where p.session_id = r.session_id and p.id < r.id and p.id >= w.lowest order by p.id desc limit 1
      ) e
      where e.asked_again_by is null
    )
    select * from pairs where latest is not null and earlier is not null`.execute(database)
  return rows
}

export async function markAskedAgain(transaction: Database, marks: { earlierId: string; id: string }[]): Promise<void> {
  if (marks.length === 0) return
  await sql`
    update requests set asked_again_by = m.id from jsonb_to_recordset(${toJsonb(marks)}::jsonb) as m("earlierId" uuid, id uuid)
    where requests.id = m."earlierId" and ${within(
      marks.map(({ earlierId }) => earlierId),
      'requests.id',
    )} and requests.asked_again_by is null`.execute(transaction)
}
