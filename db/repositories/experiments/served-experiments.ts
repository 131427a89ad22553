/** Which experiments gateways serve. Plain SQL on `pg`: the gateway's process does without an ORM. */
import type { ClientBase, Pool } from 'pg'
import type { PromptTemplate } from '../../words/enhancement.ts'
import type { ExperimentSettings, ExperimentState, ServedExperiment } from '../../words/experiment.ts'

interface Row {
  id: string
  version: number
  state: ExperimentState
  step: number
  salt: string
  settings: ExperimentSettings
  model: string | null
  enhancement_id: string
  enhancement_version: number
  pattern_id: string
  merged_into: string | null
  pattern_hash: string | null
  team: string
  original_prompt: PromptTemplate
  enhanced_prompt: PromptTemplate
}

/** Those in which some units get the treatment; `version` is equal exactly when what is served is equal. */
export async function readServedExperiments(
  connection: Pick<ClientBase | Pool, 'query'>,
): Promise<{ version: string; experiments: ServedExperiment[] }> {
  const { rows } = await (connection as Pool).query<Row>(
    `select x.id, x.version, x.state, x.step, x.salt, x.settings, x.model, x.enhancement_id, e.version as enhancement_version, x.pattern_id, p.merged_into, p.pattern_hash, p.team,
       e.original_prompt, e.enhanced_prompt
     from experiments x join enhancements e on e.id = x.enhancement_id join prompt_patterns p on p.id = x.pattern_id
     where x.started_at is not null and x.ended_at is null and x.state in ('ramping', 'running', 'won', 'promoted') and e.enhanced_prompt is not null
     order by x.id`,
  )
  return {
    version:
      rows
        .map(
          (row) =>
            `${row.id}@${row.version}.${row.state}.${row.step}.${row.enhancement_version}.${row.merged_into ?? ''}`,
        )
        .join(' ') || 'none',
    experiments: rows.map((row) => ({
      experimentId: row.id,
      version: row.version,
      enhancementId: row.enhancement_id,
      patternId: row.pattern_id,
      mergedInto: row.merged_into,
      openingHash: row.pattern_hash,
      team: row.team,
      salt: row.salt,
      share: row.state === 'promoted' ? 1 : (row.settings.ramp[row.step] ?? 0),
      controlShare: row.state === 'promoted' ? row.settings.holdback : 0.5,
      model: row.model,
      original: row.original_prompt,
      enhanced: row.enhanced_prompt,
    })),
  }
}
