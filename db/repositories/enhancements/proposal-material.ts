/** What a proposal is checked against beside its own pattern: earlier rejections, and what other teams wrote. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { toLowestUuid } from '../../partitions.ts'
import type { SharedTeam } from '../../words/config.ts'
import type { PromptTemplate } from '../../words/enhancement.ts'

export interface RejectedProposal {
  reason: string
  proposed: PromptTemplate | null
}

/** The latest ones, with what people said. */
export async function findRejections(
  database: Database,
  patternId: string,
  limit: number,
): Promise<RejectedProposal[]> {
  const { rows } = await sql<RejectedProposal>`
    select decision_reason as reason, enhanced_prompt as proposed from enhancements
    where pattern_id = ${patternId}::uuid and state = 'rejected' and decision_reason is not null order by decided_at desc limit ${limit}`.execute(
    database,
  )
  return rows
}

const foreignPatternsMax = 500
const foreignRequestsMax = 300
const foreignDaysMs = 7 * 86_400_000
const foreignCharactersMax = 20_000

const sharedTeam: SharedTeam = '*'

/** Other teams' templates, and the beginnings of their latest requests; none where all teams share their patterns. */
export async function findForeignTexts(database: Database, team: string, nowMs: number): Promise<string[]> {
  if (team === sharedTeam) return []
  const { rows } = await sql<{ text: string | null }>`
    (select concat_ws(E'\\n', pattern_data ->> 'system', pattern_data ->> 'template') as text from prompt_patterns
      where team <> ${team} order by last_seen desc limit ${foreignPatternsMax})
    union all
    (select left(messages::text, ${foreignCharactersMax}) from requests
      where team <> ${team} and id >= ${toLowestUuid(nowMs - foreignDaysMs)}::uuid order by id desc limit ${foreignRequestsMax})`.execute(
    database,
  )
  return rows.flatMap(({ text }) => (text === null ? [] : [text]))
}
