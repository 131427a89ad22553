/** What the learner's process and its mining thread say to each other. Types only. */
import type { Wire } from '../../../db/words/wire.ts'
import type { TeamChanges } from '../../domain/mining/team-miner.ts'
import type { Override } from '../../domain/mining/types.ts'
import type { LearnedOpening } from './mining-thread.ts'

/** A request whose prompt is to be read; `body` is `null` where none can be. */
export interface Taken {
  wire: Wire | null
  body: Uint8Array | null
}

export interface Asks {
  /**
   * `firstPattern`: patterns get numbers from here on where there is no snapshot. Answers whether the snapshot could be
   * read.
   */
  open: { ask: { snapshot: Uint8Array | null; firstPattern: number }; answer: { restored: boolean } }
  /** Each request's pattern by the team's own names, and its opening where no template explains it. */
  learn: {
    ask: { taken: Taken[] }
    answer: TeamChanges & { patterns: (string | null)[]; openings: (LearnedOpening | null)[]; size: TeamSize }
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
  [Kind in keyof Asks]: { id: number; kind: Kind; team: string } & Asks[Kind]['ask']
}[keyof Asks]

export type Answer = { id: number; answer: object } | { id: number; error: string; ownFault: boolean }
