/** The scheduled jobs as schedules of Temporal: made, changed and taken away so that they are what this code says. */
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
} from '@temporalio/client'
import type { Log } from '../../db/process/log.ts'
import type { SinewConfig } from '../../db/words/config.ts'
import { jobNames, workflowNames, type JobInput, type JobName } from '../contract.ts'
import { startLoop, type Loop } from '../../db/process/loop.ts'
import { isAway } from './temporal-errors.ts'
import type { TemporalSession } from './worker.ts'

const minuteMs = 60_000
const requestTimeoutMs = 10_000
const idleMs = 60_000
/** Missed runs are not made up for: the next one sees it all. */
const catchupWindow = '5 minutes'

const everyMs: Record<JobName, number> = {
  drift: 60 * minuteMs,
  'stale-enhancements': 6 * 60 * minuteMs,
  'model-versions': 30 * minuteMs,
  retention: 60 * minuteMs,
}

/** Of several learners with queues of their own in one namespace, each has its own. */
export const toScheduleId = (taskQueue: string, job: JobName): string => `sinew/${taskQueue}/${job}`

/** Without `retention:` there is nothing to let go of, and no schedule for it. */
export function listJobs({ retention }: Pick<SinewConfig, 'retention'>): JobName[] {
  return jobNames.filter((job) => job !== 'retention' || retention !== null)
}

export interface SchedulesOptions {
  session: () => TemporalSession | null
  taskQueue: string
  jobs: JobName[]
  log: Log
}

/** Once for each connection to Temporal. */
export function startSchedules({ session, taskQueue, jobs, log }: SchedulesOptions): Loop {
  let reconciledFor: TemporalSession | null = null
  async function step(): Promise<boolean> {
    const temporal = session()
    if (temporal === null || temporal === reconciledFor) return false
    await reconcileSchedules(temporal.client, taskQueue, jobs, log)
    reconciledFor = temporal
    return false
  }
  return startLoop({ name: 'schedules', log, idleMs, step })
}

/** Throws when Temporal is away; where the namespace forbids schedules, one line says so. */
export async function reconcileSchedules(
  client: Client,
  taskQueue: string,
  jobs: JobName[],
  log: Pick<Log, 'info' | 'warn'>,
): Promise<void> {
  try {
    await client.withDeadline(Date.now() + requestTimeoutMs, async () => {
      for (const job of jobNames)
        await (jobs.includes(job) ? put(client, toOptions(taskQueue, job)) : take(client, toScheduleId(taskQueue, job)))
    })
    await takeUnknown(client, taskQueue)
  } catch (error) {
    if (isAway(error)) throw error
    log.warn(
      { reason: error instanceof Error ? error.message : String(error) },
      'the namespace does not permit schedules: nothing is watched by itself, and nothing is let go of; permit them and start the learner again',
    )
  }
}

type JobOptions = ScheduleOptions<Extract<ScheduleOptions['action'], { type: 'startWorkflow' }>>

function toOptions(taskQueue: string, job: JobName): JobOptions {
  const input: JobInput = { job }
  return {
    scheduleId: toScheduleId(taskQueue, job),
    // Apart from each other, so that they do not all begin at the full hour.
    spec: { intervals: [{ every: everyMs[job], offset: ((jobNames.indexOf(job) + 1) * 3 * minuteMs) % everyMs[job] }] },
    action: {
      type: 'startWorkflow',
      workflowType: workflowNames.job,
      taskQueue,
      args: [input],
      workflowId: toScheduleId(taskQueue, job),
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
  }
}

async function put(client: Client, options: JobOptions): Promise<void> {
  try {
    await client.schedule.create(options)
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    const handle = client.schedule.getHandle(options.scheduleId)
    if (isAsWanted(await handle.describe(), options)) return
    // What people did to it stays: a paused one stays paused.
    await handle.update(({ state: { paused, note } }) => ({
      ...options,
      state: { paused, ...(note === undefined ? {} : { note }) },
    }))
  }
}

function isAsWanted({ spec, action }: ScheduleDescription, wanted: JobOptions): boolean {
  const [interval] = spec.intervals ?? []
  const [asked] = wanted.spec.intervals ?? []
  return (
    action.type === 'startWorkflow' &&
    action.workflowType === wanted.action.workflowType &&
    action.taskQueue === wanted.action.taskQueue &&
    JSON.stringify(action.args) === JSON.stringify(wanted.action.args) &&
    spec.intervals?.length === 1 &&
    interval?.every === asked?.every &&
    interval?.offset === asked?.offset
  )
}

async function take(client: Client, scheduleId: string): Promise<void> {
  try {
    await client.schedule.getHandle(scheduleId).delete()
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error
  }
}

/** Jobs of earlier versions. The list is a little behind: what it does not show yet is found at the next start. */
async function takeUnknown(client: Client, taskQueue: string): Promise<void> {
  const known = new Set(jobNames.map((job) => toScheduleId(taskQueue, job)))
  const stale: string[] = []
  for await (const { scheduleId } of client.schedule.list())
    if (scheduleId.startsWith(`sinew/${taskQueue}/`) && !known.has(scheduleId)) stale.push(scheduleId)
  for (const scheduleId of stale)
    await client.withDeadline(Date.now() + requestTimeoutMs, () => take(client, scheduleId))
}
