/**
 * Keeps the snapshot up to date from PostgreSQL. Loaded after serving began; without PostgreSQL the last good one
 * stays.
 */
import pg from 'pg'
import type { Log } from '../../db/process/log.ts'
import { openNotifications, type Notifications } from '../../db/notifications.ts'
import type { SnapshotContent } from '../../db/words/snapshot.ts'
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
export function openSnapshotSource(
  databaseUrl: string,
  snapshots: Snapshots,
  log: Pick<Log, 'info' | 'warn'>,
  patterns: PatternSets | null = null,
): SnapshotSource {
  return new PolledSource(databaseUrl, snapshots, log, patterns)
}

class PolledSource implements SnapshotSource {
  private readonly snapshots: Snapshots
  private readonly log: Pick<Log, 'info' | 'warn'>
  private readonly patterns: PatternSets | null
  private readonly pool: pg.Pool
  private readonly notifications: Notifications
  private readonly timer: NodeJS.Timeout
  private unanswered = new Set<string>()
  private loading = false
  private again = false
  private failing = false
  private closed = false

  constructor(
    databaseUrl: string,
    snapshots: Snapshots,
    log: Pick<Log, 'info' | 'warn'>,
    patterns: PatternSets | null,
  ) {
    this.snapshots = snapshots
    this.log = log
    this.patterns = patterns
    this.pool = new pg.Pool({
      connectionString: databaseUrl,
      max: 1,
      connectionTimeoutMillis: queryTimeoutMs,
      query_timeout: queryTimeoutMs,
      statement_timeout: queryTimeoutMs,
      idleTimeoutMillis: 2 * pollMs,
    })
    // The pool replaces an idle connection that breaks; the next query shows whether the server is there.
    this.pool.on('error', () => {})
    this.notifications = openNotifications(databaseUrl, ['sinew_snapshot'], (_channel, payload) => {
      if (payload !== null && payload !== '') this.unanswered.add(payload)
      this.load()
    })
    this.timer = setInterval(() => this.load(), pollMs)
    this.timer.unref()
  }

  get connected(): boolean {
    return this.notifications.connected
  }

  async close(): Promise<void> {
    this.closed = true
    clearInterval(this.timer)
    await this.notifications.close()
    await this.pool.end().catch(() => {})
  }

  /** One at a time; of those that are asked for meanwhile one more follows. */
  private load(): void {
    if (this.closed) return
    if (this.loading) {
      this.again = true
      return
    }
    this.loading = true
    const answering = this.unanswered
    this.unanswered = new Set()
    this.apply(answering)
      .catch((error: unknown) => this.keepTrying(error, answering))
      .finally(() => {
        this.loading = false
        if (!this.again) return
        this.again = false
        this.load()
      })
  }

  private async apply(answering: ReadonlySet<string>): Promise<void> {
    const { version, content } = await readSnapshotContent(this.pool)
    const changed = version !== this.snapshots.current.version
    this.snapshots.replace(version, content)
    if (changed) this.reportChange(content)
    this.failing = false
    for (const payload of answering) await this.notifications.notify('sinew_snapshot_applied', payload)
    // Nobody waits for them: they may be many.
    if (!this.closed) void this.patterns?.refresh(this.pool)
  }

  private reportChange({ enhancements, rules }: SnapshotContent): void {
    this.log.info({ enhancements: enhancements.length, rules: rules.length }, 'what is served has changed')
    const { leftOut } = this.snapshots.current.rules
    if (leftOut.length > 0) this.log.warn({ leftOut }, 'stored rules that cannot be used are left out')
  }

  /** Who waits is answered by the load that succeeds: the next poll brings it about, or the connection's return. */
  private keepTrying(error: unknown, answering: ReadonlySet<string>): void {
    for (const payload of answering) this.unanswered.add(payload)
    // On a first start the tables come a moment later.
    if (this.closed || (error as { code?: string }).code === undefinedTable) return
    if (!this.failing)
      this.log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'what is served cannot be loaded from PostgreSQL; the last known ones stay',
      )
    this.failing = true
  }
}
