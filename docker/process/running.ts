/** What the supervisor knows of a program that runs: the same for its own processes, PostgreSQL and Temporal. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

export interface Running {
  pid: number
  /** Resolves when the program does its work. Stays pending when it ends before. */
  ready: Promise<{ url?: string | undefined }>
  /** Resolves when it has ended, with the reason in words. */
  exited: Promise<string>
  /** What keeps it from working, though it lives; `null` = it works. Absent where nobody can tell. Never rejects. */
  findTrouble?: () => Promise<string | null>
  /** Asks the program to end in its own way. */
  end(): void
  /** Ends it at once. */
  kill(): void
}

/** Spawns, and rejects with one clear line where that is not possible. */
export function spawnProgram(
  program: string,
  args: string[],
  options: SpawnOptions,
): Promise<ChildProcess & { pid: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, options)
    child.once('spawn', () => resolve(child as ChildProcess & { pid: number }))
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(`cannot run ${program}: ${error.code ?? error.message}`)),
    )
  })
}

export function waitForExit(child: ChildProcess): Promise<string> {
  return waitFor(child, 'exit')
}

/**
 * For tools: waits until all they said has been read, too. A server's own children may hold its pipes for longer than
 * it lives.
 */
export function waitForClose(child: ChildProcess): Promise<string> {
  return waitFor(child, 'close')
}

function waitFor(child: ChildProcess, event: 'exit' | 'close'): Promise<string> {
  return new Promise((resolve) => {
    child.once(event, (code: number | null, signal: string | null) =>
      resolve(signal ? `ended by ${signal}` : `exit code ${code}`),
    )
  })
}

export function onLines(stream: Readable | null, take: (line: string) => void): void {
  if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => line.trim() && take(line))
}

/** Sends a signal to a process, or with `-pid` to its group; one that has gone is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}

/**
 * Whether the pid is a living process whose command line has `commandPart`: a pid alone may belong to a stranger by
 * now.
 */
export function isLive(pid: number, commandPart: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(commandPart)
  } catch {
    // Without /proc (macOS) the pid alone must do.
    return process.platform !== 'linux'
  }
}
