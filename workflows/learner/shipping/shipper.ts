/** Follows the journal and moves it into PostgreSQL, batch by batch. Its position moves on once a batch is stored. */
import type { Database } from '../../../db/database.ts'
import { encodeFrame } from '../../../db/journal/format.ts'
import { openJournalReader, type JournalBatch } from '../../../db/journal/reader.ts'
import type { Log } from '../../../db/process/log.ts'
import { storeFeedback } from '../../../db/repositories/outcomes/feedback.ts'
import { findIntents, ingest, type StoredIntent } from '../../../db/repositories/exchanges/ingest.ts'
import type { IngestRows } from '../../../db/repositories/exchanges/ingest-rows.ts'
import { findSessionLinks } from '../../../db/repositories/exchanges/session-links.ts'
import { attemptsMax, isRejectedRow, setAside } from '../../../db/repositories/system/quarantine.ts'
import type { Price } from '../../../db/words/config.ts'
import { findWantedLinks, readFolds, toBatchRows } from './batch-rows.ts'
import { foldEntries, type Fold, type Folded, type Opened } from './fold.ts'
import { startLoop, type Loop } from '../../../db/process/loop.ts'
import { createSegmentHeaders, readDamage } from './segment-headers.ts'

const batchBytesMax = 4 * 1024 * 1024
const batchEntriesMax = 500
const idleMs = 30

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

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function startShipper({
  database,
  directory,
  prices,
  log,
  onRecorded = () => {},
  onFeedback = () => {},
}: ShipperOptions): Shipper {
  const reader = openJournalReader(directory)
  const headers = createSegmentHeaders(directory)
  /** How often PostgreSQL has rejected an exchange so far; counted beyond a batch that has to be read again. */
  const attempts = new Map<string, number>()
  let caughtUpAt = 0

  async function step(): Promise<boolean> {
    const batch = await reader.readBatch(batchBytesMax, batchEntriesMax)
    if (batch.entries.length === 0 && batch.damaged.length === 0) {
      await reader.commit(batch.next)
      caughtUpAt = Date.now()
      return false
    }
    try {
      await reportDamage(batch)
      for (const { at } of batch.entries) await headers.load(at.segment)
      const { folds, opened, feedback } = foldEntries(batch.entries, headers.of)
      const stored = await findIntents(
        database,
        folds
          .filter((fold) => fold.intent === null)
          .map((fold) => fold.exchangeId)
          .filter(isUuid),
      )
      await store(folds, opened, stored)
      await keepFeedback(feedback)
      await reader.commit(batch.next)
    } catch (error) {
      reader.rewind()
      throw error
    }
    return true
  }

  /**
   * Stored once an id, so that a batch which is read again adds nothing. What PostgreSQL rejects is set aside by
   * itself.
   */
  async function keepFeedback(given: Folded['feedback']): Promise<void> {
    if (given.length === 0) return
    try {
      await storeFeedback(
        database,
        given.map(({ feedback }) => feedback),
      )
    } catch (error) {
      if (!isRejectedRow(error)) throw error
      const [first] = given
      if (given.length > 1) for (const one of given) await keepFeedback([one])
      else if (first) {
        const place = `${headers.of(first.at.segment)?.journalId ?? directory}/${first.at.segment}:${first.at.offset}`
        await setAside(database, {
          stage: 'record',
          exchangeId: first.feedback.exchangeId,
          place,
          error,
          payload: Buffer.concat(encodeFrame({ kind: 'feedback', feedback: first.feedback })),
        })
      }
    }
    onFeedback()
  }

  /** A batch that PostgreSQL rejects is halved until the exchange that is to blame stands alone. */
  async function store(folds: Fold[], opened: Opened | null, stored: Map<string, StoredIntent>): Promise<void> {
    try {
      const finished = await ingest(database, await toRows(folds, opened, stored))
      for (const { exchangeId } of folds) attempts.delete(exchangeId)
      if (finished > 0) onRecorded(finished)
    } catch (error) {
      if (!isRejectedRow(error)) throw error
      if (folds.length > 1) {
        const half = Math.ceil(folds.length / 2)
        await store(folds.slice(0, half), null, stored)
        await store(folds.slice(half), opened, stored)
      } else {
        await storeAlone(folds[0], opened, stored, error)
      }
    }
  }

  async function storeAlone(
    fold: Fold | undefined,
    opened: Opened | null,
    stored: Map<string, StoredIntent>,
    error: unknown,
  ): Promise<void> {
    if (fold === undefined) throw error
    const rejections = (attempts.get(fold.exchangeId) ?? 0) + 1
    attempts.set(fold.exchangeId, rejections)
    if (rejections < attemptsMax) return store([fold], opened, stored)
    await quarantine(fold, error)
    if (opened !== null) await store([], opened, stored)
  }

  async function quarantine(fold: Fold, error: unknown): Promise<void> {
    const place = `${headers.of(fold.at.segment)?.journalId ?? directory}/${fold.at.segment}:${fold.at.offset}`
    log.error(
      { exchange: fold.exchangeId, place, err: error instanceof Error ? error.message : String(error) },
      'PostgreSQL rejects a record; it is set aside in quarantine',
    )
    await setAside(database, {
      stage: 'record',
      exchangeId: fold.exchangeId,
      place,
      error,
      payload: Buffer.concat(fold.entries.flatMap(encodeFrame)),
    })
    attempts.delete(fold.exchangeId)
  }

  async function toRows(folds: Fold[], opened: Opened | null, stored: Map<string, StoredIntent>): Promise<IngestRows> {
    const batch = { folds, opened, stored, read: readFolds(folds, reportFault), reportFault }
    const links = await findSessionLinks(database, findWantedLinks(batch))
    const { rows, orphans } = toBatchRows(batch, links, prices)
    for (const fold of orphans) await quarantine(fold, 'an outcome without its intent')
    return rows
  }

  /** Its bytes are stored all the same: what could not be read of them is only not known. */
  function reportFault(exchangeId: string, error: unknown): void {
    log.error(
      { exchange: exchangeId, err: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      'a recorded body could not be read through a fault of our own; the record is stored without what it says',
    )
  }

  async function reportDamage(batch: JournalBatch): Promise<void> {
    for (const { at, bytes } of batch.torn)
      log.info(
        { segment: at.segment, offset: at.offset, bytes },
        'a segment ends in a torn record: its writer died while writing',
      )
    for (const { at, reason } of batch.damaged) {
      await headers.load(at.segment)
      const place = `${headers.of(at.segment)?.journalId ?? directory}/${at.segment}:${at.offset}`
      log.error({ place, reason }, 'the journal is damaged here; the piece is set aside in quarantine')
      const until = batch.entries.find((entry) => entry.at.segment === at.segment && entry.at.offset > at.offset)?.at
        .offset
      await setAside(database, {
        stage: 'journal',
        exchangeId: null,
        place,
        error: reason,
        payload: await readDamage(directory, at, until),
      })
    }
  }

  const loop = startLoop({ name: 'shipper', log, idleMs, step })
  return {
    wake: loop.wake,
    get error() {
      return loop.error
    },
    get caughtUpAt() {
      return caughtUpAt
    },
    depth: () => reader.depth(),
    stop: async () => {
      await loop.stop()
      await reader.close()
    },
  }
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
