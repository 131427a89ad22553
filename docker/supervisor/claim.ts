/** One supervisor to a data folder: takes the folder, and waits for what an earlier supervisor left running in it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { announceProcess, pidFile, readLivePid, type ProcessName } from '../../db/process/lifecycle.ts'
import type { Problem } from '../../db/words/problem.ts'
import { withFileLock } from '../launcher/file-lock.mjs'

/** What names each process in its command line. */
export const entries = {
  gateway: 'gateway/server.ts',
  control: 'gateway/control.ts',
  learner: 'workflows/learner.ts',
} as const
export const supervisorEntry = 'docker/supervisor/supervisor.ts'

/** A gateway whose supervisor was killed drains for two minutes at most. */
const leftoverMs = 130_000
const pollMs = 50

/** Writes the supervisor's pid file, or says why the folder cannot be used. */
export async function claimDataFolder(dataDir: string, entry = supervisorEntry): Promise<Problem[]> {
  try {
    mkdirSync(join(dataDir, 'run'), { recursive: true })
    // Two starts in the same instant must not both find the folder free.
    await withFileLock(join(dataDir, 'run/claim.lock'), () => announceProcess(dataDir, 'supervisor', entry))
    return []
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return [{ path: 'SINEW_DATA_DIR', message: code ? `cannot use ${dataDir}: ${code}` : message }]
  }
}

/**
 * A journal has one writer and one shipper, so those of an earlier start must have ended first. They do so by
 * themselves.
 */
export async function waitForLeftovers(
  dataDir: string,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<Problem[]> {
  const startedAt = Date.now()
  let nextLineAt = 2000
  for (;;) {
    const left = (Object.keys(entries) as (keyof typeof entries)[]).flatMap((name) => toLeftover(dataDir, name))
    const waited = Date.now() - startedAt
    if (left.length === 0) return []
    if (waited > leftoverMs) {
      return left.map(({ name, pid }) => ({
        path: 'SINEW_DATA_DIR',
        message: `the ${name} with pid ${pid} still works on ${dataDir}; stop it, or choose another folder`,
      }))
    }
    if (waited >= nextLineAt) {
      print(
        `waiting for ${left.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')} of an earlier start to end: ${Math.round(waited / 1000)} s`,
      )
      nextLineAt += 5000
    }
    await pause(pollMs, undefined, { signal })
  }
}

function toLeftover(dataDir: string, name: ProcessName & keyof typeof entries): { name: string; pid: number }[] {
  const pid = readLivePid(pidFile(dataDir, name), entries[name])
  return pid === null ? [] : [{ name, pid }]
}
