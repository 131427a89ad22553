/** What the scheduled jobs read: how patterns do now and did before, which models answered, which proposals wait. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { toLowestUuid } from '../../partitions.ts'

/** Count, sum and sum of squares of one number a session. */
export interface SessionMoments {
  count: number
  sum: number
  sumOfSquares: number
}

export interface WatchedWindows {
  patternId: string
  baseline: SessionMoments
  recent: SessionMoments
}

/** A pattern's newest exchanges that are looked at; more of them would not change what is found. */
const exchangesMost = 4_000

/** The patterns that were asked for since, the most frequent first. */
export async function findActivePatterns(database: Database, sinceIso: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from prompt_patterns where last_seen >= ${sinceIso}::timestamptz order by frequency desc, id limit ${limit}`.execute(
    database,
  )
  return rows.map(({ id }) => id)
}

/** `null` where nothing of the pattern was judged in either window. */
export async function readWindows(
  database: Database,
  patternId: string,
  baselineFromMs: number,
  recentFromMs: number,
): Promise<WatchedWindows | null> {
  const { rows } = await sql<SessionMoments & { recent: boolean }>`
    with judged as (
      select r.id, coalesce(r.session_id, r.id) as unit, case when r.verdict = 'success' then 1.0 else 0.0 end as worked from requests r
      where r.pattern_id = ${patternId}::uuid and r.id >= ${toLowestUuid(baselineFromMs)}::uuid and r.verdict in ('success', 'failure')
      order by r.id desc limit ${exchangesMost}
    ), sessions as (
      select id >= ${toLowestUuid(recentFromMs)}::uuid as recent, unit, avg(worked)::float8 as value from judged group by 1, 2
    )
    select recent, count(*)::float8 as count, sum(value) as sum, sum(value * value) as "sumOfSquares" from sessions group by recent`.execute(
    database,
  )
  if (rows.length === 0) return null
  const side = (recent: boolean): SessionMoments => {
    const row = rows.find((entry) => entry.recent === recent)
    return { count: row?.count ?? 0, sum: row?.sum ?? 0, sumOfSquares: row?.sumOfSquares ?? 0 }
  }
  return { patternId, baseline: side(false), recent: side(true) }
}

export interface StoredModelVersion {
  provider: string
  model: string
  answerModel: string
  firstSeen: string
  lastSeen: string
}

/** Takes in the answers since `sinceMs`; a version that is known keeps its first time. */
export async function collectModelVersions(database: Database, sinceMs: number): Promise<void> {
  await sql`
    insert into model_versions (provider, model, answer_model, first_seen, last_seen)
    select r.provider, r.model, a.answer_model, min(r.created_at), max(r.created_at)
    from requests r join responses a on a.id = r.id and a.id >= ${toLowestUuid(sinceMs)}::uuid
    where r.id >= ${toLowestUuid(sinceMs)}::uuid and r.provider is not null and r.model is not null and a.answer_model is not null
      and r.status = 'ok' and r.http_status between 200 and 299
    group by 1, 2, 3 order by 1, 2, 3
    on conflict (provider, model, answer_model) do update set
      first_seen = least(model_versions.first_seen, excluded.first_seen), last_seen = greatest(model_versions.last_seen, excluded.last_seen)`.execute(
    database,
  )
}

export async function findModelVersions(database: Database): Promise<StoredModelVersion[]> {
  const { rows } = await sql<StoredModelVersion>`
    select provider, model, answer_model as "answerModel", first_seen as "firstSeen", last_seen as "lastSeen" from model_versions order by provider, model, first_seen`.execute(
    database,
  )
  return rows.map((row) => ({
    ...row,
    firstSeen: new Date(row.firstSeen).toISOString(),
    lastSeen: new Date(row.lastSeen).toISOString(),
  }))
}

export interface WaitingEnhancement {
  id: string
  patternId: string
  proposedAt: string
  patternVersion: number
  templateVersion: number
  state: string
}

/** Proposed or served, oldest first. */
export async function findUndecidedEnhancements(database: Database, limit: number): Promise<WaitingEnhancement[]> {
  const { rows } = await sql<WaitingEnhancement>`
    select e.id, e.pattern_id as "patternId", coalesce(e.proposed_at, e.created_at) as "proposedAt", e.pattern_version as "patternVersion",
      p.template_version as "templateVersion", e.state
    from enhancements e join prompt_patterns p on p.id = e.pattern_id
    where e.state in ('proposed', 'approved') and (e.snoozed_until is null or e.snoozed_until < now()) order by e.id limit ${limit}`.execute(
    database,
  )
  return rows.map((row) => ({ ...row, proposedAt: new Date(row.proposedAt).toISOString() }))
}
