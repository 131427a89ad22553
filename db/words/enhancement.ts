/**
 * An enhancement: a proposed change to a prompt, and what people and checks say of it. Types only: every folder may
 * import this file.
 */

/** A prompt's parts that an enhancement may change; slots are written `{{name}}`; `null` = there is none. */
export interface PromptTemplate {
  system: string | null
  template: string | null
}

/** What a changed template does. */
export type ProposalKind = 'clarify' | 'add_context' | 'restructure' | 'constrain_output' | 'shorten'

/** What the analyst answers through its forced tool; `null` = unchanged. */
export interface Proposal extends PromptTemplate {
  reason: string
  risks: string[]
  kind?: ProposalKind | undefined
  /** By how much the success rate is thought to rise: 0.2 = from 60 % to 80 %. */
  expectedGain?: number | undefined
}

/** One thing that was looked at before a person may approve. */
export interface ProposalCheck {
  name: string
  passed: boolean
  /** What was looked at, or what is wrong. */
  note: string
  /** Set on a named risk: it does not refuse the proposal, but a person must accept it before approving. */
  risk?: NamedRisk | undefined
}

/** A change of what the prompt promises to its callers, as a person has to see it. */
export interface NamedRisk {
  /** What an approval names to accept it; stable within one version of the proposal. */
  id: string
  removed: string | null
  added: string | null
}

/** One person's yes, where two are asked for; it holds for the version that was seen. */
export interface Approval {
  person: string
  at: string
  version: number
  mode: string
  reason: string | null
  /** The named risks that the person accepted; absent where there were none. */
  acceptedRisks?: string[] | undefined
}

/** Stored requests, failed and successful ones, each sent again with the template as it was and as it was changed. */
export interface ReplayComparison {
  /** Requests that could be judged under both. */
  pairs: number
  /** Mean share that worked. */
  original: number
  enhanced: number
  /** Changed minus original, with its 95 % interval. */
  difference: number
  low: number
  high: number
  /** Requests that worked more often, and less often, with the change. */
  repaired: number
  broken: number
}

export interface ReplayResult extends ReplayComparison {
  calls: number
}

/** `withdrawn`: taken back after its approval, by a person or because its experiment ended without a promotion. */
export type EnhancementState =
  | 'drafting'
  | 'proposed'
  | 'snoozed'
  | 'approved'
  | 'rejected'
  | 'failed'
  | 'expired'
  | 'withdrawn'

/** One approved enhancement as the hot path needs it. */
export interface ServedEnhancement {
  enhancementId: string
  patternId: string
  team: string
  /** Of the opening it was written for; null = for a learned pattern. */
  openingHash: string | null
  original: PromptTemplate
  enhanced: PromptTemplate
}
