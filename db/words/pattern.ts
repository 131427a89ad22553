/** A pattern: a learned prompt template and what is known of it. Types only: every folder may import this file. */

/** `learned`: a template was found; `opening`: so far its prompts only begin alike. */
export type PatternSource = 'opening' | 'learned'

/** `retired`: too few prompts follow it any more. A merged one is answered by what it became part of. */
export type PatternState = 'active' | 'retired' | 'merged'

/** A note on a pattern: a code for programs, words for people. */
export interface Suggestion {
  code: string
  message: string
  at: string
}

/** What happened to a pattern. */
export type LineageKind = 'found' | 'split' | 'merged' | 'retired' | 'revived' | 'renamed' | 'muted' | 'unmuted'
