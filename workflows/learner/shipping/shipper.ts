/** Follows the journal and moves it into PostgreSQL, batch by batch. Its position moves on once a batch is stored. */
import { watch, type FSWatcher } from 'node:fs'
import type { Database } from '../../../db/database.ts'
import { openJournalReader } from '../../../db/journal/reader.ts'
import { startLoop, type Loop } from '../../../db/process/loop.ts'
import type { Log } from '../../../db/process/log.ts'
import { findIntents } from '../../../db/repositories/exchanges/ingest.ts'
import type { Price } from '../../../db/words/config.ts'
import { BatchStore } from './batch-store.ts'
import { foldEntries, type Fold } from './fold.ts'
import { keepFeedback } from './keep-feedback.ts'
import { reportDamage } from './report-damage.ts'
import { createSegmentHeaders } from './segment-headers.ts'

const maxBatchBytes = 4 * 1024 * 1024
const maxBatchEntries = 500
const idleMs = 30
/** The journal's folder says when something was written; where it cannot, this is as long as that is not noticed. */
const maxIdleMs = 1_000
/** While records come they are read in batches, not one by one. */
const busyMs = 60

export interface ShipperOptions {
  database: Database
  /** The journal's folder. */
  directory: string
  prices: Record<string, Price>
  log: Log
  /** Called after a transaction that finished records, with how many: their workflows can start. */
  onRecorded?: (finished: number) => void
  /** Called when feedback was stored. */
  onFeedback?: () => void
}

export interface Shipper extends Loop {
  /** Since when the journal has been read to its end, in ms since 1970; 0 = not yet. */
  readonly caughtUpAt: number
  depth(): Promise<{ bytes: number; oldestAt: number | null }>
}

export function startShipper(options: ShipperOptions): Shipper {
  const { database, directory, prices, log, onRecorded = () => {}, onFeedback = () => {} } = options
  const reader = openJournalReader(directory)
  const headers = createSegmentHeaders(directory)
  const batches = new BatchStore({ database, headers, prices, log, onRecorded })
  let caughtUpAt = 0
  let busyUntil = 0

  async function step(): Promise<boolean> {
    try {
      return await shipBatch()
    } catch (error) {
      reader.rewind()
      throw error
    }
  }

  async function shipBatch(): Promise<boolean> {
    const batch = await reader.readBatch(maxBatchBytes, maxBatchEntries)
    if (batch.entries.length === 0 && batch.damaged.length === 0) {
      await reader.commit(batch.next)
      caughtUpAt = Date.now()
      return false
    }
    busyUntil = performance.now() + busyMs
    await reportDamage({ database, directory, headers, log }, batch)
    for (const { at } of batch.entries) await headers.load(at.segment)
    const { folds, opened, feedback } = foldEntries(batch.entries, headers.of)
    const stored = await findIntents(database, listUnopened(folds))
    await batches.store({ folds, opened, stored })
    await keepFeedback(database, headers, feedback)
    if (feedback.length > 0) onFeedback()
    await reader.commit(batch.next)
    return true
  }

  const loop = startLoop({ name: 'shipper', log, idleMs, maxIdleMs, step })
  const watcher = watchFolder(directory, () => {
    if (performance.now() > busyUntil) loop.wake()
  })
  return {
    wake: () => loop.wake(),
    get error() {
      return loop.error
    },
    get caughtUpAt() {
      return caughtUpAt
    },
    depth: () => reader.depth(),
    stop: async () => {
      watcher?.close()
      await loop.stop()
      await reader.close()
    },
  }
}

/** `null` = the folder's file system cannot say what changes. */
function watchFolder(directory: string, onChange: () => void): FSWatcher | null {
  try {
    return watch(directory, { persistent: false }, onChange).on('error', () => {})
  } catch {
    return null
  }
}

/** Exchanges whose intent came in an earlier batch. */
function listUnopened(folds: readonly Fold[]): string[] {
  return folds
    .filter(({ intent }) => intent === null)
    .map(({ exchangeId }) => exchangeId)
    .filter(isUuid)
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
