/** Stored exchanges as samples for testing a rule: what a caller sent, what it got, and what a condition sees of it. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf } from '../../database.ts'
import { toExchangeConditions } from '../exchanges/exchange-conditions.ts'
import type { Family } from '../../words/wire.ts'

export interface StoredSample {
  id: string
  dialect: Family
  endpoint: string
  keyName: string
  team: string
  /** As the client gave it, or as it was derived. */
  sessionKey: string | null
  endUser: string | null
  patternId: string | null
  headers: [string, string][]
  at: string
  request: Buffer
  /** `null` = none was kept whole. */
  answer: { status: number; streaming: boolean; body: Buffer } | null
}

/** Which exchanges are taken. */
export interface SampleFilter {
  team?: string | undefined
  key?: string | undefined
  /** As it was asked for, or as it was sent. */
  model?: string | undefined
  patternId?: string | undefined
}

interface Row extends Omit<StoredSample, 'answer'> {
  status: number | null
  streaming: boolean | null
  body: Buffer | null
}

/** Larger bodies are no samples: a test of a rule is read by a person. */
const bodyBytesMax = 256 * 1024
/** The endpoints whose bodies are prompts. */
const endpoints = ['/v1/chat/completions', '/v1/responses', '/v1/messages']

export type RuleSampleRepository = ReturnType<typeof createRuleSampleRepository>

export function createRuleSampleRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())
  const columns = sql`r.id, r.dialect, r.endpoint, r.key_name as "keyName", r.team, s.session_key as "sessionKey", r.end_user as "endUser", r.pattern_id as "patternId",
    r.headers, r.created_at as at, r.original_body as request, a.status_code as status, a.streaming,
    case when octet_length(a.body) = a.body_bytes and a.body_bytes <= ${sql.lit(bodyBytesMax)} then a.body end as body`
  const source = sql`requests r left join sessions s on s.id = r.session_id left join responses a on a.id = r.id`
  const usable = sql`r.endpoint = any(${endpoints}) and r.original_body is not null and octet_length(r.original_body) = r.request_bytes and r.request_bytes <= ${sql.lit(bodyBytesMax)}`

  return {
    /** Newest first, older than `before`. */
    async listLast(filter: SampleFilter, before: string | null, limit: number): Promise<StoredSample[]> {
      const conditions = [usable, toExchangeConditions(filter)]
      if (before !== null) conditions.push(sql`r.id < ${before}::uuid`)
      const { rows } =
        await sql<Row>`select ${columns} from ${source} where ${sql.join(conditions, sql` and `)} order by r.id desc limit ${limit}`.execute(
          database,
        )
      return rows.map(toSample)
    },

    /** Those of them that are there and can be samples. */
    async find(ids: string[]): Promise<StoredSample[]> {
      const { rows } =
        await sql<Row>`select ${columns} from ${source} where r.id = any(${ids}::uuid[]) and ${usable} order by r.id desc`.execute(
          database,
        )
      return rows.map(toSample)
    },
  }
}

function toSample({ status, streaming, body, ...row }: Row): StoredSample {
  return { ...row, answer: status === null || body === null ? null : { status, streaming: streaming === true, body } }
}
