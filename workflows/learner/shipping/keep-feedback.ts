/** Stores the feedback of a batch. What PostgreSQL rejects is set aside by itself. */
import type { Database } from '../../../db/database.ts'
import { encodeFrame } from '../../../db/journal/format.ts'
import { storeFeedback } from '../../../db/repositories/outcomes/feedback.ts'
import { isRejectedRow, setAside } from '../../../db/repositories/system/quarantine.ts'
import type { Folded } from './fold.ts'
import type { SegmentHeaders } from './segment-headers.ts'

/** Stored once an id, so that a batch which is read again adds nothing. */
export async function keepFeedback(
  database: Database,
  headers: SegmentHeaders,
  entries: Folded['feedback'],
): Promise<void> {
  const [first] = entries
  if (first === undefined) return
  try {
    await storeFeedback(
      database,
      entries.map(({ feedback }) => feedback),
    )
  } catch (error) {
    if (!isRejectedRow(error)) throw error
    if (entries.length > 1) for (const entry of entries) await keepFeedback(database, headers, [entry])
    else
      await setAside(database, {
        stage: 'record',
        exchangeId: first.feedback.exchangeId,
        place: headers.nameOf(first.at),
        error,
        payload: Buffer.concat(encodeFrame({ kind: 'feedback', feedback: first.feedback })),
      })
  }
}
