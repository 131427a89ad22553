/** How far learning is behind the traffic: what PostgreSQL alone can say, whoever of the learning side is away. */
import { sql } from 'kysely'
import type { Database } from '../../database.ts'
import { attemptsMax } from './quarantine.ts'

export interface LearningLag {
  /** Recorded exchanges whose workflow has not been started. */
  waiting: number
  /** Age of the oldest exchange that is not learned yet, from its end; `null` = all are. */
  oldestSeconds: number | null
  /** Exchanges whose workflow was started and has not learned them yet. */
  startedNotEnded: number
  /** How long ago the oldest of those workflows was started; `null` = there is none. */
  oldestRunningSeconds: number | null
}

/** A count beyond this is shown as "at least": it costs the same however much waits. */
export const countedMost = 10_000

interface Row {
  waiting: number
  oldestWaiting: number | null
  running: number
  oldestFinished: number | null
  oldestRunning: number | null
}

/** What was set aside waits for nobody: it is counted as quarantined. */
export async function readLearningLag(database: Database): Promise<LearningLag> {
  const { rows } = await sql<Row>`
    select waiting, "oldestWaiting", running, "oldestFinished", "oldestRunning" from
      (select count(*)::int as waiting, extract(epoch from now() - min(finished_at))::float8 as "oldestWaiting"
       from (select finished_at from requests
             where workflow_started_at is null and finished_at is not null and workflow_attempts < ${sql.lit(attemptsMax)}
             order by id limit ${countedMost}) w) waiting,
      (select count(*)::int as running, extract(epoch from now() - min(finished_at))::float8 as "oldestFinished",
              extract(epoch from now() - min(workflow_started_at))::float8 as "oldestRunning"
       from (select finished_at, workflow_started_at from requests r
             where workflow_started_at is not null and learned_at is null
               and not exists (select from quarantine q where q.exchange_id = r.id)
             order by id limit ${countedMost}) r) running`.execute(database)
  const { waiting, oldestWaiting, running, oldestFinished, oldestRunning } = rows[0] as Row
  const ages = [oldestWaiting, oldestFinished].filter((age) => age !== null)
  return {
    waiting,
    oldestSeconds: ages.length === 0 ? null : toSeconds(Math.max(...ages)),
    startedNotEnded: running,
    oldestRunningSeconds: oldestRunning === null ? null : toSeconds(oldestRunning),
  }
}

const toSeconds = (age: number): number => Math.max(0, Math.round(age))
