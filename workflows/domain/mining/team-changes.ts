/** What a batch of prompts, or a person's word, changes for exchanges that are stored already. Pure. */
import type { LineageEvent, MinedPattern } from './types.ts'

export interface TeamChanges {
  /** New patterns, and ones whose templates changed. */
  changed: MinedPattern[]
  events: LineageEvent[]
  /**
   * Stored exchanges of these patterns, and of these openings (by hash, with the pattern that explains prompts of it),
   * may belong elsewhere now.
   */
  review: { patterns: string[]; openings: [hash: string, pattern: string][] }
  /** Openings, once explained by a pattern, that have prompts outside it: they stand for themselves again. */
  contradicted: string[]
}

export function noChanges(): TeamChanges {
  return { changed: [], events: [], review: { patterns: [], openings: [] }, contradicted: [] }
}

/** Adds later changes to earlier ones; of a pattern that changed twice the later form counts. */
export function joinChanges(all: TeamChanges, more: TeamChanges): void {
  const changed = new Map([...all.changed, ...more.changed].map((pattern) => [pattern.id, pattern]))
  all.changed = [...changed.values()]
  all.events.push(...more.events)
  all.review = {
    patterns: [...new Set([...all.review.patterns, ...more.review.patterns])],
    openings: [...all.review.openings, ...more.review.openings],
  }
  all.contradicted = [...new Set([...all.contradicted, ...more.contradicted])]
}
