/**
 * Writing what the journal holds into PostgreSQL, many exchanges in one transaction, harmlessly when it is done again.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Database } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'
import { insertExposures } from '../experiments/exposures.ts'
import { toJsonb } from '../jsonb.ts'
import type { IngestRows, OutcomeRow, Slice } from './ingest-rows.ts'
import { writeSessionLinks } from './session-links.ts'
import { toSessionName, upsertSessions } from './sessions.ts'

export interface StoredIntent {
  id: string
  team: string
  sessionKey: string | null
  conversationLink: string | null
  endpoint: string
  stream: boolean
  provider: string | null
  model: string | null
}

/** What is stored of these exchanges; those that have no intent in PostgreSQL are missing. */
export async function findIntents(database: Database, ids: string[]): Promise<Map<string, StoredIntent>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<StoredIntent>`
    select r.id, r.team, s.session_key as "sessionKey", r.conversation_link as "conversationLink", r.endpoint, r.stream,
      r.provider, r.model
    from requests r left join sessions s on s.id = r.session_id where r.id = any(${ids}::uuid[]) and ${within(ids, 'r.id')}`.execute(
    database,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** Answers how many records were finished by it. */
export async function ingest(database: Database, rows: IngestRows): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    let finished = rows.outcomes.length
    const sessions = await upsertSessions(transaction, rows.requests)
    if (rows.requests.length > 0) await insertRequests(transaction, rows, sessions)
    await writeSessionLinks(transaction, rows.sessionLinks)
    await insertExposures(transaction, rows.requests)
    if (rows.outcomes.length > 0) await updateOutcomes(transaction, rows.outcomes)
    if (rows.responses.length > 0) await upsertResponses(transaction, rows)
    if (rows.opened !== null) finished += await finishAbandoned(transaction, rows.opened)
    for (const row of rows.requests) if (row.finished_at !== undefined) finished++
    if (finished > 0) await queueForLearning(transaction)
    if (finished > 0) await notifyOnCommit(transaction, 'sinew_exchanges', String(finished))
    return finished
  })
}

/** Bounds on the ids let PostgreSQL leave out the partitions of other days. */
export function within(ids: string[], column = 'id') {
  const ordered = [...ids].sort()
  return sql`${sql.ref(column)} between ${ordered[0] ?? null}::uuid and ${ordered.at(-1) ?? null}::uuid`
}

/** What an exchange has until its outcome comes. */
const unfinished = { status: 'unknown', http_status: null, error_code: null, timings: null, finished_at: null }

async function insertRequests(transaction: Database, rows: IngestRows, sessions: Map<string, string>): Promise<void> {
  const records = rows.requests
    .map(({ session_key, original, sent, experiment: _experiment, ...columns }) => ({
      columns: {
        ...unfinished,
        ...columns,
        session_id: session_key === null ? null : (sessions.get(toSessionName(columns.team, session_key)) ?? null),
      },
      original: original && toPlace(original),
      sent: sent && toPlace(sent),
    }))
    .sort(byId)
  const names = namesOf(records)
  await sql`
    insert into requests (${listNames(names)}, original_body, sent_body, recorded_in)
    select ${listNames(names, 'r')}, ${cutBody('original')}, ${cutBody('sent')},
      case when r.finished_at is not null then pg_current_xact_id() end
    from (select ${rows.requestBodies.concat()}::bytea as bodies) as given, jsonb_array_elements(${toJsonb(records)}::jsonb) as record,
      jsonb_populate_record(null::requests, record -> 'columns') as r
    on conflict (id) do update set
      ${setFrom(ofTheEnding, sql`excluded.finished_at is not null`)}, ${setFrom(ofTheCall, isLaterCall)},
      recorded_in = coalesce(requests.recorded_in, excluded.recorded_in)
    where ${isLaterCall} or (excluded.finished_at is not null
      and (requests.finished_at, requests.status) is distinct from (excluded.finished_at, excluded.status))`.execute(
    transaction,
  )
}

const ofTheEnding = ['status', 'http_status', 'error_code', 'timings', 'finished_at']
/** What differs where another deployment was asked, because the first did not answer. */
const ofTheCall = ['provider', 'model', 'target', 'decision', 'namespace_prefix', 'sent_body', 'sent_digest']
const countAttempts = (row: string) =>
  sql`jsonb_array_length(coalesce(${sql.ref(`${row}.decision`)} -> 'attempts', '[]'))`
const isLaterCall = sql`${countAttempts('excluded')} > ${countAttempts('requests')}`

/** The new row's values where `condition` holds, else those that are there. */
function setFrom(columns: readonly string[], condition: RawBuilder<unknown>) {
  return sql.join(
    columns.map(
      (name) =>
        sql`${sql.ref(name)} = case when ${condition} then ${sql.ref(`excluded.${name}`)} else ${sql.ref(`requests.${name}`)} end`,
    ),
  )
}

/** The last outcome wins; the first transaction that recorded one stays the record's place in live lists. */
async function updateOutcomes(transaction: Database, outcomes: OutcomeRow[]): Promise<void> {
  await sql`
    update requests set
      status = r.status, http_status = r.http_status, error_code = r.error_code, timings = r.timings, finished_at = r.finished_at,
      recorded_in = coalesce(requests.recorded_in, pg_current_xact_id())
    from jsonb_to_recordset(${toJsonb(outcomes)}::jsonb) as r(
      id uuid, status text, http_status integer, error_code text, timings jsonb, finished_at timestamptz)
    where requests.id = r.id and ${within(
      outcomes.map(({ id }) => id),
      'requests.id',
    )}
      and (requests.finished_at, requests.status) is distinct from (r.finished_at, r.status)`.execute(transaction)
}

async function upsertResponses(transaction: Database, rows: IngestRows): Promise<void> {
  const records = rows.responses.map(({ body, ...columns }) => ({ columns, body: toPlace(body) })).sort(byId)
  const names = namesOf(records)
  const replaced = [...names.filter((name) => name !== 'id' && name !== 'created_at'), 'body']
  await sql`
    insert into responses (${listNames(names)}, body)
    select ${listNames(names, 'r')}, ${cutBody('body')}
    from (select ${rows.responseBodies.concat()}::bytea as bodies) as given, jsonb_array_elements(${toJsonb(records)}::jsonb) as record,
      jsonb_populate_record(null::responses, record -> 'columns') as r
    on conflict (id) do update set ${sql.join(replaced.map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`))}
    where (responses.body_digest, responses.status_code) is distinct from (excluded.body_digest, excluded.status_code)`.execute(
    transaction,
  )
}

/** The columns of these records; all have the same. */
function namesOf(records: { columns: object }[]): string[] {
  return Object.keys(records[0]?.columns ?? {})
}

function listNames(names: string[], alias?: string) {
  return sql.join(names.map((name) => sql.ref(alias === undefined ? name : `${alias}.${name}`)))
}

/** As PostgreSQL counts: from 1. */
function toPlace({ at, bytes }: Slice): { from: number; length: number } {
  return { from: at + 1, length: bytes }
}

/** A record's own body out of those that came with the batch; null where it has none. */
function cutBody(name: 'original' | 'sent' | 'body') {
  const place = sql`record -> ${sql.lit(name)}`
  return sql`substring(given.bodies from (${place} ->> 'from')::integer for (${place} ->> 'length')::integer)`
}

/**
 * One journal has one writer at a time, so what another one began before this one opened is over: its gateway died. The
 * moment keeps a segment that is shipped again from ending what a later writer has under way.
 */
async function finishAbandoned(
  transaction: Database,
  { journalId, writerId, at }: NonNullable<IngestRows['opened']>,
): Promise<number> {
  const moment = new Date(at).toISOString()
  const { rows } = await sql`
    update requests set status = 'unknown', finished_at = ${moment}::timestamptz, recorded_in = pg_current_xact_id()
    where journal_id = ${journalId}::uuid and writer_id is distinct from ${writerId}::uuid and finished_at is null
      and created_at <= ${moment}::timestamptz
    returning id`.execute(transaction)
  return rows.length
}

/** What this transaction finished waits for its team's learner, in the order of ingestion. */
async function queueForLearning(transaction: Database): Promise<void> {
  await sql`insert into pattern_queue (team, exchange_id) select coalesce(pattern_team, team), id from requests where recorded_in = pg_current_xact_id() order by id`.execute(
    transaction,
  )
}

function byId(a: { columns: { id: string } }, b: { columns: { id: string } }): number {
  return a.columns.id < b.columns.id ? -1 : 1
}
