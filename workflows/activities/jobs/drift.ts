/** Reports patterns that work less often than they did before. */
import { writeFindings } from '../../../db/repositories/findings/findings.ts'
import { findActivePatterns, readWindows, type WatchedWindows } from '../../../db/repositories/findings/watch.ts'
import { findDrifts, toDriftMessage } from '../../domain/findings/drift.ts'
import { dayMs, type JobDependencies, type JobStep } from './job.ts'

const hourMs = 3_600_000
/** The most frequent ones are watched; the rest have too few exchanges to say anything. */
const maxWatchedPatterns = 2_000

export async function watchDrift({ database, watch, log, now }: JobDependencies): Promise<JobStep> {
  const recentFrom = now() - watch.recentHours * hourMs
  const windows: WatchedWindows[] = []
  const patternIds = await findActivePatterns(database, new Date(recentFrom).toISOString(), maxWatchedPatterns)
  for (const patternId of patternIds) {
    const watched = await readWindows(database, patternId, recentFrom - watch.baselineDays * dayMs, recentFrom)
    if (watched !== null) windows.push(watched)
  }
  const drifts = findDrifts(windows)
  const findings = drifts.map((drift) => {
    const { patternId, ...numbers } = drift
    const message = toDriftMessage(drift, watch.recentHours)
    return { subject: patternId, patternId, enhancementId: null, message, detail: numbers }
  })
  const opened = await writeFindings(database, 'drift', findings)
  if (opened > 0) log.info({ opened }, 'patterns work less often than before; the admin names them')
  return { more: false }
}
