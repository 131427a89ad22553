import { readConfig } from '../../../db/config/config.ts'
import type { AnalystConfig } from '../../../db/words/analyst.ts'
import type { LearningConfig } from '../../../db/words/config.ts'

/** Nothing listens there: what matters is that there is one. */
export const anAnalyst: AnalystConfig = {
  baseUrl: 'http://127.0.0.1:1',
  apiKey: 'k',
  model: 'm',
  maxCallsPerDay: 50,
  maxTokensPerDay: 200_000,
}

export const defaultLearning: LearningConfig = readConfig({ SINEW_DATA_DIR: '/nonexistent' }).config.learning
