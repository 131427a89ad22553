/** Drops the exchanges of days that are older than `retention.days`, one day a step. */
import { dropDay, dropLeftovers, findPartitionDays, isDayLearned } from '../../../db/repositories/system/retention.ts'
import { findExpired, toKeptFrom } from '../../domain/system/retention.ts'
import type { JobDependencies, JobStep } from './job.ts'

export async function dropExpiredDay({ database, retention, log, now }: JobDependencies): Promise<JobStep> {
  if (retention === null) return { more: false }
  const keptFrom = toKeptFrom(now(), retention.days)
  const stored = (await findPartitionDays(database)).map((day) => ({ day }))
  const waiting: string[] = []
  for (const day of findExpired(stored, keptFrom)) {
    if (!(await isDayLearned(database, day)) || !(await dropDay(database, day))) {
      waiting.push(day)
      continue
    }
    log.info({ day, days: retention.days }, 'a day is older than retention.days; its exchanges are gone')
    return { more: true }
  }
  if (waiting.length > 0)
    log.warn(
      { days: waiting },
      'these days are older than retention.days and stay: some of their exchanges are not learned yet',
    )
  return { more: await dropLeftovers(database, keptFrom) }
}
