/**
 * Keeps the snapshot up to date from PostgreSQL. Loaded after serving began; without PostgreSQL the last good one
 * stays.
 */
import pg from 'pg'
import type { Log } from '../../db/process/log.ts'
import { openNotifications } from '../../db/notifications.ts'
import { readSnapshotContent } from '../../db/repositories/snapshot/snapshot-content.ts'
import type { PatternSets } from './pattern-sets.ts'
import type { Snapshots } from './snapshot.ts'

export interface SnapshotSource {
  readonly connected: boolean
  close(): Promise<void>
}

/** A notification that was lost costs at most this. */
const pollMs = 10_000
const queryTimeoutMs = 5_000
/** PostgreSQL's code for it. */
const undefinedTable = '42P01'

/**
 * Reloads on every `sinew_snapshot` and answers it with `sinew_snapshot_applied` and the same payload, once a load that
 * began after the message has been applied: whoever approved knows then that the next request is enhanced.
 */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function openSnapshotSource(
  databaseUrl: string,
  snapshots: Snapshots,
  log: Pick<Log, 'info' | 'warn'>,
  patterns: PatternSets | null = null,
): SnapshotSource {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: queryTimeoutMs,
    query_timeout: queryTimeoutMs,
    statement_timeout: queryTimeoutMs,
    idleTimeoutMillis: 2 * pollMs,
  })
  // An idle connection that breaks is replaced by the pool; the next query tells.
  pool.on('error', () => {})
  let unanswered = new Set<string>()
  let loading = false
  let again = false
  let failing = false
  let closed = false

  const notifications = openNotifications(databaseUrl, ['sinew_snapshot'], (_channel, payload) => {
    if (payload !== null && payload !== '') unanswered.add(payload)
    load()
  })
  const timer = setInterval(load, pollMs)
  timer.unref()

  function load(): void {
    if (closed) return
    if (loading) {
      again = true
      return
    }
    loading = true
    const answering = unanswered
    unanswered = new Set()
    readSnapshotContent(pool)
      .then(async ({ version, content }) => {
        const changed = version !== snapshots.current.version
        snapshots.replace(version, content)
        if (changed) {
          log.info(
            { enhancements: content.enhancements.length, rules: content.rules.length },
            'what is served has changed',
          )
          const { leftOut } = snapshots.current.rules
          if (leftOut.length > 0) log.warn({ leftOut }, 'stored rules that cannot be used are left out')
        }
        failing = false
        for (const payload of answering) await notifications.notify('sinew_snapshot_applied', payload)
        // Nobody waits for them: they may be many.
        if (!closed) void patterns?.refresh(pool)
      })
      .catch((error: unknown) => {
        // Answered by the load that succeeds: the next poll, or the connection's return, brings it about.
        for (const payload of answering) unanswered.add(payload)
        // On a first start the tables come a moment later.
        if (closed || (error as { code?: string }).code === undefinedTable) return
        if (!failing)
          log.warn(
            { reason: error instanceof Error ? error.message : String(error) },
            'what is served cannot be loaded from PostgreSQL; the last known ones stay',
          )
        failing = true
      })
      .finally(() => {
        loading = false
        if (!again) return
        again = false
        load()
      })
  }

  return {
    get connected() {
      return notifications.connected
    },
    async close() {
      closed = true
      clearInterval(timer)
      await notifications.close()
      await pool.end().catch(() => {})
    },
  }
}
