/** One run of a scheduled job: short steps until nothing is left of it. */
import { continueAsNew, proxyActivities } from '@temporalio/workflow'
import type { JobActivities } from '../activities/jobs.ts'
import type { JobInput } from '../contract.ts'

const { runJobStep } = proxyActivities<JobActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '15 seconds',
  // It comes again by itself: a run that does not get through leaves the rest to the next one.
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 10 },
})
const stepsPerRun = 200

export async function job(input: JobInput): Promise<void> {
  for (let step = 0; step < stepsPerRun; step++) if (!(await runJobStep(input.job)).more) return
  await continueAsNew<typeof job>(input)
}
