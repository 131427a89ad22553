/** What can be wrong with an answer that came: its codes, what each is worth, and how sure it is. Types and data. */
import type { OutcomeReason } from '../../../db/words/outcome.ts'

/** What an answer is worth that has this fault; the worst fault counts. */
export const faultScores = {
  refusal: 0,
  empty: 0,
  repetition: 0.1,
  invalid_json: 0.1,
  unknown_tool: 0.1,
  invalid_arguments: 0.1,
  tool_not_called: 0.1,
  schema_violation: 0.2,
  arguments_violation: 0.2,
  wrong_language: 0.2,
  unfinished: 0.25,
  open_place: 0.3,
} as const

export type FaultCode = keyof typeof faultScores

export interface AnswerFault extends OutcomeReason {
  code: FaultCode
  /** From 0 to 1; below `minFaultConfidence` it is a doubt. Absent = sure. */
  confidence?: number
}

/** What is less sure than this lowers nothing; it only says that somebody should look. */
export const minFaultConfidence = 0.5
