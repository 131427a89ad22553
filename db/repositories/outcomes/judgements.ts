/** Answers that a judge looks at, and what it says of them. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { toLowestUuid } from '../../partitions.ts'
import type { ExampleExchange } from '../enhancements/drafts.ts'

const withinMs = 86_400_000
const maxBodyBytes = 256 * 1024

/**
 * Learned exchanges of the last day that nobody has judged or said anything of: first those of whose verdict the rules
 * are less sure than `sureConfidence`, then a share of the other successes, the newest first. Which ones of these is
 * decided by the random end of their ids, so that it is the same share of every pattern, arm and key.
 */
export async function findUnjudged(
  database: Database,
  { share, sureConfidence }: { share: number; sureConfidence: number },
  limit: number,
  nowMs: number,
): Promise<(ExampleExchange & { id: string })[]> {
  const { rows } = await sql<ExampleExchange & { id: string }>`
    select r.id, case when octet_length(r.original_body) <= ${maxBodyBytes} then r.messages end as messages,
      left(a.content, ${maxBodyBytes}) as content, a.tool_calls as "toolCalls", null as reason
    from requests r join responses a on a.id = r.id
    where r.id >= ${toLowestUuid(nowMs - withinMs)}::uuid and r.learned_at is not null and r.verdict in ('success', 'failure') and r.pattern_id is not null
      and (r.outcome_confidence < ${sureConfidence}
        or (r.verdict = 'success' and ('x' || right(r.id::text, 8))::bit(32)::bigint < ${share}::float8 * 4294967296))
      and not exists (select from judgements j where j.exchange_id = r.id) and not exists (select from feedback f where f.exchange_id = r.id)
    order by coalesce(r.outcome_confidence < ${sureConfidence}, false) desc, r.id desc limit ${limit}`.execute(database)
  return rows
}

/** The first judgement stands. */
export async function storeJudgement(
  transaction: Database,
  exchangeId: string,
  judgement: { score: number; reason: string },
  model: string,
): Promise<void> {
  await sql`
    insert into judgements (exchange_id, score, reason, model) values (${exchangeId}::uuid, ${judgement.score}, ${judgement.reason}, ${model})
    on conflict (exchange_id) do nothing`.execute(transaction)
}
