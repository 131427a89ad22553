/** An enhancement from the moment its pattern proves weak until a person may decide on it. */
import { sql } from 'kysely'
import { v7 } from 'uuid'
import type { Database } from '../../database.ts'
import type {
  EnhancementState,
  PromptTemplate,
  ProposalCheck,
  ProposalKind,
  ReplayResult,
} from '../../words/enhancement.ts'
import { announceLearning } from '../outcomes/learning.ts'

export interface Draft {
  id: string
  state: EnhancementState
  patternId: string
  team: string
  title: string
  frequency: number
  successes: number
  failures: number
  original: PromptTemplate
}

export interface ExampleExchange {
  /** The system prompt first; `null` = there are none, or too many to be shown. */
  messages: unknown[] | null
  content: string | null
  toolCalls: { name: string; arguments: string }[] | null
  reason: string | null
}

export const noAnalystCode = 'no_analyst'

/**
 * For each pattern that has none for its present template version: an enhancement to be drafted. Answers the new ones
 * by pattern.
 */
export async function createDrafts(
  transaction: Database,
  patternIds: string[],
  nowIso: string,
): Promise<Map<string, string>> {
  if (patternIds.length === 0) return new Map()
  const drafts = [...patternIds].sort().map((patternId) => ({ patternId, id: v7() }))
  const { rows } = await sql<{ id: string; patternId: string }>`
    insert into enhancements (id, pattern_id, pattern_version, enhancement_type, state, original_prompt, source, created_at, updated_at)
    select d.id, p.id, p.template_version, 'template', 'drafting', p.pattern_data, 'analyst', ${nowIso}::timestamptz, ${nowIso}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(drafts)}::jsonb) as d(id uuid, "patternId" uuid) join prompt_patterns p on p.id = d."patternId"
    where not exists (select from enhancements o where o.pattern_id = p.id and o.pattern_version = p.template_version and o.state in ('drafting', 'proposed', 'snoozed', 'approved'))
    on conflict (pattern_id, pattern_version) where requested_by is null do nothing
    returning id, pattern_id as "patternId"`.execute(transaction)
  if (rows.length > 0) {
    await sql`
      update prompt_patterns set suggestions = coalesce(
        (select jsonb_agg(s) from jsonb_array_elements(suggestions) s where s ->> 'code' is distinct from ${noAnalystCode}), '[]')
      where id = any(${rows.map(({ patternId }) => patternId)}::uuid[])`.execute(transaction)
    await announceLearning(transaction, 'enhancements')
  }
  return new Map(rows.map(({ id, patternId }) => [patternId, id]))
}

/** Says on weak patterns, once each, why nothing is proposed for them. */
export async function suggestAnalyst(transaction: Database, patternIds: string[], nowIso: string): Promise<void> {
  if (patternIds.length === 0) return
  const suggestion = { code: noAnalystCode, message: 'no analyst configured', at: nowIso }
  await sql`
    update prompt_patterns set suggestions = suggestions || jsonb_build_array(${JSON.stringify(suggestion)}::jsonb)
    where id = any(${patternIds}::uuid[]) and not suggestions @> jsonb_build_array(jsonb_build_object('code', ${noAnalystCode}::text))`.execute(
    transaction,
  )
}

/** The draft that waits for its workflow, by pattern: an exchange that is learned again finds what it gave rise to. */
export async function findDraftOf(database: Database, patternId: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from enhancements where pattern_id = ${patternId}::uuid and state = 'drafting'`.execute(database)
  return rows[0]?.id ?? null
}

/** Drafts that should have had their proposal by now: whoever was to start their workflow may have been lost. */
export async function findStaleDrafts(database: Database, olderThanSeconds: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from enhancements where state = 'drafting' and updated_at < now() - make_interval(secs => ${olderThanSeconds}) order by id limit 100`.execute(
    database,
  )
  return rows.map(({ id }) => id)
}

export async function findDraft(database: Database, id: string): Promise<Draft | null> {
  const { rows } = await sql<Draft>`
    select e.id, e.state, e.pattern_id as "patternId", p.team, p.title, p.frequency::double precision as frequency, p.successes::double precision as successes,
      p.failures::double precision as failures, e.original_prompt as original
    from enhancements e join prompt_patterns p on p.id = e.pattern_id where e.id = ${id}::uuid`.execute(database)
  return rows[0] ?? null
}

/** The latest exchanges of one verdict that went out as their callers wrote them. */
export async function findExamples(
  database: Database,
  patternId: string,
  verdict: 'success' | 'failure',
  limit: number,
  bodyBytesMax: number,
): Promise<ExampleExchange[]> {
  const { rows } = await sql<ExampleExchange>`
    select case when octet_length(r.original_body) <= ${bodyBytesMax} then r.messages end as messages, left(a.content, ${bodyBytesMax}) as content,
      a.tool_calls as "toolCalls", r.verdict_reason as reason
    from requests r left join responses a on a.id = r.id
    where r.pattern_id = ${patternId}::uuid and r.verdict = ${verdict} and r.enhancement_id is null
    order by r.id desc limit ${limit}`.execute(database)
  return rows
}

export interface ReplayableRequest {
  endpoint: string
  provider: string
  model: string
  originalBody: Buffer
}

/** As many requests that failed as that worked, the newest of each; where one kind is short the other is not longer. */
export async function findReplayable(
  database: Database,
  patternId: string,
  limit: number,
  maxBodyBytes: number,
): Promise<ReplayableRequest[]> {
  const newest = (verdict: 'failure' | 'success', count: number) => sql`
    (select id, endpoint, provider, model, original_body as "originalBody" from requests
    where pattern_id = ${patternId}::uuid and verdict = ${verdict} and enhancement_id is null and provider is not null and model is not null
      and octet_length(original_body) <= ${maxBodyBytes}
    order by id desc limit ${count})`
  const { rows } = await sql<ReplayableRequest>`
    select endpoint, provider, model, "originalBody"
    from (${newest('failure', Math.ceil(limit / 2))} union all ${newest('success', Math.floor(limit / 2))}) chosen order by id desc`.execute(
    database,
  )
  return rows
}

/** A changed template that passed its checks, as it is filed. */
export interface FiledProposal {
  enhanced: PromptTemplate
  reason: string
  risks: string[]
  kind: ProposalKind | null
  expectedGain: number | null
  addedTokens: number
  checks: ProposalCheck[]
  replay: ReplayResult | null
}

/** False when it is no draft any more: somebody was faster, and what stands there stays. */
export async function propose(database: Database, id: string, filed: FiledProposal): Promise<boolean> {
  return settle(
    database,
    id,
    sql`state = 'proposed', failure = null, proposed_at = now(), enhanced_prompt = ${JSON.stringify(filed.enhanced)}::jsonb, reason = ${filed.reason},
    risks = ${JSON.stringify(filed.risks)}::jsonb, kind = ${filed.kind}, expected_gain = ${filed.expectedGain}, added_tokens = ${filed.addedTokens},
    checks = ${JSON.stringify(filed.checks)}::jsonb, replay = ${filed.replay === null ? null : JSON.stringify(filed.replay)}::jsonb`,
  )
}

/** Why there is no proposal yet; it stands until there is one. */
export async function noteWait(database: Database, id: string, reason: string): Promise<void> {
  await settle(database, id, sql`failure = ${reason}`)
}

export async function giveUp(database: Database, id: string, failure: string): Promise<boolean> {
  return settle(database, id, sql`state = 'failed', failure = ${failure}`)
}

async function settle(database: Database, id: string, change: ReturnType<typeof sql>): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const { rows } =
      await sql`update enhancements set ${change}, updated_at = now() where id = ${id}::uuid and state = 'drafting' returning id`.execute(
        transaction,
      )
    if (rows.length > 0) await announceLearning(transaction, 'enhancements')
    return rows.length > 0
  })
}
