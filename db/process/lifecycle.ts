/**
 * What every process of Sinew does alike: name itself in the data folder, and stop when it is told to or left alone.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type ProcessName = 'supervisor' | 'gateway' | 'learner' | 'control' | 'postgres' | 'temporal'

export function pidFile(dataDir: string, name: ProcessName): string {
  return join(dataDir, 'run', `${name}.pid`)
}

/**
 * The live process that a pid file names, else `null`. `commandPart` guards against a pid that was given to a stranger.
 */
export function readLivePid(path: string, commandPart: string): number | null {
  let pid: number
  try {
    pid = Number(readFileSync(path, 'utf8').trim())
    if (!Number.isInteger(pid) || pid <= 0) return null
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null
    pid = Number(readFileSync(path, 'utf8').trim())
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(commandPart) ? pid : null
  } catch {
    // Without /proc (macOS) the pid alone must do.
    return pid
  }
}

/**
 * Writes `run/<name>.pid`; throws when a live process of that name works on the same data folder already, because a
 * journal has exactly one writer and one shipper. `entry` is the part of the command line that names it.
 */
export function announceProcess(dataDir: string, name: ProcessName, entry: string): void {
  const path = pidFile(dataDir, name)
  mkdirSync(join(dataDir, 'run'), { recursive: true })
  const other = readLivePid(path, entry)
  if (other !== null && other !== process.pid) {
    throw new Error(
      `a ${name} (pid ${other}) already works on ${dataDir}; stop it, or set SINEW_DATA_DIR to another folder`,
    )
  }
  writeFileSync(path, `${process.pid}\n`)
  process.once('exit', () => {
    try {
      if (readFileSync(path, 'utf8').trim() === String(process.pid)) rmSync(path)
    } catch {
      // Another process has taken the name, or the folder is gone: nothing of ours is left to remove.
    }
  })
}

/** Calls `stop` once: on SIGTERM, on Ctrl-C, or when the supervisor that started this process is gone. */
export function onStop(stop: (reason: string) => void): void {
  let stopping = false
  const once = (reason: string) => (): void => {
    if (stopping) return
    stopping = true
    stop(reason)
  }
  process.on('SIGTERM', once('SIGTERM'))
  process.on('SIGINT', once('SIGINT'))
  if (!process.send) return
  process.on('disconnect', once('supervisor gone'))
  // It may have gone before anybody listened.
  if (!process.connected) queueMicrotask(once('supervisor gone'))
}

/** Tells the supervisor, where there is one, that this process does its work now. */
export function reportReady(url?: string): void {
  if (process.connected) process.send?.({ kind: 'ready', url })
}
