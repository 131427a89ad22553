/** Turns the exchanges of a batch into the rows of one transaction, in the order in which they came. No I/O. */
import type { StoredIntent } from '../../../db/repositories/exchanges/ingest.ts'
import { createBodies, type IngestRows } from '../../../db/repositories/exchanges/ingest-rows.ts'
import type { SessionLink } from '../../../db/repositories/exchanges/session-links.ts'
import type { Price } from '../../../db/words/config.ts'
import { Conversations, toWantedLinks } from './derive-sessions.ts'
import type { Fold, Opened } from './fold.ts'
import {
  readIntent,
  readOutcome,
  toLinks,
  toOutcomeRow,
  toRequestRow,
  toResponseRow,
  type ReadIntent,
  type ReadOutcome,
} from './record.ts'

export interface Batch {
  folds: Fold[]
  opened: Opened | null
  /** Intents of earlier batches, by exchange. */
  stored: ReadonlyMap<string, StoredIntent>
  /** What was read of the requests of this batch, by exchange. */
  read: ReadonlyMap<string, ReadIntent>
  reportFault: ReportFault
}

/** Told of bodies that our own code failed to read. */
export type ReportFault = (exchangeId: string, error: unknown) => void

const nothing = Buffer.alloc(0)

export function readFolds(folds: readonly Fold[], reportFault: ReportFault): Map<string, ReadIntent> {
  const read = new Map<string, ReadIntent>()
  for (const { exchangeId, intent } of folds) {
    if (intent === null) continue
    const request = orWithout(
      () => readIntent(intent),
      () => readIntent({ ...intent, request: nothing }),
      (error) => reportFault(exchangeId, error),
    )
    read.set(exchangeId, request)
  }
  return read
}

/** A fault in reading one body holds up no other record, nor its own: it is read as though no body had been kept. */
function orWithout<Read>(read: () => Read, readWithout: () => Read, report: (error: unknown) => void): Read {
  try {
    return read()
  } catch (error) {
    report(error)
    return readWithout()
  }
}

/** What must be looked up to know the conversations of requests whose client names none. */
export function findWantedLinks({ folds, read }: Pick<Batch, 'folds' | 'read'>): Pick<SessionLink, 'team' | 'link'>[] {
  return folds.flatMap(({ exchangeId, intent }) => {
    const request = read.get(exchangeId)
    if (intent === null || request === undefined || request.columns.session_key !== null) return []
    return toWantedLinks(request.place).map((link) => ({ team: intent.header.team, link }))
  })
}

/** `orphans`: outcomes without an intent. */
export function toBatchRows(
  { folds, opened, stored, read, reportFault }: Batch,
  links: readonly SessionLink[],
  prices: Record<string, Price>,
): { rows: IngestRows; orphans: Fold[] } {
  const rows: IngestRows = {
    requests: [],
    outcomes: [],
    responses: [],
    sessionLinks: [],
    opened,
    requestBodies: createBodies(),
    responseBodies: createBodies(),
  }
  const orphans: Fold[] = []
  const conversations = new Conversations(links)
  for (const fold of folds) {
    const { exchangeId, intent, outcome } = fold
    const row = addRequest(rows, fold, read.get(exchangeId), conversations)
    const request: StoredIntent | undefined =
      intent && row
        ? { ...intent.header, sessionKey: row.session_key, conversationLink: row.conversation_link }
        : stored.get(exchangeId)
    if (request === undefined) orphans.push(fold)
    else if (outcome !== null) {
      const answer = orWithout(
        () => readOutcome(outcome, request),
        () => readOutcome({ ...outcome, response: nothing }, request),
        (error) => reportFault(exchangeId, error),
      )
      const ending = toOutcomeRow(outcome, answer)
      if (row === null) rows.outcomes.push(ending)
      else Object.assign(row, ending)
      rows.responses.push(toResponseRow(outcome, request, prices, rows.responseBodies, answer))
      leaveLinks(conversations, request, answer)
    }
  }
  rows.sessionLinks = conversations.changes
  return { rows, orphans }
}

/** `null` = the intent came in an earlier batch. */
function addRequest(
  rows: IngestRows,
  { exchangeId, intent }: Fold,
  read: ReadIntent | undefined,
  conversations: Conversations,
): IngestRows['requests'][number] | null {
  if (intent === null || read === undefined) return null
  const row = toRequestRow(intent, rows.requestBodies, read)
  row.session_key ??= conversations.join(exchangeId, row.team, read.place)
  rows.requests.push(row)
  return row
}

/** Later requests are found by them to go on with this exchange. */
function leaveLinks(
  conversations: Conversations,
  { id, team, endpoint, sessionKey, conversationLink }: StoredIntent,
  answer: ReadOutcome,
): void {
  if (sessionKey !== null) conversations.answered(id, team, sessionKey, toLinks(endpoint, conversationLink, answer))
}
