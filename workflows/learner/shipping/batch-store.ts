/** Stores the exchanges of a batch, and finds out which one is to blame when PostgreSQL rejects them. */
import type { Database } from '../../../db/database.ts'
import { encodeFrame } from '../../../db/journal/format.ts'
import type { Log } from '../../../db/process/log.ts'
import type { IngestRows } from '../../../db/repositories/exchanges/ingest-rows.ts'
import { ingest, type StoredIntent } from '../../../db/repositories/exchanges/ingest.ts'
import { findSessionLinks } from '../../../db/repositories/exchanges/session-links.ts'
import { attemptsMax, isRejectedRow, setAside } from '../../../db/repositories/system/quarantine.ts'
import type { Price } from '../../../db/words/config.ts'
import { findWantedLinks, readFolds, toBatchRows } from './batch-rows.ts'
import type { Fold, Opened } from './fold.ts'
import type { SegmentHeaders } from './segment-headers.ts'

export interface BatchStoreOptions {
  database: Database
  headers: SegmentHeaders
  prices: Record<string, Price>
  log: Log
  /** Called after a transaction that finished records, with how many. */
  onRecorded: (finished: number) => void
}

export interface FoldedBatch {
  folds: Fold[]
  opened: Opened | null
  /** Intents of earlier batches, by exchange. */
  stored: ReadonlyMap<string, StoredIntent>
}

export class BatchStore {
  readonly #options: BatchStoreOptions
  /** How often PostgreSQL has rejected an exchange so far; counted beyond a batch that has to be read again. */
  readonly #attempts = new Map<string, number>()

  constructor(options: BatchStoreOptions) {
    this.#options = options
  }

  /** A batch that PostgreSQL rejects is halved until the exchange that is to blame stands alone. */
  async store(batch: FoldedBatch): Promise<void> {
    const { folds, opened, stored } = batch
    try {
      const finished = await ingest(this.#options.database, await this.#toRows(batch))
      for (const { exchangeId } of folds) this.#attempts.delete(exchangeId)
      if (finished > 0) this.#options.onRecorded(finished)
    } catch (error) {
      if (!isRejectedRow(error)) throw error
      const [first] = folds
      if (first === undefined) throw error
      if (folds.length === 1) return this.#storeAlone(first, batch, error)
      const half = Math.ceil(folds.length / 2)
      await this.store({ folds: folds.slice(0, half), opened: null, stored })
      await this.store({ folds: folds.slice(half), opened, stored })
    }
  }

  async #storeAlone(fold: Fold, batch: FoldedBatch, error: unknown): Promise<void> {
    const rejections = (this.#attempts.get(fold.exchangeId) ?? 0) + 1
    this.#attempts.set(fold.exchangeId, rejections)
    if (rejections < attemptsMax) return this.store(batch)
    await this.#quarantine(fold, error)
    if (batch.opened !== null) await this.store({ ...batch, folds: [] })
  }

  async #quarantine(fold: Fold, error: unknown): Promise<void> {
    const { database, headers, log } = this.#options
    const place = headers.nameOf(fold.at)
    log.error(
      { exchange: fold.exchangeId, place, err: error instanceof Error ? error.message : String(error) },
      'PostgreSQL rejects a record; it is set aside in quarantine',
    )
    const payload = Buffer.concat(fold.entries.flatMap(encodeFrame))
    await setAside(database, { stage: 'record', exchangeId: fold.exchangeId, place, error, payload })
    this.#attempts.delete(fold.exchangeId)
  }

  async #toRows(folded: FoldedBatch): Promise<IngestRows> {
    const { database, prices, log } = this.#options
    const reportFault = (exchangeId: string, error: unknown): void => reportOwnFault(log, exchangeId, error)
    const batch = { ...folded, read: readFolds(folded.folds, reportFault), reportFault }
    const links = await findSessionLinks(database, findWantedLinks(batch))
    const { rows, orphans } = toBatchRows(batch, links, prices)
    for (const fold of orphans) await this.#quarantine(fold, 'an outcome without its intent')
    return rows
  }
}

/** The bytes of such an exchange are stored all the same; only what they say stays unknown. */
function reportOwnFault(log: Log, exchangeId: string, error: unknown): void {
  log.error(
    { exchange: exchangeId, err: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    'a recorded body could not be read through a fault of our own; the record is stored without what it says',
  )
}
