/** Reports enhancements that have waited too long for a person's ruling. */
import { writeFindings } from '../../../db/repositories/findings/findings.ts'
import { findUndecidedEnhancements } from '../../../db/repositories/findings/watch.ts'
import { findStale } from '../../domain/findings/stale-enhancements.ts'
import type { JobDependencies, JobStep } from './job.ts'

const maxUndecided = 10_000

export async function watchEnhancements({ database, watch, now }: JobDependencies): Promise<JobStep> {
  const undecided = await findUndecidedEnhancements(database, maxUndecided)
  const findings = findStale(undecided, watch.staleAfterDays, now()).map(({ enhancementId, patternId, message }) => ({
    subject: enhancementId,
    patternId,
    enhancementId,
    message,
    detail: {},
  }))
  await writeFindings(database, 'stale_enhancement', findings)
  return { more: false }
}
