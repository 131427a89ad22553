/** The recorded bytes of answers. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { within } from './ingest.ts'

export interface StoredAnswer {
  id: string
  headers: [string, string][]
  streaming: boolean
  /** `null` = too big to be read again. */
  body: Buffer | null
}

const bodyBytesMax = 4 * 1024 * 1024

export async function findAnswers(database: Database, ids: string[]): Promise<Map<string, StoredAnswer>> {
  const { rows } = await sql<StoredAnswer>`
    select id, headers, streaming, case when octet_length(body) <= ${bodyBytesMax} then body end as body
    from responses where id = any(${ids}::uuid[]) and ${within(ids)}`.execute(database)
  return new Map(rows.map((row) => [row.id, row]))
}
