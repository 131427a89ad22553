/** Runs the real launcher and supervisor in a clone with stand-ins, and looks after what they start. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clone } from './clone.ts'

export interface Supervised {
  pid: number
  output(): string
  /** Resolves when the output matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** 0 = there is none. */
  pidOf(name: string): number
  /** Stops reading, as `| head` does. */
  closeOutput(): void
  exited: Promise<number | null>
}

const limitMs = 20_000
const realLimitMs = 240_000

/** Servers are somebody else's unless a test says otherwise, so that only the supervisor itself is at work. */
const outsideServers = { DATABASE_URL: 'postgresql://127.0.0.1:2/sinew', TEMPORAL_ADDRESS: '127.0.0.1:2' }

export function startSupervised(
  clone: Clone,
  env: Record<string, string> = {},
  command = ['docker/start.mjs', 'start'],
): Supervised {
  return superviseCommand(clone, [process.execPath, ...command], { ...outsideServers, ...env }, limitMs)
}

/** The real thing, as a user types it. */
export function startWithNpm(clone: Clone, env: Record<string, string> = {}): Supervised {
  return superviseCommand(
    clone,
    ['npm', 'start'],
    { ...env, ...(process.env.XDG_CACHE_HOME ? { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME } : {}) },
    realLimitMs,
  )
}

function superviseCommand(
  clone: Clone,
  [program = '', ...args]: string[],
  env: Record<string, string>,
  limitMs: number,
): Supervised {
  const child = spawn(program, args, {
    cwd: clone.root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      PORT: '0',
      ADMIN_PORT: '0',
      TEMPORAL_PORT: '0',
      TEMPORAL_UI_PORT: '0',
      ...env,
    },
  })
  let text = ''
  const listeners = new Set<() => void>()
  const take = (chunk: Buffer): void => {
    text += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    pid: child.pid ?? 0,
    output: () => text,
    exited,
    closeOutput: () => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    },
    pidOf: (name) => {
      const path = join(clone.dataDir, 'run', `${name}.pid`)
      return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
    },
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => finish(() => reject(new Error(`${pattern} was not said within ${limitMs} ms:\n${text}`))),
          limitMs,
        )
        const finish = (end: () => void): void => {
          clearTimeout(timer)
          listeners.delete(look)
          end()
        }
        const look = (): void => {
          const found = pattern.exec(text)
          if (found) finish(() => resolve(found))
        }
        listeners.add(look)
        void exited.then(() =>
          finish(() =>
            pattern.exec(text) ? look() : reject(new Error(`it ended without saying ${pattern}:\n${text}`)),
          ),
        )
        look()
      }),
  }
}

/**
 * The processes that work in or on this clone, by their working directory or command line: nothing of it may be left
 * behind.
 */
export function processesOf(clone: Clone): string[] {
  // Elsewhere than on Linux nothing is looked at.
  if (!existsSync('/proc')) return []
  const names: string[] = []
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = readProc(pid, 'cmdline').replaceAll('\0', ' ').trim()
    if (!command || Number(pid) === process.pid) continue
    const environment = readProc(pid, 'environ')
    if (
      command.includes(clone.root) ||
      environment.includes(`PWD=${clone.root}`) ||
      environment.includes(`SINEW_DATA_DIR=${clone.dataDir}`)
    )
      names.push(`${pid} ${command}`)
  }
  return names
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
