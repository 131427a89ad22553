/**
 * What miners and people change of patterns: new templates, merges, lineage, and which stored exchanges to look at
 * again.
 */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import type { PromptTemplate } from '../../words/enhancement.ts'
import type { LineageKind, PatternSource } from '../../words/pattern.ts'
import { within } from '../exchanges/ingest.ts'
import { toJsonb } from '../jsonb.ts'
import { lockPatterns } from './lock-patterns.ts'
import { moveTotals } from './pattern-totals.ts'

/** A learned pattern as it is stored. */
export interface LearnedPattern {
  /** As its team's miner calls it. */
  name: string
  type: string
  title: string
  template: PromptTemplate
  /** Its forms as the matcher takes them. */
  templates: unknown[]
  version: number
  kind: string
  kindReason: string
}

export interface LineageEntry {
  patternId: string
  kind: LineageKind
  otherId: string | null
  reason: string
  person: string | null
}

/** The team's learned patterns by the names its miner gave them. */
export async function findLearned(database: Database, team: string): Promise<Map<string, string>> {
  const rows = await database
    .selectFrom('prompt_patterns')
    .select(['miner_name as name', 'id'])
    .where('team', '=', team)
    .where('miner_name', 'is not', null)
    .$narrowType<{ name: string }>()
    .execute()
  return new Map(rows.map(({ name, id }) => [name, id]))
}

/**
 * Makes and changes learned patterns; a title that a person gave stays. Existing ones must be locked. Answers their ids
 * by name.
 */
export async function putLearned(
  transaction: Database,
  team: string,
  patterns: LearnedPattern[],
): Promise<Map<string, string>> {
  if (patterns.length === 0) return new Map()
  const { rows } = await sql<{ name: string; id: string }>`
    insert into prompt_patterns as p (id, team, miner_name, pattern_type, title, pattern_data, template_version, source, templates, kind, kind_reason, first_seen, last_seen)
    select id, ${team}, name, type, title, template, version, 'learned', templates, kind, "kindReason", now(), now()
    from jsonb_to_recordset(${toJsonb(patterns.map((pattern) => ({ ...pattern, id: v7() })))}::jsonb)
      as r(id uuid, name text, type text, title text, template jsonb, version integer, templates jsonb, kind text, "kindReason" text)
    order by name
    on conflict (team, miner_name) do update set pattern_type = excluded.pattern_type, pattern_data = excluded.pattern_data,
      template_version = excluded.template_version, templates = excluded.templates, kind = excluded.kind, kind_reason = excluded.kind_reason,
      title = case when p.titled_by is null then excluded.title else p.title end, state = case when p.state = 'retired' then 'active' else p.state end
    returning miner_name as name, id`.execute(transaction)
  return new Map(rows.map(({ name, id }) => [name, id]))
}

export async function tellLineage(transaction: Database, entries: LineageEntry[]): Promise<void> {
  if (entries.length === 0) return
  await sql`
    insert into pattern_lineage (id, pattern_id, kind, other_id, reason, person)
    select id, "patternId", kind, "otherId", reason, person from jsonb_to_recordset(${toJsonb(entries.map((entry) => ({ ...entry, id: v7() })))}::jsonb)
      as r(id uuid, "patternId" uuid, kind text, "otherId" uuid, reason text, person text)`.execute(transaction)
}

/**
 * One pattern becomes part of another with all it has counted. Its id stays valid: whoever asks for it is answered with
 * the other one. Its exchanges follow in batches (`findReview`). False where both are one already.
 */
export async function mergePatterns(
  transaction: Database,
  merge: { from: string; into: string; reason: string; person: string | null },
): Promise<boolean> {
  const became = await lockPatterns(transaction, [merge.from, merge.into])
  const from = became.get(merge.from)
  const into = became.get(merge.into)
  if (from === undefined || into === undefined || from === into) return false
  await moveTotals(transaction, from, into)
  await sql`update prompt_patterns set merged_into = ${into}::uuid where merged_into = ${from}::uuid`.execute(
    transaction,
  )
  await sql`
    update prompt_patterns set merged_into = ${into}::uuid, merged_by = ${merge.person}, state = 'merged'
    where id = ${from}::uuid`.execute(transaction)
  await tellLineage(transaction, [
    { patternId: from, kind: 'merged', otherId: into, reason: merge.reason, person: merge.person },
  ])
  await requestReviews(transaction, [from])
  return true
}

/** They have no template any more; what they counted stays. */
export async function retire(transaction: Database, ids: string[]): Promise<void> {
  if (ids.length > 0)
    await sql`update prompt_patterns set templates = null, state = case when state = 'merged' then state else 'retired' end where id = any(${ids}::uuid[])`.execute(
      transaction,
    )
}

/** The template goes on in another pattern. */
export async function dropTemplates(transaction: Database, id: string): Promise<void> {
  await sql`update prompt_patterns set templates = null where id = ${id}::uuid`.execute(transaction)
}

/** Openings that the miner had merged stand for themselves again; those that a person merged stay as they are. */
export async function reviveOpenings(transaction: Database, team: string, hashes: string[]): Promise<void> {
  if (hashes.length === 0) return
  const { rows } = await sql<{ id: string; into: string }>`
    with merged as (select id, merged_into from prompt_patterns where team = ${team} and pattern_hash = any(${hashes}::text[]) and merged_into is not null and merged_by is null order by id for update)
    update prompt_patterns p set merged_into = null, state = 'active' from merged m where p.id = m.id returning p.id, m.merged_into as into`.execute(
    transaction,
  )
  await tellLineage(
    transaction,
    rows.map(({ id, into }) => ({
      patternId: id,
      kind: 'revived' as const,
      otherId: into,
      reason: 'prompts that begin like this turned out to follow other templates too',
      person: null,
    })),
  )
}

/** From their newest exchange on, again where one was under way. */
export async function requestReviews(transaction: Database, ids: string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`
    insert into pattern_reviews (pattern_id, team) select id, team from prompt_patterns where id = any(${ids}::uuid[]) order by id
    on conflict (pattern_id) do update set cursor = null, targets = '{}', requested_at = now()`.execute(transaction)
}

/** The same for openings, with the learned patterns that are known to explain prompts of theirs. */
export async function requestOpeningReviews(
  transaction: Database,
  team: string,
  explained: { hash: string; target: string }[],
): Promise<void> {
  if (explained.length === 0) return
  await sql`
    insert into pattern_reviews as v (pattern_id, team, targets)
    select p.id, p.team, array_agg(distinct e.target) from jsonb_to_recordset(${toJsonb(explained)}::jsonb) as e(hash text, target uuid)
    join prompt_patterns p on p.team = ${team} and p.pattern_hash = e.hash and p.merged_into is null group by p.id, p.team order by p.id
    on conflict (pattern_id) do update set cursor = null, targets = (select array_agg(distinct t) from unnest(v.targets || excluded.targets) t), requested_at = now()`.execute(
    transaction,
  )
}

export interface Review {
  patternId: string
  source: PatternSource
  /** It was merged: its exchanges go there, whatever their prompts. */
  mergedInto: string | null
  cursor: string | null
  targets: string[]
}

/** The longest waiting one of the team. */
export async function findReview(database: Database, team: string): Promise<Review | null> {
  const row = await database
    .selectFrom('pattern_reviews as v')
    .innerJoin('prompt_patterns as p', 'p.id', 'v.pattern_id')
    .select(['v.pattern_id as patternId', 'p.source', 'p.merged_into as mergedInto', 'v.cursor', 'v.targets'])
    .where('v.team', '=', team)
    .orderBy('v.requested_at')
    .orderBy('v.pattern_id')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** Newest first. */
export async function findReviewPage(
  database: Database,
  { patternId, cursor }: Review,
  limit: number,
): Promise<string[]> {
  const before = cursor === null ? sql`true` : sql`id < ${cursor}::uuid`
  const { rows } = await sql<{
    id: string
  }>`select id from requests where pattern_id = ${patternId}::uuid and ${before} order by id desc limit ${limit}`.execute(
    database,
  )
  return rows.map(({ id }) => id)
}

/** Turns the page where nobody asked to begin anew meanwhile. */
export async function turnReview(
  transaction: Database,
  review: Review,
  cursor: string,
  targets: string[],
): Promise<void> {
  await sql`
    update pattern_reviews set cursor = ${cursor}::uuid, targets = ${targets}::uuid[]
    where pattern_id = ${review.patternId}::uuid and cursor is not distinct from ${review.cursor}::uuid`.execute(
    transaction,
  )
}

/** False where somebody asked to begin anew meanwhile. */
export async function endReview(transaction: Database, review: Review): Promise<boolean> {
  const { rows } = await sql`
    delete from pattern_reviews where pattern_id = ${review.patternId}::uuid and cursor is not distinct from ${review.cursor}::uuid returning pattern_id`.execute(
    transaction,
  )
  return rows.length > 0
}

/** Moves exchanges to their patterns; what they count is changed by the caller, in the same transaction. */
export async function placeExchanges(
  transaction: Database,
  places: { id: string; patternId: string }[],
): Promise<void> {
  if (places.length === 0) return
  await sql`
    update requests set pattern_id = r."patternId" from jsonb_to_recordset(${toJsonb(places)}::jsonb) as r(id uuid, "patternId" uuid)
    where requests.id = r.id and ${within(
      places.map(({ id }) => id),
      'requests.id',
    )}`.execute(transaction)
}
