/** A reanalysis: stored exchanges learned from once more. Types only: every folder may import this file. */

export type ReanalysisState = 'queued' | 'running' | 'paused' | 'completed' | 'cancelled' | 'failed'

/** What a reanalysis may use at most; absent = no limit of its own (the analyst's daily caps hold in any case). */
export interface ReanalysisCaps {
  maxPerSecond?: number | undefined
  maxClaudeCalls?: number | undefined
  maxUsd?: number | undefined
}
