/** What the miner takes and gives. Types and limits only. */

/** One prompt as the miner sees it. */
export interface MinedPrompt {
  /** The tools on offer, as one string (see tools.ts): prompts with and without tools never share a pattern. */
  structure: string
  system: string | null
  user: string | null
  /** Names its conversation, where that is known: its later turns repeat its first prompt and are no prompts of their own. */
  conversation?: string | null
}

/** A fixed text, or the name of a slot. No two neighbours are of the same kind. */
export type TemplatePart = { fixed: string } | { slot: string }

/** One fixed form of a pattern. */
export interface MinedTemplate {
  /** Its tools (see tools.ts); empty = it offers none. */
  structure: string
  /** So many of its tools are enough; half of them where nothing else is said. */
  leastTools?: number
  system: TemplatePart[] | null
  user: TemplatePart[] | null
  /** Texts a person demanded or ruled out when splitting the pattern; a prompt must hold all and none of them. */
  requires: string[]
  excludes: string[]
  /** Tokens of fixed text: of two forms that fit, the one that fixes more wins. */
  weight: number
}

export interface MinedPattern {
  id: string
  /** Several when a person merged patterns. */
  templates: MinedTemplate[]
  title: string | null
  muted: boolean
  /** Prompts seen, and the sequence numbers of the first and the last. */
  count: number
  firstSeen: number
  lastSeen: number
  /** Rises when the templates change: enhancements are bound to one version. */
  version: number
}

/** What happened to patterns, in words for people. */
export type LineageEvent =
  | { kind: 'found'; pattern: string; reason: string }
  | { kind: 'split'; pattern: string; into: string[]; reason: string }
  | { kind: 'merge'; pattern: string; from: string; reason: string }
  | { kind: 'retired'; pattern: string; reason: string }

/** What people may say; it outlives every re-clustering. */
export type Override =
  | { kind: 'merge'; from: string; into: string }
  | { kind: 'split'; pattern: string; containing: string }
  | { kind: 'rename'; pattern: string; title: string | null }
  | { kind: 'mute'; pattern: string; muted: boolean }

export interface Limits {
  /** Prompts kept as evidence: what exceeds it is forgotten (see forgetting.ts). */
  maxEvidence: number
  maxEvidenceCharacters: number
  /** Longer texts are learned from by their beginning (three quarters) and end. */
  maxPromptCharacters: number
  /** Examples kept of a pattern whose template changes no more, an even sample that ages. */
  maxExamples: number
  maxPatterns: number
  /** Sets of prompts that one clustering looks at. */
  maxCandidates: number
  maxOverrides: number
  /**
   * Clustering starts when this many prompts came since the last one, or an eighth of the evidence if that is more:
   * with few prompts at once.
   */
  clusterEvery: number
}

export const defaultLimits: Limits = {
  maxEvidence: 6144,
  maxEvidenceCharacters: 4_000_000,
  maxPromptCharacters: 16_384,
  maxExamples: 16,
  maxPatterns: 10_000,
  maxCandidates: 40_000,
  maxOverrides: 10_000,
  clusterEvery: 4,
}
