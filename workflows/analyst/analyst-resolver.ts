/** Whom the learner asks for better prompts, at the moment it wants to: switching needs no restart. */
import type { Database } from '../../db/database.ts'
import { chooseAnalyst, findAnalystCandidates } from '../../db/config/analyst-choice.ts'
import { readAnalystSetting } from '../../db/repositories/analyst/settings.ts'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import type { SinewConfig } from '../../db/words/config.ts'

export function createAnalystResolver(
  database: Database,
  config: Pick<SinewConfig, 'claude' | 'providers'>,
): () => Promise<AnalystConfig | null> {
  // Nothing could be switched on then, so nothing needs to be read.
  const fixed = config.claude !== null || findAnalystCandidates(config).length === 0
  return async () => chooseAnalyst(config, fixed ? null : ((await readAnalystSetting(database))?.value ?? null))
}
