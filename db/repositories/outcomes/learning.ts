/** What is learned of exchanges: their outcomes and the patterns they belong to, each counted exactly once. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { notifyOnCommit } from '../commands/outgoing-commands.ts'
import type { ExchangeStatus } from '../../words/exchange.ts'
import type { AnswerFailureWords, OutcomeReason, Verdict } from '../../words/outcome.ts'
import { within } from '../exchanges/ingest.ts'
import { toJsonb } from '../jsonb.ts'
import type { Counted } from '../patterns/pattern-totals.ts'

/** An exchange as its judge needs it. */
export interface StoredExchange extends Counted {
  id: string
  team: string
  /** Whose patterns it counts for. */
  patternTeam: string
  endpoint: string
  stream: boolean
  status: ExchangeStatus
  httpStatus: number | null
  errorCode: string | null
  enhancementId: string | null
  /** Names how its prompt opens; `null` = it has no prompt. */
  openingHash: string | null
  answered: boolean
  hasText: boolean
  hasToolCalls: boolean
  refusal: boolean
  stopReason: string | null
  hasMedia: boolean
  /** What the provider said of a failure; `null` = nothing. */
  failure: AnswerFailureWords | null
  /** Only a beginning of the answer is stored. */
  cut: boolean
  learned: { patternId: string | null; verdict: Verdict } | null
  /** The learned template that explains it, as its team's learner has it; `null` = none so far. */
  minedPatternId: string | null
}

/** What a judge makes of an exchange. */
export interface Judgement {
  verdict: Verdict
  reason: string | null
  score: number | null
  confidence: number
  reasons: OutcomeReason[]
  /** The verdict without the words of people and judges. */
  ownVerdict: Verdict
}

const columns = sql`
  r.id, r.team, coalesce(r.pattern_team, r.team) as "patternTeam", r.endpoint, r.stream, r.status, r.http_status as "httpStatus", r.error_code as "errorCode", r.created_at as "createdAt",
  r.enhancement_id as "enhancementId", r.opening_hash as "openingHash",
  a.id is not null as answered, coalesce(a.content <> '', false) as "hasText", a.tool_calls is not null as "hasToolCalls", coalesce(a.refusal, false) as refusal, coalesce(a.has_media, false) as "hasMedia", a.failure,
  a.stop_reason as "stopReason", coalesce(octet_length(a.body) < a.body_bytes, false) as cut,
  r.key_name as "keyName", coalesce(r.model, r.requested_model) as model, a.cost_usd as "costUsd",
  (select p.id from prompt_patterns p where p.id = r.pattern_id and p.source = 'learned') as "minedPatternId",
  case when r.learned_at is not null then jsonb_build_object('patternId', r.pattern_id, 'verdict', r.verdict) end as learned`

/** Locks the exchanges in the order of their ids; what another transaction learned meanwhile is seen. */
export async function lockExchanges(transaction: Database, ids: string[]): Promise<StoredExchange[]> {
  const { rows } = await sql<StoredExchange>`
    select ${columns} from requests r left join responses a on a.id = r.id and ${within(ids, 'a.id')}
    where r.id = any(${ids}::uuid[]) and ${within(ids, 'r.id')} order by r.id for update of r`.execute(transaction)
  return rows
}

export interface LearnedRow extends Judgement {
  id: string
  patternId: string | null
}

/** The mark of having been learned; it also stands for the start of its workflow, should that mark have been lost. */
export async function markLearned(transaction: Database, rows: LearnedRow[]): Promise<void> {
  await sql`
    update requests set pattern_id = r."patternId", verdict = r.verdict, verdict_reason = r.reason, outcome_score = r.score, outcome_reasons = r.reasons,
      outcome_confidence = r.confidence, own_verdict = r."ownVerdict", learned_at = coalesce(requests.learned_at, now()),
      workflow_started_at = coalesce(requests.workflow_started_at, now())
    from jsonb_to_recordset(${toJsonb(rows)}::jsonb) as r(id uuid, "patternId" uuid, verdict text, reason text, score double precision, confidence double precision, reasons jsonb, "ownVerdict" text)
    where requests.id = r.id and ${within(
      rows.map(({ id }) => id),
      'requests.id',
    )}`.execute(transaction)
}

/** Tells the admin that something was learned, once the transaction stands. */
export async function announceLearning(
  transaction: Database,
  what: 'patterns' | 'enhancements' | 'findings',
): Promise<void> {
  await notifyOnCommit(transaction, 'sinew_learning', what)
}
