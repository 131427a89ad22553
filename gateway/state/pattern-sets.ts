/**
 * Keeps each team's patterns in memory, as its learner published them last. Sets are large, and requests are served
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
const setBytesMax = 256 * 1024 * 1024
/** What is done in one go, before requests have their turn again. */
const sliceMs = 4
const folder = 'patterns'

/** Begins with the copies of this data folder; `null` = in memory only. */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function openPatternSets(
  dataDir: string | null,
  snapshots: Pick<Snapshots, 'current' | 'replacePatterns'>,
  log: Pick<Log, 'info' | 'warn'>,
): PatternSets {
  const versions = new Map<string, string>()
  let loading: Promise<void> | null = dataDir === null ? null : loadCopies(dataDir).finally(() => (loading = null))
  let again: Pick<Pool, 'query'> | null = null

  async function loadCopies(from: string): Promise<void> {
    try {
      for (const file of await readdir(join(from, folder))) {
        if (!file.endsWith('.json')) continue
        const { team, version, set } = JSON.parse(await readFile(join(from, folder, file), 'utf8')) as {
          team: string
          version: string
          set: string
        }
        if (!versions.has(team)) await use(team, version, Buffer.from(set, 'base64'))
      }
    } catch {
      // None yet, or one that cannot be read: prompts go unidentified until PostgreSQL answers.
    }
  }

  async function use(team: string, version: string, packed: Buffer): Promise<void> {
    const index = await readIndex(packed)
    versions.set(team, version)
    snapshots.replacePatterns(new Map(snapshots.current.patterns).set(team, index))
    log.info({ team, templates: index.size }, 'the patterns of a team are loaded')
  }

  async function load(connection: Pick<Pool, 'query'>): Promise<void> {
    try {
      for (const [team, version] of await readSetVersions(connection)) {
        if (versions.get(team) === version) continue
        const read = await readPatternSet(connection, team)
        if (read === null) continue
        await use(team, read.version, read.set)
        if (dataDir !== null) await saveCopy(dataDir, team, read)
      }
    } catch (error) {
      log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'patterns cannot be loaded from PostgreSQL; the last known ones stay',
      )
    }
  }

  return {
    async refresh(connection) {
      again = connection
      while (loading !== null) await loading
      if (again === null) return
      again = null
      await (loading = load(connection).finally(() => {
        loading = null
      }))
    },
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
}

/** The set from its lines, and the index over it. */
export async function readIndex(packed: Buffer): Promise<PatternIndex> {
  const text = (await unpack(packed, { maxOutputLength: setBytesMax })).toString('utf8')
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
