/**
 * What the journal holds. A frame's payload is one JSON header and raw bodies, so that prompts and answers are written
 * as the bytes they came in: nothing is re-encoded on the hot path.
 */
import type { AnswerChange, ExchangeDecision, ExchangeStatus, ExchangeTimings, Usage } from '../words/exchange.ts'
import type { ExperimentMark } from '../words/experiment.ts'
import type { FeedbackValue } from '../words/outcome.ts'
import type { Family } from '../words/wire.ts'

/** What is known before the upstream is called. */
export interface Intent {
  id: string
  /** Milliseconds since 1970, for display; order comes from the id. */
  at: number
  dialect: Family
  endpoint: string
  keyName: string
  team: string
  /** Where teams share their patterns, whose these are. */
  patternTeam?: string
  /** As the caller wrote it, prefix included. */
  requestedModel: string | null
  provider: string | null
  /** As it is sent upstream. */
  model: string | null
  stream: boolean
  /** The upstream's URL; it never carries a secret. */
  target: string | null
  /** Names in lower case; credentials are never among them. */
  headers: [string, string][]
  /** The conversation, where the client names it. */
  sessionKey: string | null
  endUser: string | null
  enhancementId: string | null
  /** What the names of the client's tools have in front at the upstream. */
  namespacePrefix?: string
  /** Bytes of the caller's body, also when it was too big to be kept. */
  requestBytes: number
  /** The experiment the exchange takes part in, and its arm. */
  experiment?: ExperimentMark
  /** Why it went as it did; without it nothing was decided but the provider. */
  decision?: ExchangeDecision
}

/** How it ended. A later outcome of the same exchange replaces an earlier one: the last wins. */
export interface Outcome {
  id: string
  at: number
  status: ExchangeStatus
  /** What the caller saw; `null` when it left before the status line. */
  httpStatus: number | null
  /** Sinew's own error, by its code; `null` when the answer is the upstream's. */
  errorCode: string | null
  headers: [string, string][]
  /** Milliseconds from the request's arrival, by the monotonic clock. */
  timings: ExchangeTimings
  /** Bytes of the answer as the caller got it; the kept body may be shorter. */
  responseBytes: number
  /** SHA-256 of the whole answer in hex where the kept body is only its beginning, else `null`. */
  responseDigest: string | null
  /**
   * As the upstream stated it, where the answer was changed on its way; `null` = it stated none, whatever the caller's
   * dialect had to say.
   */
  usage?: Usage | null
  /** What changed between the upstream and the caller; without it the bytes are the upstream's. */
  change?: AnswerChange
}

/** What a caller says of an exchange, its own or one of its team's; that exchange may come later, or never. */
export interface Feedback {
  /** The caller's own; sent again it is the same feedback. */
  id: string
  exchangeId: string
  team: string
  keyName: string
  metric: string
  value: FeedbackValue
  comment: string | null
  at: number
}

/** `refused`: Sinew itself answered, so intent and outcome are known at once. `opened` heads every segment. */
export type JournalEntry =
  | { kind: 'opened'; journal: string; writer: string; at: number; pid: number }
  | { kind: 'intent'; intent: Intent; request: Buffer; sent: Buffer | null }
  | { kind: 'outcome'; outcome: Outcome; response: Buffer }
  | { kind: 'refused'; intent: Intent; outcome: Outcome; request: Buffer; response: Buffer }
  | { kind: 'feedback'; feedback: Feedback }
