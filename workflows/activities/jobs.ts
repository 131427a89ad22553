/**
 * The steps of the scheduled jobs. What they decide is pure and stands in the domain; each step can be done again
 * harmlessly.
 */
import type { JobName } from '../contract.ts'
import { watchDrift } from './jobs/drift.ts'
import type { JobDependencies, JobStep } from './jobs/job.ts'
import { watchModels } from './jobs/model-versions.ts'
import { dropExpiredDay } from './jobs/retention.ts'
import { watchEnhancements } from './jobs/stale-enhancements.ts'

const steps: Record<JobName, (dependencies: JobDependencies) => Promise<JobStep>> = {
  drift: watchDrift,
  'stale-enhancements': watchEnhancements,
  'model-versions': watchModels,
  retention: dropExpiredDay,
}

export type JobOptions = Omit<JobDependencies, 'now'> & Partial<Pick<JobDependencies, 'now'>>

export function createJobActivities({ now = Date.now, ...options }: JobOptions) {
  return {
    runJobStep: (job: JobName): Promise<JobStep> => steps[job]({ ...options, now }),
  }
}

export type JobActivities = ReturnType<typeof createJobActivities>
