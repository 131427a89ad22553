/** What the learner's process and its mining thread say to each other. Types only. */
import type { TeamChanges } from '../../domain/mining/team-changes.ts'
import type { MinedPrompt, Override } from '../../domain/mining/types.ts'
import type { Opening } from '../../domain/patterns/opening.ts'

/** What was read of a request; `null` = there is no prompt in it. */
export type Taken = MinedPrompt | null

export interface Asks {
  /**
   * `firstPattern`: patterns get numbers from here on where there is no snapshot. Answers whether the snapshot could be
   * read.
   */
  open: { ask: { snapshot: Uint8Array | null; firstPattern: number }; answer: { restored: boolean } }
  /** Each request's pattern by the team's own names, and its opening where no template explains it. */
  learn: {
    ask: { taken: Taken[] }
    answer: TeamChanges & { patterns: (string | null)[]; openings: (Opening | null)[]; size: TeamSize }
  }
  find: { ask: { taken: Taken[] }; answer: { patterns: (string | null)[] } }
  apply: { ask: { override: Override }; answer: (TeamChanges & { pattern: string }) | { refused: string } }
  snapshot: { ask: object; answer: { snapshot: Uint8Array } }
  close: { ask: object; answer: object }
}

export interface TeamSize {
  evidence: number
  characters: number
  patterns: number
}

export type Question = {
  [Kind in keyof Asks]: { kind: Kind; team: string } & Asks[Kind]['ask']
}[keyof Asks]
