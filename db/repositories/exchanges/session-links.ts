/** By what later requests are found to go on with a recorded exchange. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { toJsonb } from '../jsonb.ts'

/** Where a link was left by an exchange of the team. */
export interface SessionLink {
  team: string
  link: string
  exchangeId: string
  sessionKey: string
  /** The exchange that went on from there; `null` = none so far. */
  continuedBy: string | null
}

/** Two conversations that ran alike so far are enough to know that nobody can tell whose the next turn is. */
const maxOfLink = 8

/** The latest exchanges behind each link. */
export async function findSessionLinks(
  database: Database,
  wanted: Pick<SessionLink, 'team' | 'link'>[],
): Promise<SessionLink[]> {
  if (wanted.length === 0) return []
  const { rows } = await sql<SessionLink>`
    select l.team, l.link, l.exchange_id as "exchangeId", l.session_key as "sessionKey", l.continued_by as "continuedBy"
    from (select distinct team, link from jsonb_to_recordset(${toJsonb(wanted)}::jsonb) as r(team text, link text)) w
    cross join lateral (
      select * from session_links s where s.team = w.team and s.link = w.link order by s.exchange_id desc limit ${maxOfLink}
    ) l`.execute(database)
  return rows
}

/** In one order everywhere, so that two shippers never wait for each other in a circle. */
export async function writeSessionLinks(transaction: Database, links: SessionLink[]): Promise<void> {
  if (links.length === 0) return
  await sql`
    insert into session_links (team, link, exchange_id, session_key, continued_by)
    select team, link, "exchangeId", "sessionKey", "continuedBy"
    from jsonb_to_recordset(${toJsonb(links)}::jsonb)
      as r(team text, link text, "exchangeId" uuid, "sessionKey" text, "continuedBy" uuid)
    order by team, link, "exchangeId"
    on conflict (team, link, exchange_id) do update set continued_by = excluded.continued_by
    where session_links.continued_by is null and excluded.continued_by is not null`.execute(transaction)
}
