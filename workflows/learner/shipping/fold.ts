/** Joins the journal entries of a batch to one record an exchange. No I/O. */
import type { Position } from '../../../db/journal/position-file.ts'
import type { Feedback, Intent, JournalEntry, Outcome } from '../../../db/journal/records.ts'

/** What a batch holds of one exchange: its intent, its last outcome, or both. */
export interface Fold {
  exchangeId: string
  /** Where its first entry of this batch stands. */
  at: Position
  intent: {
    header: Intent
    request: Buffer
    sent: Buffer | null
    journalId: string | null
    writerId: string | null
  } | null
  outcome: { header: Outcome; response: Buffer } | null
  /** All of it as it came, for quarantine. */
  entries: JournalEntry[]
}

/** A gateway opened the journal: what an earlier one left unfinished will never finish. */
export interface Opened {
  journalId: string
  writerId: string
  at: number
}

export interface Folded {
  folds: Fold[]
  opened: Opened | null
  feedback: { feedback: Feedback; at: Position }[]
}

/** `writer` answers who wrote the segment that a place lies in; `null` where its header is damaged. */
export function foldEntries(
  entries: { entry: JournalEntry; at: Position }[],
  writer: (segment: number) => Opened | null,
): Folded {
  const folds = new Map<string, Fold>()
  let opened: Opened | null = null
  const feedback: Folded['feedback'] = []
  for (const { entry, at } of entries) {
    if (entry.kind === 'opened') {
      opened = { journalId: entry.journal, writerId: entry.writer, at: entry.at }
      continue
    }
    if (entry.kind === 'feedback') {
      feedback.push({ feedback: entry.feedback, at })
      continue
    }
    const exchangeId = entry.kind === 'outcome' ? entry.outcome.id : entry.intent.id
    let fold = folds.get(exchangeId)
    if (fold === undefined) folds.set(exchangeId, (fold = { exchangeId, at, intent: null, outcome: null, entries: [] }))
    fold.entries.push(entry)
    if (entry.kind !== 'outcome') {
      const by = writer(at.segment)
      const sent = entry.kind === 'intent' ? entry.sent : null
      fold.intent = {
        header: entry.intent,
        request: entry.request,
        sent,
        journalId: by?.journalId ?? null,
        writerId: by?.writerId ?? null,
      }
    }
    if (entry.kind !== 'intent') fold.outcome = { header: entry.outcome, response: entry.response }
  }
  return { folds: [...folds.values()], opened, feedback }
}
