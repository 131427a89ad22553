/** The sessions that exchanges belong to, made when their first exchange arrives. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import { toJsonb } from '../jsonb.ts'
import type { IngestRows } from './ingest-rows.ts'

export const toSessionName = (team: string, key: string): string => `${team}\n${key}`

/** In one order everywhere, so that two shippers never wait for each other in a circle. */
export async function upsertSessions(
  transaction: Database,
  requests: IngestRows['requests'],
): Promise<Map<string, string>> {
  const seen = new Map<string, { id: string; team: string; session_key: string; first: string; last: string }>()
  for (const { team, session_key, created_at } of requests) {
    if (session_key === null) continue
    const name = toSessionName(team, session_key)
    const session = seen.get(name)
    if (session === undefined) seen.set(name, { id: v7(), team, session_key, first: created_at, last: created_at })
    else if (created_at > session.last) session.last = created_at
    else if (created_at < session.first) session.first = created_at
  }
  if (seen.size === 0) return new Map()
  const wanted = [...seen.keys()].sort().map((name) => seen.get(name))
  // Sent back by number: PostgreSQL keeps a cleaned text where a key holds what no text may hold.
  const { rows } = await sql<{ place: number; id: string }>`
    with incoming as (
      select place, id, team, session_key, first, last
      from jsonb_to_recordset(${toJsonb(wanted.map((session, place) => ({ ...session, place })))}::jsonb)
        as r(place integer, id uuid, team text, session_key text, first timestamptz, last timestamptz)
    ), once as (select distinct on (team, session_key) * from incoming order by team, session_key), upserted as (
      insert into sessions (id, team, session_key, first_seen, last_seen)
      select id, team, session_key, first, last from once order by team, session_key
      on conflict (team, session_key) do update set
        first_seen = least(sessions.first_seen, excluded.first_seen), last_seen = greatest(sessions.last_seen, excluded.last_seen)
      returning id, team, session_key
    )
    select incoming.place, upserted.id from incoming join upserted using (team, session_key)`.execute(transaction)
  const names = [...seen.keys()].sort()
  return new Map(rows.map(({ place, id }) => [names[place] as string, id]))
}
