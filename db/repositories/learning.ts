/** What is learned of exchanges: their outcomes and the patterns they belong to, each counted exactly once. */
import { sql, type Kysely } from 'kysely'
import { v7 } from 'uuid'
import type { ExchangeStatus, OutcomeReason, PromptTemplate, Verdict } from '../types.ts'
import { within } from './ingest.ts'
import { toJsonb } from './jsonb.ts'

/** An exchange as its judge needs it. */
export interface StoredExchange {
  id: string
  team: string
  endpoint: string
  stream: boolean
  status: ExchangeStatus
  httpStatus: number | null
  errorCode: string | null
  createdAt: string
  enhancementId: string | null
  /** `null` = none was kept, or it is too big to be read. */
  originalBody: Buffer | null
  answered: boolean
  hasText: boolean
  hasToolCalls: boolean
  refusal: boolean
  stopReason: string | null
  /** Only a beginning of the answer is stored. */
  cut: boolean
  learned: { patternId: string | null; verdict: Verdict } | null
}

/** What a judge makes of an exchange. */
export interface Judgement {
  pattern: { hash: string; type: string; title: string; template: PromptTemplate } | null
  verdict: Verdict
  reason: string | null
  score: number | null
  reasons: OutcomeReason[]
}

export interface PatternCounts {
  id: string
  team: string
  hash: string
  successes: number
  failures: number
  /** Codes of what is said on it already. */
  suggested: string[]
}

/** Prompts beyond it have no pattern: reading them would hold up everything else. */
const originalBytesMax = 4 * 1024 * 1024

const columns = sql`
  r.id, r.team, r.endpoint, r.stream, r.status, r.http_status as "httpStatus", r.error_code as "errorCode", r.created_at as "createdAt",
  r.enhancement_id as "enhancementId", case when octet_length(r.original_body) <= ${sql.lit(originalBytesMax)} then r.original_body end as "originalBody",
  a.id is not null as answered, coalesce(a.content <> '', false) as "hasText", a.tool_calls is not null as "hasToolCalls", coalesce(a.refusal, false) as refusal,
  a.stop_reason as "stopReason", coalesce(octet_length(a.body) < a.body_bytes, false) as cut,
  case when r.learned_at is not null then jsonb_build_object('patternId', r.pattern_id, 'verdict', r.verdict) end as learned`

/** Locks the exchanges in the order of their ids; what another transaction learned meanwhile is seen. */
export async function lockExchanges(transaction: Kysely<any>, ids: string[]): Promise<StoredExchange[]> {
  const { rows } = await sql<StoredExchange>`
    select ${columns} from requests r left join responses a on a.id = r.id and ${within(ids, 'a.id')}
    where r.id = any(${ids}::uuid[]) and ${within(ids, 'r.id')} order by r.id for update of r`.execute(transaction)
  return rows
}

/** A change of a pattern's counts: what an exchange adds to it, or takes back when it moves to another. */
export interface PatternChange {
  team: string
  pattern: NonNullable<Judgement['pattern']>
  frequency: number
  successes: number
  failures: number
  seenAt: string
}

/** Makes the patterns that are new and adds the counts; answers the patterns as they stand then. Locks in the order of their hashes. */
export async function countPatterns(transaction: Kysely<any>, changes: PatternChange[]): Promise<PatternCounts[]> {
  const merged = new Map<string, PatternChange & { firstSeen: string; lastSeen: string }>()
  for (const change of changes) {
    const key = `${change.team}\n${change.pattern.hash}`
    const before = merged.get(key)
    if (before === undefined) {
      merged.set(key, { ...change, firstSeen: change.seenAt, lastSeen: change.seenAt })
      continue
    }
    before.frequency += change.frequency
    before.successes += change.successes
    before.failures += change.failures
    if (new Date(change.seenAt) < new Date(before.firstSeen)) before.firstSeen = change.seenAt
    if (new Date(change.seenAt) > new Date(before.lastSeen)) before.lastSeen = change.seenAt
  }
  if (merged.size === 0) return []
  const records = [...merged.keys()].sort().map((key) => {
    const { team, pattern, frequency, successes, failures, firstSeen, lastSeen } = merged.get(key) as NonNullable<ReturnType<typeof merged.get>>
    return { id: v7(), team, hash: pattern.hash, type: pattern.type, title: pattern.title, template: pattern.template, frequency, successes, failures, firstSeen, lastSeen }
  })
  const { rows } = await sql<PatternCounts>`
    insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, frequency, successes, failures, first_seen, last_seen)
    select id, team, hash, type, title, template, frequency, successes, failures, "firstSeen", "lastSeen"
    from jsonb_to_recordset(${toJsonb(records)}::jsonb) as r(id uuid, team text, hash text, type text, title text, template jsonb,
      frequency bigint, successes bigint, failures bigint, "firstSeen" timestamptz, "lastSeen" timestamptz)
    order by team, hash
    on conflict (team, pattern_hash) do update set
      frequency = prompt_patterns.frequency + excluded.frequency, successes = prompt_patterns.successes + excluded.successes,
      failures = prompt_patterns.failures + excluded.failures,
      first_seen = least(prompt_patterns.first_seen, excluded.first_seen), last_seen = greatest(prompt_patterns.last_seen, excluded.last_seen)
    returning id, team, pattern_hash as hash, successes::double precision as successes, failures::double precision as failures,
      array(select s ->> 'code' from jsonb_array_elements(suggestions) s) as suggested`.execute(transaction)
  return rows
}

export interface LearnedRow extends Pick<Judgement, 'verdict' | 'reason' | 'score' | 'reasons'> {
  id: string
  patternId: string | null
}

/** The mark of having been learned; it also stands for the start of its workflow, should that mark have been lost. */
export async function markLearned(transaction: Kysely<any>, rows: LearnedRow[]): Promise<void> {
  await sql`
    update requests set pattern_id = r."patternId", verdict = r.verdict, verdict_reason = r.reason, outcome_score = r.score, outcome_reasons = r.reasons, learned_at = coalesce(requests.learned_at, now()),
      workflow_started_at = coalesce(requests.workflow_started_at, now())
    from jsonb_to_recordset(${toJsonb(rows)}::jsonb) as r(id uuid, "patternId" uuid, verdict text, reason text, score double precision, reasons jsonb)
    where requests.id = r.id and ${within(rows.map(({ id }) => id), 'requests.id')}`.execute(transaction)
}

/** What the exchanges that an enhancement was applied to say of it. */
export interface AppliedChange {
  enhancementId: string
  applied: number
  successes: number
  failures: number
}

export async function countApplied(transaction: Kysely<any>, changes: AppliedChange[]): Promise<void> {
  const merged = new Map<string, AppliedChange>()
  for (const change of changes) {
    const before = merged.get(change.enhancementId) ?? { enhancementId: change.enhancementId, applied: 0, successes: 0, failures: 0 }
    merged.set(change.enhancementId, {
      enhancementId: change.enhancementId,
      applied: before.applied + change.applied,
      successes: before.successes + change.successes,
      failures: before.failures + change.failures,
    })
  }
  // One after the other in the order of their ids: there are a few at most, and nobody waits in a circle.
  for (const id of [...merged.keys()].sort()) {
    const { applied, successes, failures } = merged.get(id) as AppliedChange
    await sql`update enhancements set applied = applied + ${applied}, applied_successes = applied_successes + ${successes},
      applied_failures = applied_failures + ${failures} where id = ${id}::uuid`.execute(transaction)
  }
}

/** Tells the admin that something was learned, once the transaction stands. */
export async function announceLearning(transaction: Kysely<any>, what: 'patterns' | 'enhancements'): Promise<void> {
  await sql`select pg_notify('sinew_learning', ${what})`.execute(transaction)
}

/** Counts that leave a pattern because its exchanges are counted anew. */
export interface PatternMove {
  patternId: string
  frequency: number
  successes: number
  failures: number
}

export async function movePatternCounts(transaction: Kysely<any>, moves: PatternMove[]): Promise<void> {
  const merged = new Map<string, PatternMove>()
  for (const move of moves) {
    const before = merged.get(move.patternId) ?? { patternId: move.patternId, frequency: 0, successes: 0, failures: 0 }
    merged.set(move.patternId, {
      patternId: move.patternId,
      frequency: before.frequency + move.frequency,
      successes: before.successes + move.successes,
      failures: before.failures + move.failures,
    })
  }
  for (const id of [...merged.keys()].sort()) {
    const { frequency, successes, failures } = merged.get(id) as PatternMove
    await sql`update prompt_patterns set frequency = frequency + ${frequency}, successes = successes + ${successes}, failures = failures + ${failures}
      where id = ${id}::uuid`.execute(transaction)
  }
}
