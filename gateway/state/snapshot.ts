/**
 * What the hot path reads of the learned: immutable, replaced whole. The last good copy lies in the data folder, so
 * that a cold start serves the same with every store away.
 */
import { mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SnapshotContent } from '../../db/words/snapshot.ts'
import type { PatternIndex } from '../../workflows/domain/patterns/identify.ts'
import { compileRules, type CompiledRules } from '../../workflows/domain/rules/compile.ts'
import { groupEnhancements, groupExperiments, type ExperimentsOfTeam, type ServedOfTeam } from './served.ts'

export interface Snapshot {
  /** Compares snapshots; empty before the first was loaded. */
  version: string
  /** Approved enhancements by team. Only teams that have one are there. */
  served: ReadonlyMap<string, ServedOfTeam>
  /** Transformation rules, compiled. */
  rules: CompiledRules
  /** What patterns each team has. Loaded by itself: it is large, and changes as the learner learns. */
  patterns: ReadonlyMap<string, PatternIndex>
  /** Running experiments by team. Only teams that have one are there. */
  experiments: ReadonlyMap<string, ExperimentsOfTeam>
}

export interface Snapshots {
  readonly current: Snapshot
  /** Milliseconds since PostgreSQL was last heard of; `Infinity` = never. */
  readonly ageMs: number
  /**
   * Serves this from the next request on, and keeps it for the next start. Called for each answer of PostgreSQL, news
   * or not.
   */
  replace(version: string, content: SnapshotContent): void
  replacePatterns(patterns: ReadonlyMap<string, PatternIndex>): void
}

const nothing: SnapshotContent = { enhancements: [], experiments: [], rules: [] }

/** Loads the last good copy of this data folder. `null` = in memory only, for tests. */
export function createSnapshots(dataDir: string | null): Snapshots {
  let current = dataDir === null ? toSnapshot('', nothing) : loadCopy(dataDir)
  let heardAt = dataDir === null ? Number.NEGATIVE_INFINITY : performance.now() - copyAgeMs(dataDir)
  return {
    get current() {
      return current
    },
    get ageMs() {
      return performance.now() - heardAt
    },
    replace(version, content) {
      heardAt = performance.now()
      if (version === current.version) return dataDir === null ? undefined : touchCopy(dataDir)
      current = { ...toSnapshot(version, content), patterns: current.patterns }
      if (dataDir !== null) saveCopy(dataDir, version, content)
    },
    replacePatterns(patterns) {
      current = { ...current, patterns }
    },
  }
}

export function toSnapshot(version: string, { enhancements, experiments, rules }: SnapshotContent): Snapshot {
  return {
    version,
    served: groupEnhancements(enhancements),
    experiments: groupExperiments(experiments),
    rules: compileRules(rules),
    patterns: new Map(),
  }
}

const copyFile = 'snapshot.json'

function loadCopy(dataDir: string): Snapshot {
  try {
    const { version, ...content } = JSON.parse(readFileSync(join(dataDir, copyFile), 'utf8')) as {
      version: string
    } & Partial<SnapshotContent>
    // A copy of an older version lacks what that version did not know.
    return toSnapshot(version, { ...nothing, ...content })
  } catch {
    // None yet, or one that cannot be read: prompts go as they are until PostgreSQL answers.
    return toSnapshot('', nothing)
  }
}

function saveCopy(dataDir: string, version: string, content: SnapshotContent): void {
  try {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(join(dataDir, `${copyFile}.new`), JSON.stringify({ version, ...content }), { mode: 0o600 })
    renameSync(join(dataDir, `${copyFile}.new`), join(dataDir, copyFile))
  } catch {
    // On a full disk the copy stays as it was; what is served is the new one all the same.
  }
}

/**
 * The copy's file tells when PostgreSQL was last heard of, so that a gateway that is started again knows how old it is.
 */
function touchCopy(dataDir: string): void {
  const now = new Date()
  try {
    utimesSync(join(dataDir, copyFile), now, now)
  } catch {
    // There is no copy to touch; the next start then waits for PostgreSQL.
  }
}

function copyAgeMs(dataDir: string): number {
  try {
    return Math.max(0, Date.now() - statSync(join(dataDir, copyFile)).mtimeMs)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
