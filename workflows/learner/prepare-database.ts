/** What the learner's database needs before anything is stored in it: the schema, and partitions for the days ahead. */
import type { Database } from '../../db/database.ts'
import { migrate } from '../../db/orm.ts'
import { ensurePartitions } from '../../db/partitions.ts'
import type { Log } from '../../db/process/log.ts'
import { startLoop, type Loop } from '../../db/process/loop.ts'
import { aborted } from './aborted.ts'

const partitionDaysAhead = 7
const partitionsEveryMs = 3_600_000

/** PostgreSQL may start later than the learner. False when the learner is to stop before that. */
export async function prepareDatabase(
  databaseUrl: string,
  database: Database,
  log: Log,
  signal: AbortSignal,
): Promise<boolean> {
  const done = new AbortController()
  const loop = startLoop({
    name: 'migrations',
    log,
    idleMs: 0,
    retryMaxMs: 3_000,
    step: async () => {
      if (done.signal.aborted) return false
      await migrate(databaseUrl)
      // The first rows of a day must find its partition: they could not be moved into it later.
      await makePartitions(database, log)
      done.abort()
      return false
    },
  })
  await aborted(AbortSignal.any([signal, done.signal]))
  await loop.stop()
  return done.signal.aborted
}

export function startPartitions(database: Database, log: Log): Loop {
  return startLoop({ name: 'partitions', log, idleMs: partitionsEveryMs, step: () => makePartitions(database, log) })
}

async function makePartitions(database: Database, log: Log): Promise<boolean> {
  const left = await ensurePartitions(database, Date.now(), partitionDaysAhead)
  if (left.length > 0)
    log.warn({ partitions: left }, 'these days stay in the default partition: it holds rows of theirs already')
  return false
}
