/** What the miner remembers, in memory and as plain JSON. Pure. */
import { clipText, toSequence, type Sequence } from './sequence.ts'
import type { Limits, MinedPattern, MinedPrompt, MinedTemplate } from './types.ts'

/** One prompt kept as evidence. */
export interface Row {
  /** The sequence number it was learned under. */
  id: number
  prompt: MinedPrompt
  /** The group it was last seen in; 0 = none. */
  group: number
  /** The pattern it counts for: the group's, after what people said. */
  pattern: string | null
  sequence: Sequence
}

/** A group of prompts that clustering found, under a number that outlives re-clustering. */
export interface KnownGroup {
  id: number
  template: MinedTemplate
  version: number
  lastSeen: number
  /** Prompts that have followed the template since it changed last. */
  fits: number
}

/**
 * What is counted and said of a pattern; a pattern is one group, several merged ones, or a part split off by a person.
 */
export type PatternRecord = Pick<MinedPattern, 'title' | 'muted' | 'count' | 'firstSeen' | 'lastSeen'>

/** A person split `pattern`: prompts that hold `containing` are `into`. */
export interface SplitRule {
  pattern: string
  containing: string
  into: string
}

export interface MinerState {
  sequence: number
  /** Prompts since the last clustering began that it may change. */
  pending: number
  /** A clustering under way: of the prompts up to a number, so many portions done. */
  running: { upTo: number; steps: number } | null
  nextId: number
  rows: Map<number, Row>
  groups: Map<number, KnownGroup>
  records: Map<string, PatternRecord>
  /** Merged pattern → the one it became part of. */
  merged: Map<string, string>
  rules: SplitRule[]
  characters: number
}

/** Plain JSON; version 1. The sequences are not in it: they follow from the texts. */
export interface MinerSnapshot {
  version: 1
  sequence: number
  pending: number
  running: MinerState['running']
  nextId: number
  rows: Omit<Row, 'sequence'>[]
  groups: KnownGroup[]
  records: [string, PatternRecord][]
  merged: [string, string][]
  rules: SplitRule[]
}

export function createState(): MinerState {
  return {
    sequence: 0,
    pending: 0,
    running: null,
    nextId: 1,
    rows: new Map(),
    groups: new Map(),
    records: new Map(),
    merged: new Map(),
    rules: [],
    characters: 0,
  }
}

/** O(characters of the evidence). The snapshot shares nothing with the state. */
export function toSnapshot(state: MinerState): MinerSnapshot {
  const { sequence, pending, running, nextId } = state
  const rows = [...state.rows.values()].map(({ id, prompt, group, pattern }) => ({ id, prompt, group, pattern }))
  return structuredCopy({
    version: 1 as const,
    sequence,
    pending,
    running,
    nextId,
    rows,
    groups: [...state.groups.values()],
    records: [...state.records],
    merged: [...state.merged],
    rules: state.rules,
  })
}

/** O(characters of the evidence). */
export function fromSnapshot(source: MinerSnapshot): MinerState {
  if (source.version !== 1)
    throw new Error(
      `the snapshot of learned patterns has version ${String(source.version)}; this program reads version 1`,
    )
  const snapshot = structuredCopy(source)
  const rows = new Map(snapshot.rows.map((row) => [row.id, { ...row, sequence: toSequence(row.prompt) }]))
  return {
    sequence: snapshot.sequence,
    pending: snapshot.pending,
    running: snapshot.running,
    nextId: snapshot.nextId,
    rows,
    groups: new Map(snapshot.groups.map((group) => [group.id, group])),
    records: new Map(snapshot.records),
    merged: new Map(snapshot.merged),
    rules: snapshot.rules,
    characters: snapshot.rows.reduce((sum, row) => sum + sizeOf(row.prompt), 0),
  }
}

/** `structuredClone` is not in every sandbox; the state is JSON by definition. */
function structuredCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

export function sizeOf(prompt: MinedPrompt): number {
  return (prompt.system?.length ?? 0) + (prompt.user?.length ?? 0)
}

export function clipPrompt(prompt: MinedPrompt, limits: Limits): MinedPrompt {
  return {
    ...prompt,
    system: clipText(prompt.system, limits.maxPromptCharacters),
    user: clipText(prompt.user, limits.maxPromptCharacters),
  }
}
