/**
 * Keeps each team's patterns in memory, as its miner published them last. Sets are large, and requests are served
 * meanwhile: they are unpacked, read and indexed in pieces of a few milliseconds. The last good copies lie in the data
 * folder.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Pool } from 'pg'
import type { Log } from '../../db/process/log.ts'
import { readPatternSet, readSetVersions } from '../../db/repositories/patterns/published-patterns.ts'
import { buildPatternIndex, type PatternIndex, type PatternSet } from '../../workflows/domain/patterns/identify.ts'
import type { Snapshots } from './snapshot.ts'

export interface PatternSets {
  /** Loads what is new. Never throws; of calls while one is under way the last counts. */
  refresh(connection: Pick<Pool, 'query'>): Promise<void>
}

const unpack = promisify(gunzip)
/** Larger ones are not what a learner writes. */
const maxSetBytes = 256 * 1024 * 1024
/** What is done in one go, before requests have their turn again. */
const sliceMs = 4
const folder = 'patterns'

type ServedSnapshots = Pick<Snapshots, 'current' | 'replacePatterns'>

/** Begins with the copies of this data folder; `null` = in memory only. */
export function openPatternSets(
  dataDir: string | null,
  snapshots: ServedSnapshots,
  log: Pick<Log, 'info' | 'warn'>,
): PatternSets {
  return new LoadedSets(dataDir, snapshots, log)
}

class LoadedSets implements PatternSets {
  private readonly dataDir: string | null
  private readonly snapshots: ServedSnapshots
  private readonly log: Pick<Log, 'info' | 'warn'>
  private readonly versions = new Map<string, string>()
  private loading: Promise<void> | null
  private again: Pick<Pool, 'query'> | null = null

  constructor(dataDir: string | null, snapshots: ServedSnapshots, log: Pick<Log, 'info' | 'warn'>) {
    this.dataDir = dataDir
    this.snapshots = snapshots
    this.log = log
    this.loading = dataDir === null ? null : this.loadCopies(dataDir).finally(() => (this.loading = null))
  }

  async refresh(connection: Pick<Pool, 'query'>): Promise<void> {
    this.again = connection
    while (this.loading !== null) await this.loading
    if (this.again === null) return
    this.again = null
    await (this.loading = this.load(connection).finally(() => {
      this.loading = null
    }))
  }

  private async loadCopies(from: string): Promise<void> {
    try {
      for (const file of await readdir(join(from, folder))) {
        if (!file.endsWith('.json')) continue
        const { team, version, set } = JSON.parse(await readFile(join(from, folder, file), 'utf8')) as {
          team: string
          version: string
          set: string
        }
        if (!this.versions.has(team)) await this.use(team, version, Buffer.from(set, 'base64'))
      }
    } catch {
      // None yet, or one that cannot be read: prompts go unidentified until PostgreSQL answers.
    }
  }

  private async load(connection: Pick<Pool, 'query'>): Promise<void> {
    try {
      for (const [team, version] of await readSetVersions(connection)) {
        if (this.versions.get(team) === version) continue
        const stored = await readPatternSet(connection, team)
        if (stored === null) continue
        await this.use(team, stored.version, stored.set)
        if (this.dataDir !== null) await saveCopy(this.dataDir, team, stored)
      }
    } catch (error) {
      this.log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'patterns cannot be loaded from PostgreSQL; the last known ones stay',
      )
    }
  }

  private async use(team: string, version: string, packed: Buffer): Promise<void> {
    const index = await readIndex(packed)
    this.versions.set(team, version)
    this.snapshots.replacePatterns(new Map(this.snapshots.current.patterns).set(team, index))
    this.log.info({ team, templates: index.size }, 'the patterns of a team are loaded')
  }
}

async function saveCopy(to: string, team: string, { version, set }: { version: string; set: Buffer }): Promise<void> {
  const name = join(to, folder, `${createHash('sha256').update(team).digest('hex').slice(0, 32)}.json`)
  try {
    await mkdir(join(to, folder), { recursive: true })
    await writeFile(`${name}.new`, JSON.stringify({ team, version, set: set.toString('base64') }), { mode: 0o600 })
    await rename(`${name}.new`, name)
  } catch {
    // On a full disk the copy stays as it was; the new patterns are known all the same.
  }
}

/** The set from its lines, and the index over it. */
export async function readIndex(packed: Buffer): Promise<PatternIndex> {
  const text = (await unpack(packed, { maxOutputLength: maxSetBytes })).toString('utf8')
  const set: PatternSet = { patterns: [], openings: [] }
  let sliceEnd = performance.now() + sliceMs
  const pause = async (): Promise<void> => {
    if (performance.now() < sliceEnd) return
    await breathe()
    sliceEnd = performance.now() + sliceMs
  }
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at)
    const line = JSON.parse(text.slice(at, end < 0 ? text.length : end)) as
      | PatternSet['patterns'][number]
      | Pick<PatternSet, 'openings'>
    if ('openings' in line) set.openings.push(...line.openings)
    else set.patterns.push(line)
    at = end < 0 ? text.length : end + 1
    await pause()
  }
  const steps = buildPatternIndex(set)
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value
    await pause()
  }
}
