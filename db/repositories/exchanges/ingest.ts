/**
 * Writing what the journal holds into PostgreSQL, many exchanges in one transaction, harmlessly when it is done again.
 */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'
import type { AnswerChange, ExchangeDecision, ExchangeStatus, RequestReading, Usage } from '../../words/exchange.ts'
import type { ExperimentMark } from '../../words/experiment.ts'
import type { Family } from '../../words/wire.ts'
import { insertExposures } from '../experiments/exposures.ts'
import { toJsonb } from '../jsonb.ts'
import { writeSessionLinks, type SessionLink } from './session-links.ts'

/** Where a body stands among the bodies that go to PostgreSQL with its batch. */
interface Slice {
  at: number
  bytes: number
}

/** All bodies of a batch as one binary parameter: they are neither copied into text nor escaped. */
export interface Bodies {
  add(body: Buffer): Slice
  concat(): Buffer
}

export interface RequestRow {
  id: string
  created_at: string
  session_key: string | null
  team: string
  pattern_team: string | null
  key_name: string
  end_user: string | null
  dialect: Family
  endpoint: string
  requested_model: string | null
  provider: string | null
  model: string | null
  stream: boolean
  messages: unknown
  tools: unknown
  parameters: unknown
  reading: RequestReading | null
  opening_hash: string | null
  conversation_link: string | null
  target: string | null
  headers: [string, string][]
  namespace_prefix: string | null
  original: Slice | null
  sent: Slice | null
  request_bytes: number
  request_digest: string | null
  sent_digest: string | null
  enhancement_id: string | null
  decision: ExchangeDecision | null
  experiment: ExperimentMark | null
  journal_id: string | null
  writer_id: string | null
}

export interface OutcomeRow {
  id: string
  status: ExchangeStatus
  http_status: number | null
  error_code: string | null
  timings: unknown
  finished_at: string
}

export interface ResponseRow {
  id: string
  created_at: string
  status_code: number | null
  streaming: boolean
  headers: [string, string][]
  content: string | null
  tool_calls: unknown
  stop_reason: string | null
  refusal: boolean
  usage: Usage | null
  input_tokens: number | null
  output_tokens: number | null
  cost_usd: number | null
  /** As the answer names it. */
  answer_model: string | null
  body: Slice
  body_bytes: number
  body_digest: string
  change: AnswerChange | null
}

export interface IngestRows {
  /** An exchange whose outcome came in the same batch has it here at once. */
  requests: (RequestRow & Partial<OutcomeRow>)[]
  /** Outcomes of exchanges whose intent is stored already. */
  outcomes: OutcomeRow[]
  responses: ResponseRow[]
  /** By what later requests are found to go on with these, and which earlier ones these go on with. */
  sessionLinks: SessionLink[]
  /** A new gateway opened the journal: its predecessors' unfinished exchanges are over. */
  opened: { journalId: string; writerId: string; at: number } | null
  requestBodies: Bodies
  responseBodies: Bodies
}

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

export function createBodies(): Bodies {
  const parts: Buffer[] = []
  let total = 0
  return {
    add: (body) => {
      parts.push(body)
      const slice = { at: total, bytes: body.length }
      total += body.length
      return slice
    },
    concat: () => Buffer.concat(parts, total),
  }
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

const toSessionName = (team: string, key: string): string => `${team}\n${key}`

/** In one order everywhere, so that two shippers never wait for each other in a circle. */
async function upsertSessions(transaction: Database, requests: IngestRows['requests']): Promise<Map<string, string>> {
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

async function insertRequests(transaction: Database, rows: IngestRows, sessions: Map<string, string>): Promise<void> {
  const records = rows.requests
    .map((row) => ({
      ...row,
      session_id: row.session_key === null ? null : (sessions.get(toSessionName(row.team, row.session_key)) ?? null),
      original_at: row.original && row.original.at + 1,
      original_length: row.original?.bytes ?? null,
      sent_at: row.sent && row.sent.at + 1,
      sent_length: row.sent?.bytes ?? null,
    }))
    .sort(byId)
  await sql`
    with given as (select ${rows.requestBodies.concat()}::bytea as bodies), r as (
      select * from jsonb_to_recordset(${toJsonb(records)}::jsonb) as r(
        id uuid, created_at timestamptz, session_id uuid, team text, pattern_team text, key_name text, end_user text, dialect text, endpoint text, requested_model text,
        provider text, model text, stream boolean, messages jsonb, tools jsonb, parameters jsonb, reading jsonb, opening_hash text, conversation_link text, target text, headers jsonb, namespace_prefix text,
        original_at integer, original_length integer, sent_at integer, sent_length integer, request_bytes bigint, request_digest text, sent_digest text,
        enhancement_id uuid, decision jsonb, journal_id uuid, writer_id uuid, status text, http_status integer, error_code text, timings jsonb, finished_at timestamptz)
    )
    insert into requests (id, created_at, session_id, team, pattern_team, key_name, end_user, dialect, endpoint, requested_model, provider, model, stream, messages, tools,
      parameters, reading, opening_hash, conversation_link, target, headers, namespace_prefix, original_body, sent_body, request_bytes, request_digest, sent_digest, enhancement_id, decision, journal_id, writer_id,
      status, http_status, error_code, timings, finished_at, recorded_in)
    select id, created_at, session_id, team, pattern_team, key_name, end_user, dialect, endpoint, requested_model, provider, model, stream, messages, tools,
      parameters, reading, opening_hash, conversation_link, target, headers, namespace_prefix,
      case when original_at is not null then substring(given.bodies from original_at for original_length) end,
      case when sent_at is not null then substring(given.bodies from sent_at for sent_length) end,
      request_bytes, request_digest, sent_digest, enhancement_id, decision, journal_id, writer_id,
      coalesce(status, 'unknown'), http_status, error_code, timings, finished_at, case when finished_at is not null then pg_current_xact_id() end
    from r, given
    on conflict (id) do update set
      status = excluded.status, http_status = excluded.http_status, error_code = excluded.error_code, timings = excluded.timings,
      finished_at = excluded.finished_at, recorded_in = coalesce(requests.recorded_in, excluded.recorded_in)
    where excluded.finished_at is not null
      and (requests.finished_at, requests.status) is distinct from (excluded.finished_at, excluded.status)`.execute(
    transaction,
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
  const records = rows.responses
    .map((row) => ({ ...row, body_at: row.body.at + 1, body_length: row.body.bytes, body: undefined }))
    .sort(byId)
  await sql`
    with given as (select ${rows.responseBodies.concat()}::bytea as bodies), r as (
      select * from jsonb_to_recordset(${toJsonb(records)}::jsonb) as r(
        id uuid, created_at timestamptz, status_code integer, streaming boolean, headers jsonb, content text, tool_calls jsonb, stop_reason text,
        refusal boolean, usage jsonb, input_tokens integer, output_tokens integer, cost_usd double precision, answer_model text,
        body_at integer, body_length integer, body_bytes bigint, body_digest text, change jsonb)
    )
    insert into responses (id, created_at, status_code, streaming, headers, content, tool_calls, stop_reason, refusal, usage, input_tokens, output_tokens,
      cost_usd, answer_model, body, body_bytes, body_digest, change)
    select id, created_at, status_code, streaming, headers, content, tool_calls, stop_reason, refusal, usage, input_tokens, output_tokens,
      cost_usd, answer_model, substring(given.bodies from body_at for body_length), body_bytes, body_digest, change
    from r, given
    on conflict (id) do update set
      status_code = excluded.status_code, streaming = excluded.streaming, headers = excluded.headers, content = excluded.content,
      tool_calls = excluded.tool_calls, stop_reason = excluded.stop_reason, refusal = excluded.refusal, usage = excluded.usage,
      input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens, cost_usd = excluded.cost_usd,
      answer_model = excluded.answer_model,
      body = excluded.body, body_bytes = excluded.body_bytes, body_digest = excluded.body_digest, change = excluded.change
    where (responses.body_digest, responses.status_code) is distinct from (excluded.body_digest, excluded.status_code)`.execute(
    transaction,
  )
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

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1
}
