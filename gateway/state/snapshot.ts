/**
 * What the hot path reads of the learned: immutable, replaced whole. The last good copy lies in the data folder, so that
 * a cold start serves the same with every store away.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServedEnhancement, SnapshotContent } from '../../db/types.ts'

export interface Snapshot {
  /** Compares snapshots; empty before the first was loaded. */
  version: string
  /** Approved enhancements by team, then by pattern hash. Only teams that have one are there. */
  served: ReadonlyMap<string, ReadonlyMap<string, ServedEnhancement>>
}

export interface Snapshots {
  readonly current: Snapshot
  /** Serves this from the next request on, and keeps it for the next start. */
  replace(version: string, content: SnapshotContent): void
}

const nothing: SnapshotContent = { enhancements: [] }

/** Loads the last good copy of this data folder. `null` = in memory only, for tests. */
export function createSnapshots(dataDir: string | null): Snapshots {
  let current = dataDir === null ? toSnapshot('', nothing) : loadCopy(dataDir)
  return {
    get current() {
      return current
    },
    replace(version, content) {
      if (version === current.version) return
      current = toSnapshot(version, content)
      if (dataDir !== null) saveCopy(dataDir, version, content)
    },
  }
}

export function toSnapshot(version: string, { enhancements }: SnapshotContent): Snapshot {
  const served = new Map<string, Map<string, ServedEnhancement>>()
  for (const enhancement of enhancements) {
    const team = served.get(enhancement.team) ?? new Map<string, ServedEnhancement>()
    served.set(enhancement.team, team.set(enhancement.patternHash, enhancement))
  }
  return { version, served }
}

const copyFile = 'snapshot.json'

function loadCopy(dataDir: string): Snapshot {
  try {
    const { version, ...content } = JSON.parse(readFileSync(join(dataDir, copyFile), 'utf8')) as { version: string } & Partial<SnapshotContent>
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
