/** An outcome: whether an exchange worked. Types only: every folder may import this file. */

/** Whether an exchange worked. `none`: no verdict can be given (429, 5xx, timeouts, cancelled calls). */
export type Verdict = 'success' | 'failure' | 'none'

/** One thing that was found of an exchange's outcome: a code for programs, words for people. */
export interface OutcomeReason {
  code: string
  message: string
}

/** What a caller says of an exchange: yes or no, a grade from 0 to 1, or a label of its own. */
export type FeedbackValue = boolean | number | string

/** What the user's next message says of the answer before it. */
export type NextTurn = 'asked_again' | 'corrected' | 'thanked' | 'went_on'

/** What a provider said of a failure: its own code, and its words. */
export interface AnswerFailureWords {
  code: string
  message: string
}
