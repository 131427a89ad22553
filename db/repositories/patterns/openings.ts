/** Openings of prompts, as patterns until a template is learned. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import type { PromptTemplate } from '../../words/enhancement.ts'
import { toJsonb } from '../jsonb.ts'

/** A prompt's opening, as a pattern until a template is learned. */
export interface Opening {
  hash: string
  type: string
  title: string
  template: PromptTemplate
}

const toKey = (team: string, hash: string): string => `${team}\n${hash}`

/**
 * The patterns of these openings by `team` and `hash`, made where they are new; of one that was merged, the pattern it
 * is part of now. New ones are made in the order of their hashes, so that two miners never wait in a circle.
 */
export async function ensureOpenings(
  transaction: Database,
  wanted: { team: string; opening: Opening; seenAt: string }[],
): Promise<(team: string, hash: string) => string | null> {
  const openings = new Map(wanted.map((one) => [toKey(one.team, one.opening.hash), one]))
  const hashes = [...openings.values()].map(({ team, opening: { hash } }) => ({ team, hash }))
  const present = await findOpenings(transaction, hashes)
  const missing = [...openings]
    .flatMap(([key, { team, opening }]) => (present(team, opening.hash) === null ? [key] : []))
    .sort()
  if (missing.length === 0) return present
  const records = missing.map((key) => {
    const { team, opening, seenAt } = openings.get(key) as (typeof wanted)[number]
    return { id: v7(), team, ...opening, seenAt }
  })
  await sql`
    insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, first_seen, last_seen)
    select id, team, hash, type, title, template, "seenAt", "seenAt"
    from jsonb_to_recordset(${toJsonb(records)}::jsonb) as r(id uuid, team text, hash text, type text, title text, template jsonb, "seenAt" timestamptz)
    order by team, hash on conflict (team, pattern_hash) do nothing`.execute(transaction)
  return findOpenings(transaction, hashes)
}

/**
 * The patterns of openings that are known, by `team` and `hash`; of one that was merged, the pattern it is part of now.
 */
export async function findOpenings(
  transaction: Database,
  wanted: { team: string; hash: string }[],
): Promise<(team: string, hash: string) => string | null> {
  if (wanted.length === 0) return () => null
  // Raw: the builder has no set of records to join with.
  const { rows } = await sql<{ team: string; hash: string; id: string }>`
    select p.team, p.pattern_hash as hash, coalesce(p.merged_into, p.id) as id
    from (select distinct team, hash
      from jsonb_to_recordset(${toJsonb(wanted.map(({ team, hash }) => ({ team, hash })))}::jsonb) as w(team text, hash text)) r
    join prompt_patterns p on p.team = r.team and p.pattern_hash = r.hash`.execute(transaction)
  const found = new Map(rows.map(({ team, hash, id }) => [toKey(team, hash), id]))
  return (team, hash) => found.get(toKey(team, hash)) ?? null
}
