/** What the shipper read of requests, and the recorded bytes for the one who reads them again. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import type { RequestReading } from '../../words/exchange.ts'
import { toJsonb } from '../jsonb.ts'
import { within } from './ingest.ts'

/** Those without a prompt are missing. */
export async function findReadings(database: Database, ids: string[]): Promise<Map<string, RequestReading>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; reading: RequestReading }>`
    select id, reading from requests
    where id = any(${ids}::uuid[]) and ${within(ids)} and reading is not null`.execute(database)
  return new Map(rows.map(({ id, reading }) => [id, reading]))
}

/** The same, with the conversation that each request belongs to. */
export async function findPrompts(
  database: Database,
  ids: string[],
): Promise<Map<string, RequestReading & { sessionId: string | null }>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; reading: RequestReading; sessionId: string | null }>`
    select id, reading, session_id as "sessionId" from requests
    where id = any(${ids}::uuid[]) and ${within(ids)} and reading is not null`.execute(database)
  return new Map(rows.map(({ id, reading, sessionId }) => [id, { ...reading, sessionId }]))
}

/** What a reanalysis found in the bytes. */
export interface Reread {
  id: string
  reading: RequestReading | null
  openingHash: string | null
}

/** Rows that say the same already are left alone. */
export async function writeReadings(transaction: Database, rows: Reread[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update requests set reading = r.reading, opening_hash = r."openingHash"
    from jsonb_to_recordset(${toJsonb(rows)}::jsonb) as r(id uuid, reading jsonb, "openingHash" text)
    where requests.id = r.id and ${within(
      rows.map(({ id }) => id),
      'requests.id',
    )} and (requests.reading, requests.opening_hash) is distinct from (r.reading, r."openingHash")`.execute(transaction)
}

export interface RecordedBytes {
  id: string
  endpoint: string
  /** `null` = none was kept whole, or it is too big to be read again. */
  request: Buffer | null
  answer: {
    headers: [string, string][]
    streaming: boolean
    /** `null` = too big to be read again. */
    body: Buffer | null
    bodyBytes: number
  } | null
}

/** As much as the shipper reads. */
const bodyBytesMax = 4 * 1024 * 1024

/** Only for a reanalysis: everyone else works with what the shipper read. */
export async function findRecordedBytes(database: Database, ids: string[]): Promise<RecordedBytes[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<
    Omit<RecordedBytes, 'answer'> &
      Partial<Omit<NonNullable<RecordedBytes['answer']>, 'bodyBytes'>> & { bodyBytes: string | null }
  >`
    select r.id, r.endpoint,
      case when octet_length(r.original_body) <= ${bodyBytesMax} and octet_length(r.original_body) = r.request_bytes
        then r.original_body end as request,
      a.headers, a.streaming, a.body_bytes as "bodyBytes",
      case when octet_length(a.body) <= ${bodyBytesMax} then a.body end as body
    from requests r left join responses a on a.id = r.id and ${within(ids, 'a.id')}
    where r.id = any(${ids}::uuid[]) and ${within(ids, 'r.id')} order by r.id`.execute(database)
  return rows.map(({ id, endpoint, request, headers, streaming, body, bodyBytes }) => ({
    id,
    endpoint,
    request,
    answer: headers
      ? { headers, streaming: streaming ?? false, body: body ?? null, bodyBytes: Number(bodyBytes) }
      : null,
  }))
}
