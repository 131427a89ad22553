/**
 * Where the `temporal` program comes from: the PATH, the user's cache folder, the official download, a build with Go.
 * What is fetched or built goes to the cache folder, once for all clones of this user.
 */
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { execFile } from 'node:child_process'
import { buildTemporal } from './temporal-build.ts'
import { downloadTemporal } from './temporal-download.ts'
import { withFileLock } from '../launcher/file-lock.mjs'
import type { Report } from '../process/output.ts'

export interface ProgramSearch {
  env: NodeJS.ProcessEnv
  report: Report
  /** Gives up, and ends what it started. */
  signal?: AbortSignal
  downloadUrl?: string
  /** How long the download may stay silent. */
  downloadIdleMs?: number
}

export type ProgramFound = { path: string } | { missing: string }

export const howToGetTemporal =
  'install the Temporal CLI so that `temporal` is on the PATH (https://docs.temporal.io/cli), or install Go (https://go.dev/dl) and start again'
const versionTimeoutMs = 15_000

/** Tries every way, in the contract's order. `missing` says why each one failed and how to get the program. */
export async function findTemporalProgram(search: ProgramSearch): Promise<ProgramFound> {
  const present = await findPresentProgram(search.env)
  if (present) return { path: present }
  const cached = cachedProgram(search.env)
  mkdirSync(dirname(cached), { recursive: true })
  const failures: string[] = []
  const onWait = (seconds: number): void => {
    if (seconds % 10 === 2)
      search.report('temporal', `another start is getting the program already: waiting ${seconds} s`)
  }
  // Two starts at once must not build twice.
  const path = await withFileLock(
    `${cached}.lock`,
    async (lock) => {
      if (await isUsable(cached)) return cached
      for (const [what, get] of [
        ['the download', downloadTemporal],
        ['building it with Go', buildTemporal],
      ] as const) {
        search.signal?.throwIfAborted()
        const making = `${cached}.making-${process.pid}`
        try {
          mkdirSync(making, { recursive: true })
          const made = await get({ ...search, folder: making, addHolder: lock.addHolder })
          if (!(await isUsable(made))) throw new Error('the program does not run')
          renameSync(made, cached)
          return cached
        } catch (error) {
          search.signal?.throwIfAborted()
          const why = error instanceof Error ? error.message : String(error)
          search.report('temporal', `${what} failed: ${why}`)
          failures.push(`${what}: ${why}`)
        } finally {
          rmSync(making, { recursive: true, force: true })
        }
      }
      return null
    },
    { onWait, ...(search.signal ? { signal: search.signal } : {}) },
  )
  return path ? { path } : { missing: `there is no Temporal server (${failures.join('; ')}); ${howToGetTemporal}` }
}

/** The ways that cost nothing, so they can be tried again and again: the PATH, then the cache folder. */
export async function findPresentProgram(env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'temporal')
    if (isExecutable(candidate) && (await isUsable(candidate))) return candidate
  }
  const cached = cachedProgram(env)
  return existsSync(cached) && (await isUsable(cached)) ? cached : null
}

export function cachedProgram(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), 'sinew/bin/temporal')
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.XDG_CACHE_HOME?.startsWith('/')) return env.XDG_CACHE_HOME
  if (env.HOME) return join(env.HOME, '.cache')
  try {
    return join(homedir(), '.cache')
  } catch {
    // A user id without an entry has no home.
    return join('/var/tmp', `sinew-cache-${process.getuid?.() ?? 'user'}`)
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Not by its version number: a program built with Go has none. */
function isUsable(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(path, ['--version'], { timeout: versionTimeoutMs, killSignal: 'SIGKILL' }, (error) =>
      resolve(error === null),
    )
  })
}
