/** Reports what of the journal cannot be read, and sets the damaged pieces aside. */
import type { Database } from '../../../db/database.ts'
import type { JournalBatch } from '../../../db/journal/reader.ts'
import type { Log } from '../../../db/process/log.ts'
import { setAside } from '../../../db/repositories/system/quarantine.ts'
import { readDamage, type SegmentHeaders } from './segment-headers.ts'

export interface DamageDependencies {
  database: Database
  /** The journal's folder. */
  directory: string
  headers: SegmentHeaders
  log: Log
}

export async function reportDamage(
  { database, directory, headers, log }: DamageDependencies,
  batch: JournalBatch,
): Promise<void> {
  for (const { at, bytes } of batch.torn)
    log.info(
      { segment: at.segment, offset: at.offset, bytes },
      'a segment ends in a torn record: its writer died while writing',
    )
  for (const { at, reason } of batch.damaged) {
    await headers.load(at.segment)
    const place = headers.nameOf(at)
    log.error({ place, reason }, 'the journal is damaged here; the piece is set aside in quarantine')
    const next = batch.entries.find((entry) => entry.at.segment === at.segment && entry.at.offset > at.offset)
    const payload = await readDamage(directory, at, next?.at.offset)
    await setAside(database, { stage: 'journal', exchangeId: null, place, error: reason, payload })
  }
}
