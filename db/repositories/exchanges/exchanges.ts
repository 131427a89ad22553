/** What the admin reads of exchanges: pages, one whole record, and the stream of what has just been recorded. */
import type { MikroORM } from '@mikro-orm/postgresql'
import { sql } from 'kysely'
import { kyselyOf } from '../../database.ts'
import { toLowestUuid } from '../../partitions.ts'
import type {
  AnswerChange,
  ExchangeDecision,
  ExchangeFilter,
  ExchangeStatus,
  ExchangeTimings,
  Usage,
} from '../../words/exchange.ts'
import type { FeedbackValue, NextTurn, OutcomeReason, Verdict } from '../../words/outcome.ts'
import { toExchangeConditions } from './exchange-conditions.ts'
import { toIso, toIsoOrNull, toPage, type Page } from '../page.ts'

export interface ExchangeItem {
  id: string
  createdAt: string
  dialect: string
  endpoint: string
  provider: string | null
  /** As it was sent upstream; where nothing was sent, as the caller asked for it. */
  model: string | null
  requestedModel: string | null
  sessionId: string | null
  patternId: string | null
  patternTitle: string | null
  status: ExchangeStatus
  httpStatus: number | null
  errorCode: string | null
  stream: boolean
  usage: Usage | null
  /** `null` = unknown, never 0. */
  costUsd: number | null
  /** Whether it worked; `null` until it is learned from. */
  outcome: Verdict | null
  outcomeReason: string | null
  /** 0 = did not work, 1 = worked; `null` = nothing tells. */
  outcomeScore: number | null
  enhancementId: string | null
  /** The experiment it took part in, and the arm it was drawn into; `null` = in none. */
  experimentId: string | null
  arm: 'control' | 'treatment' | null
  keyName: string
  team: string
  totalMs: number | null
  firstByteMs: number | null
  finishedAt: string | null
}

/** Names that the latest exchanges hold, to choose from. */
export interface ExchangeNames {
  models: string[]
  providers: string[]
  teams: string[]
  keys: string[]
  endpoints: string[]
}

export interface ExchangeDetail extends ExchangeItem {
  /** Everything that was found of its outcome, what decided first. */
  outcomeReasons: OutcomeReason[]
  /** From 0 to 1: how sure the verdict is. */
  outcomeConfidence: number | null
  /** What the session's next message says of the answer, and the exchange that holds it. */
  nextTurn: NextTurn | null
  nextTurnBy: string | null
  feedback: { metric: string; value: FeedbackValue; comment: string | null; keyName: string; at: string }[]
  decision: ExchangeDecision | null
  endUser: string | null
  /** The program that called, as it names itself. */
  client: string | null
  /** The trace of the caller's own that it belongs to. */
  traceId: string | null
  target: string | null
  requestHeaders: [string, string][]
  originalBody: Buffer | null
  sentBody: Buffer | null
  requestBytes: number
  requestDigest: string | null
  sentDigest: string | null
  timings: ExchangeTimings | null
  response: {
    statusCode: number | null
    headers: [string, string][]
    content: string | null
    toolCalls: { name: string; arguments: string }[]
    stopReason: string | null
    refusal: boolean
    body: Buffer | null
    bodyBytes: number
    bodyDigest: string | null
    change: AnswerChange | null
  } | null
}

/** A place in the order in which exchanges were recorded. */
export interface RecordedAt {
  transaction: string
  id: string
}

interface ItemRow extends Omit<ExchangeItem, 'createdAt' | 'finishedAt'> {
  createdAt: string
  finishedAt: string | null
}

interface DetailRow extends ItemRow, Omit<ExchangeDetail, keyof ExchangeItem | 'response' | 'requestBytes'> {
  requestBytes: string
  answered: boolean
  statusCode: number | null
  responseHeaders: [string, string][]
  content: string | null
  toolCalls: { name: string; arguments: string }[] | null
  stopReason: string | null
  refusal: boolean
  body: Buffer | null
  bodyBytes: string
  bodyDigest: string | null
  change: AnswerChange | null
}

const maxNamed = 2_000

const itemColumns = sql`r.id, r.created_at as "createdAt", r.dialect, r.endpoint, r.provider, coalesce(r.model, r.requested_model) as model,
  r.requested_model as "requestedModel", r.session_id as "sessionId", r.pattern_id as "patternId", p.title as "patternTitle",
  r.status, r.http_status as "httpStatus", r.error_code as "errorCode", r.stream, s.usage, s.cost_usd as "costUsd",
  r.verdict as outcome, r.verdict_reason as "outcomeReason", r.outcome_score as "outcomeScore", r.enhancement_id as "enhancementId", x.experiment_id as "experimentId", x.arm, r.key_name as "keyName", r.team,
  (r.timings->>'totalMs')::float8 as "totalMs", (r.timings->>'firstByteMs')::float8 as "firstByteMs", r.finished_at as "finishedAt"`
const source = sql`requests r left join responses s on s.id = r.id left join prompt_patterns p on p.id = r.pattern_id
  left join lateral (select m.experiment_id, m.arm from experiment_exchanges m where m.exchange_id = r.id limit 1) x on true`

export type ExchangeRepository = ReturnType<typeof createExchangeRepository>

export function createExchangeRepository(orm: MikroORM) {
  const database = kyselyOf(orm.em.fork())

  return {
    async list(filter: ExchangeFilter, limit: number, cursor: string | null): Promise<Page<ExchangeItem>> {
      const before = cursor === null ? sql`true` : sql`r.id < ${cursor}`
      const { rows } =
        await sql<ItemRow>`select ${itemColumns} from ${source} where ${toExchangeConditions(filter)} and ${before}
        order by r.id desc limit ${limit + 1}`.execute(database)
      return toPage(rows, limit, toItem, (row) => row.id)
    },

    async listNames(): Promise<ExchangeNames> {
      const distinct = (column: string) =>
        sql`coalesce((select jsonb_agg(distinct v order by v) from (select ${sql.ref(column)} as v from latest) c where v is not null), '[]')`
      const { rows } = await sql<ExchangeNames>`
        with latest as (select coalesce(model, requested_model) as model, provider, team, key_name, endpoint from requests order by id desc limit ${maxNamed})
        select ${distinct('model')} as models, ${distinct('provider')} as providers, ${distinct('team')} as teams, ${distinct('key_name')} as keys,
          ${distinct('endpoint')} as endpoints`.execute(database)
      return rows[0] ?? { models: [], providers: [], teams: [], keys: [], endpoints: [] }
    },

    async find(id: string): Promise<ExchangeDetail | null> {
      const { rows } =
        await sql<DetailRow>`select ${itemColumns}, r.decision, r.end_user as "endUser", r.client, r.trace_id as "traceId", r.target, r.headers as "requestHeaders",
        r.original_body as "originalBody", r.sent_body as "sentBody", r.request_bytes as "requestBytes", r.request_digest as "requestDigest",
        r.sent_digest as "sentDigest", r.timings, r.outcome_reasons as "outcomeReasons", r.outcome_confidence as "outcomeConfidence", r.next_turn as "nextTurn", r.next_turn_by as "nextTurnBy",
        coalesce((select jsonb_agg(jsonb_build_object('metric', f.metric, 'value', f.value, 'comment', f.comment, 'keyName', f.key_name, 'at', f.given_at) order by f.given_at, f.id)
          from feedback f where f.exchange_id = r.id and f.team = r.team), '[]') as feedback, s.id is not null as answered, s.status_code as "statusCode", s.headers as "responseHeaders",
        s.content, s.tool_calls as "toolCalls", s.stop_reason as "stopReason", s.refusal, s.body, s.body_bytes as "bodyBytes", s.body_digest as "bodyDigest", s.change
        from ${source} where r.id = ${id}`.execute(database)
      return rows[0] ? toDetail(rows[0]) : null
    },

    /** Where the stream stands now: everything from here on is recorded later or not yet visible. */
    async now(): Promise<RecordedAt> {
      const { rows } = await sql<{
        transaction: string
      }>`select pg_snapshot_xmin(pg_current_snapshot())::text as transaction`.execute(database)
      return { transaction: rows[0]?.transaction ?? '0', id: toLowestUuid(0) }
    },

    /**
     * What was recorded after `place`, oldest first. Only transactions below every running one count: a number that is
     * still running may commit later, and a reader who had gone past it would never see its rows. `withheld` = some
     * wait for that.
     */
    async listRecordedAfter(
      place: RecordedAt,
      limit: number,
    ): Promise<{ recorded: { item: ExchangeItem; at: RecordedAt }[]; withheld: boolean }> {
      const { rows } = await sql<
        ItemRow & { transaction: string }
      >`select ${itemColumns}, r.recorded_in::text as transaction from ${source}
        where r.recorded_in is not null and (r.recorded_in, r.id) > (${place.transaction}::xid8, ${place.id}::uuid)
          and r.recorded_in < pg_snapshot_xmin(pg_current_snapshot())
        order by r.recorded_in, r.id limit ${limit}`.execute(database)
      const waiting = await sql<{ withheld: boolean }>`select exists (select 1 from requests
        where recorded_in is not null and recorded_in >= pg_snapshot_xmin(pg_current_snapshot())) as withheld`.execute(
        database,
      )
      return {
        recorded: rows.map((row) => ({ item: toItem(row), at: { transaction: row.transaction, id: row.id } })),
        withheld: waiting.rows[0]?.withheld ?? false,
      }
    },
  }
}

function toItem(row: ItemRow): ExchangeItem {
  return {
    id: row.id,
    createdAt: toIso(row.createdAt),
    dialect: row.dialect,
    endpoint: row.endpoint,
    provider: row.provider,
    model: row.model,
    requestedModel: row.requestedModel,
    sessionId: row.sessionId,
    patternId: row.patternId,
    patternTitle: row.patternTitle,
    status: row.status,
    httpStatus: row.httpStatus,
    errorCode: row.errorCode,
    stream: row.stream,
    usage: row.usage,
    costUsd: row.costUsd,
    outcome: row.outcome,
    outcomeReason: row.outcomeReason,
    outcomeScore: row.outcomeScore,
    enhancementId: row.enhancementId,
    experimentId: row.experimentId,
    arm: row.arm,
    keyName: row.keyName,
    team: row.team,
    totalMs: row.totalMs,
    firstByteMs: row.firstByteMs,
    finishedAt: toIsoOrNull(row.finishedAt),
  }
}

function toDetail(row: DetailRow): ExchangeDetail {
  return {
    ...toItem(row),
    outcomeReasons: row.outcomeReasons,
    outcomeConfidence: row.outcomeConfidence,
    nextTurn: row.nextTurn,
    nextTurnBy: row.nextTurnBy,
    feedback: row.feedback.map((given) => ({ ...given, at: toIso(given.at) })),
    decision: row.decision,
    endUser: row.endUser,
    client: row.client,
    traceId: row.traceId,
    target: row.target,
    requestHeaders: row.requestHeaders,
    originalBody: row.originalBody,
    sentBody: row.sentBody,
    requestBytes: Number(row.requestBytes),
    requestDigest: row.requestDigest,
    sentDigest: row.sentDigest,
    timings: row.timings,
    response: row.answered
      ? {
          statusCode: row.statusCode,
          headers: row.responseHeaders,
          content: row.content,
          toolCalls: row.toolCalls ?? [],
          stopReason: row.stopReason,
          refusal: row.refusal,
          body: row.body,
          bodyBytes: Number(row.bodyBytes),
          bodyDigest: row.bodyDigest,
          change: row.change,
        }
      : null,
  }
}
