/** What gateways serve of the learned. Plain SQL on `pg`: the gateway's process does without an ORM. */
import type { ClientBase, Pool } from 'pg'
import type { PromptTemplate, ServedEnhancement } from '../../words/enhancement.ts'

interface Row {
  enhancement_id: string
  version: number
  pattern_id: string
  team: string
  pattern_hash: string | null
  original_prompt: PromptTemplate
  enhanced_prompt: PromptTemplate
}

/**
 * Every approved enhancement in mode `serve`, under the pattern that its own is part of now; `version` is equal exactly
 * when what is served is equal.
 */
export async function readServedEnhancements(
  connection: Pick<ClientBase | Pool, 'query'>,
): Promise<{ version: string; enhancements: ServedEnhancement[] }> {
  const { rows } = await (connection as Pool).query<Row>(
    `select e.id as enhancement_id, e.version, coalesce(p.merged_into, p.id) as pattern_id, p.team, p.pattern_hash, e.original_prompt, e.enhanced_prompt
     from enhancements e join prompt_patterns p on p.id = e.pattern_id
     where e.state = 'approved' and e.mode = 'serve' and e.enhanced_prompt is not null
     order by e.id`,
  )
  return {
    version: rows.map((row) => `${row.enhancement_id}@${row.version}:${row.pattern_id}`).join(' ') || 'none',
    enhancements: rows.map((row) => ({
      enhancementId: row.enhancement_id,
      patternId: row.pattern_id,
      team: row.team,
      openingHash: row.pattern_hash,
      original: row.original_prompt,
      enhanced: row.enhanced_prompt,
    })),
  }
}
