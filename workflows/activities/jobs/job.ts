/** What a step of a scheduled job is given, and what it answers. */
import type { Database } from '../../../db/database.ts'
import type { Log } from '../../../db/process/log.ts'
import type { SinewConfig } from '../../../db/words/config.ts'

export interface JobDependencies {
  database: Database
  watch: SinewConfig['learning']['watch']
  retention: SinewConfig['retention']
  log: Pick<Log, 'info' | 'warn'>
  now: () => number
}

export interface JobStep {
  /** There may be more to do at once. */
  more: boolean
}

export const dayMs = 86_400_000
