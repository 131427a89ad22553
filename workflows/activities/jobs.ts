/**
 * The steps of the scheduled jobs. What they decide is pure and stands in the domain; each step can be done again
 * harmlessly.
 */
import type { Database } from '../../db/database.ts'
import type { Log } from '../../db/process/log.ts'
import { writeFindings } from '../../db/repositories/findings/findings.ts'
import { dropDay, dropLeftovers, findPartitionDays, isDayLearned } from '../../db/repositories/system/retention.ts'
import {
  collectModelVersions,
  findActivePatterns,
  findModelVersions,
  findUndecidedEnhancements,
  readWindows,
  type WatchedWindows,
} from '../../db/repositories/findings/watch.ts'
import type { SinewConfig } from '../../db/words/config.ts'
import type { JobName } from '../contract.ts'
import { findDrifts, toDriftMessage } from '../domain/findings/drift.ts'
import { findModelChanges } from '../domain/findings/model-versions.ts'
import { findExpired, toKeptFrom } from '../domain/system/retention.ts'
import { findStale } from '../domain/findings/stale-enhancements.ts'

export interface JobDependencies {
  database: Database
  watch: SinewConfig['learning']['watch']
  retention: SinewConfig['retention']
  log: Pick<Log, 'info' | 'warn'>
  now?: () => number
}

export interface JobStep {
  more: boolean
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** The most frequent ones are watched; the rest have too few exchanges to say anything. */
const watchedPatternsMost = 2_000
const undecidedMost = 10_000
/** A change that nobody put aside is news for so long. */
const changeNewsDays = 14
/** Runs may be missed while Temporal is away. */
const versionsSinceMs = 2 * dayMs

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createJobActivities({ database, watch, retention, log, now = Date.now }: JobDependencies) {
  const steps: Record<JobName, () => Promise<JobStep>> = {
    drift: watchDrift,
    'stale-enhancements': watchEnhancements,
    'model-versions': watchModels,
    retention: letGo,
  }

  async function watchDrift(): Promise<JobStep> {
    const recentFrom = now() - watch.recentHours * hourMs
    const windows: WatchedWindows[] = []
    for (const patternId of await findActivePatterns(
      database,
      new Date(recentFrom).toISOString(),
      watchedPatternsMost,
    )) {
      const found = await readWindows(database, patternId, recentFrom - watch.baselineDays * dayMs, recentFrom)
      if (found !== null) windows.push(found)
    }
    const drifts = findDrifts(windows)
    const opened = await writeFindings(
      database,
      'drift',
      drifts.map((drift) => {
        const { patternId, ...numbers } = drift
        return {
          subject: patternId,
          patternId,
          enhancementId: null,
          message: toDriftMessage(drift, watch.recentHours),
          detail: numbers,
        }
      }),
    )
    if (opened > 0) log.info({ opened }, 'patterns work less often than before; the admin names them')
    return { more: false }
  }

  async function watchEnhancements(): Promise<JobStep> {
    const stale = findStale(await findUndecidedEnhancements(database, undecidedMost), watch.staleAfterDays, now())
    await writeFindings(
      database,
      'stale_enhancement',
      stale.map(({ enhancementId, patternId, message }) => ({
        subject: enhancementId,
        patternId,
        enhancementId,
        message,
        detail: {},
      })),
    )
    return { more: false }
  }

  async function watchModels(): Promise<JobStep> {
    await collectModelVersions(database, now() - versionsSinceMs)
    const newsFrom = new Date(now() - changeNewsDays * dayMs).toISOString()
    const changes = findModelChanges(await findModelVersions(database)).filter(({ at }) => at >= newsFrom)
    const found = changes.map((change) => ({
      subject: `${change.provider}/${change.model} ${change.after}`,
      patternId: null,
      enhancementId: null,
      message: `${change.provider}/${change.model} is answered by ${change.after} since ${change.at.slice(0, 16).replace('T', ' ')} UTC, before by ${change.before}`,
      detail: { ...change },
    }))
    const opened = await writeFindings(database, 'model_change', found, { forGood: true })
    if (opened > 0)
      log.info({ opened }, 'providers answer with other versions of a model than before; the admin names them')
    return { more: false }
  }

  /** One day a step. */
  async function letGo(): Promise<JobStep> {
    if (retention === null) return { more: false }
    const keptFrom = toKeptFrom(now(), retention.days)
    const days = findExpired(
      (await findPartitionDays(database)).map((day) => ({ day })),
      keptFrom,
    )
    const waiting: string[] = []
    for (const day of days) {
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

  return {
    runJobStep: (job: JobName): Promise<JobStep> => steps[job](),
  }
}

export type JobActivities = ReturnType<typeof createJobActivities>
