/** What the shipper hands over for one transaction: rows as the tables have them, and the bodies beside them. */
import type { Selectable } from 'kysely'
import type { Tables } from '../../database.ts'
import type { ExperimentMark } from '../../words/experiment.ts'
import type { SessionLink } from './session-links.ts'

/** Where a body stands among the bodies that go to PostgreSQL with its batch. */
export interface Slice {
  at: number
  bytes: number
}

/** All bodies of a batch as one binary parameter: they are neither copied into text nor escaped. */
export interface Bodies {
  add(body: Buffer): Slice
  concat(): Buffer
}

type RequestColumns = Selectable<Tables['requests']>

/** Columns that others fill: the outcome, the bodies' places in the batch, and what is learned. */
type FilledApart =
  | Exclude<keyof OutcomeRow, 'id'>
  | 'session_id'
  | 'original_body'
  | 'sent_body'
  | 'recorded_in'
  | 'pattern_id'
  | 'verdict'
  | 'verdict_reason'
  | 'outcome_score'
  | 'outcome_reasons'
  | 'outcome_confidence'
  | 'own_verdict'
  | 'next_turn'
  | 'next_turn_by'
  | 'learned_at'
  | 'workflow_started_at'
  | 'workflow_attempts'

/** Every other column, and what becomes rows of other tables. */
export type RequestRow = Omit<RequestColumns, FilledApart> & {
  session_key: string | null
  original: Slice | null
  sent: Slice | null
  experiment: ExperimentMark | null
}

export type OutcomeRow = Pick<RequestColumns, 'id' | 'status' | 'http_status' | 'error_code' | 'timings'> & {
  finished_at: string
}

export type ResponseRow = Omit<Selectable<Tables['responses']>, 'body'> & { body: Slice }

export interface IngestRows {
  /** An exchange whose outcome came in the same batch has it here at once. */
  requests: (RequestRow & Partial<OutcomeRow>)[]
  /** Outcomes of exchanges whose intent is stored already. */
  outcomes: OutcomeRow[]
  responses: ResponseRow[]
  /** By what later requests are found to go on with these, and which earlier ones these go on with. */
  sessionLinks: SessionLink[]
  /** A new gateway opened the journal: its predecessors' unfinished exchanges are over. */
  opened: { journalId: string; writerId: string; at: number } | null
  requestBodies: Bodies
  responseBodies: Bodies
}

export function createBodies(): Bodies {
  const parts: Buffer[] = []
  let total = 0
  return {
    add: (body) => {
      parts.push(body)
      const slice = { at: total, bytes: body.length }
      total += body.length
      return slice
    },
    concat: () => Buffer.concat(parts, total),
  }
}
