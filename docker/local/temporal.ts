/** The local Temporal development server with its Web UI; its data is kept across restarts. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { askTemporal } from '../../db/process/temporal-question.ts'
import type { Report } from '../process/output.ts'
import { giveWay, nicenessOf } from '../process/priority.ts'
import {
  isLive,
  onLines,
  signalProcess,
  spawnProgram,
  waitForClose,
  waitForExit,
  type Running,
} from '../process/running.ts'
import { endWithSupervisor } from '../process/watcher.ts'

/** What workflows can be found by in Temporal Web. */
export const searchAttributes = ['SinewModel', 'SinewPattern', 'SinewSession', 'SinewVerdict']

export interface TemporalOptions {
  program: string
  /** The folder that holds its database. */
  folder: string
  port: number
  /** `null` = without the Web UI. */
  uiPort: number | null
  namespace?: string
  report: Report
  env: NodeJS.ProcessEnv
  /** How long each question of its health may wait for an answer. */
  answerMs?: number
}

const orphanGraceMs = 10_000
const probeMs = 50
/** Its answer comes from its database, which may wait for a busy disk. */
const defaultAnswerMs = 5_000

export async function launchTemporal(options: TemporalOptions): Promise<Running> {
  const { program, folder, port, namespace = 'default', report, answerMs = defaultAnswerMs } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const args = toArguments(options)
  // Its own settings (TEMPORAL_ADDRESS and the like) are for clients and would only confuse the server.
  const env = Object.fromEntries(Object.entries(options.env).filter(([name]) => !name.startsWith('TEMPORAL_')))
  const spawned = (command: string, rest: string[]) =>
    spawnProgram(command, rest, { cwd: folder, detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const child = await spawned('nice', ['-n', String(nicenessOf.temporal), program, ...args]).catch(() =>
    spawned(program, args),
  )
  const release = endWithSupervisor(child.pid)
  // Its banner repeats our own addresses; what goes wrong comes on stderr.
  child.stdout?.resume()
  const recent: string[] = []
  onLines(child.stderr, (line) => {
    recent.push(line)
    recent.splice(0, recent.length - 5)
  })
  let ended = false
  const exited = waitForExit(child).then((reason) => {
    ended = true
    release()
    return reason
  })
  void waitForClose(child).then(() => {
    for (const line of child.exitCode ? recent : []) report('temporal', line)
  })
  const findTrouble = (): Promise<string | null> => askTemporal({ address: `127.0.0.1:${port}`, namespace }, answerMs)
  const ready = waitForAnswer(findTrouble, () => ended)
  void ready.then(() => giveWay(child.pid, nicenessOf.temporal))
  return {
    pid: child.pid,
    ready,
    exited,
    findTrouble,
    end: () => signalProcess(child.pid, 'SIGINT'),
    kill: () => signalProcess(child.pid, 'SIGKILL'),
  }
}

function toArguments({ folder, port, uiPort, namespace = 'default' }: TemporalOptions): string[] {
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(namespace === 'default' ? [] : ['--namespace', namespace]),
    '--db-filename',
    toDatabaseFile(folder),
    // Together they more than double its speed, and a killed process still loses nothing.
    '--sqlite-pragma',
    'journal_mode=wal',
    '--sqlite-pragma',
    'synchronous=normal',
    ...searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    '--dynamic-config-value',
    'frontend.namespaceRPS=10000',
    '--log-level',
    'error',
  ]
}

/** The name becomes part of a database URL, so one with that syntax in it is given relative to the server's folder. */
function toDatabaseFile(folder: string): string {
  return /[?#%]/.test(folder) ? 'temporal.db' : join(folder, 'temporal.db')
}

/** Stays pending when the server ends before it answers. */
async function waitForAnswer(
  findTrouble: () => Promise<string | null>,
  hasEnded: () => boolean,
): Promise<Record<string, never>> {
  while ((await findTrouble()) !== null) {
    if (hasEnded()) return new Promise(() => undefined)
    await pause(probeMs)
  }
  return {}
}

/** Stops the server of a supervisor that was killed: its database has room for one. */
export async function stopOrphanTemporal(pidPath: string): Promise<void> {
  let pid: number
  try {
    pid = Number(readFileSync(pidPath, 'utf8').trim())
  } catch {
    return
  }
  const lives = (): boolean => isLive(pid, 'start-dev')
  for (const startedAt = Date.now(); lives(); await pause(20)) {
    signalProcess(pid, Date.now() - startedAt > orphanGraceMs ? 'SIGKILL' : 'SIGINT')
    if (Date.now() - startedAt > 2 * orphanGraceMs)
      throw new Error(`another Temporal server (pid ${pid}) works on this data folder and does not end`)
  }
}
