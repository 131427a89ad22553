/**
 * What Sinew costs while nobody sends anything: the processor time of each of its processes as a share of one core, at
 * rest and while something it depends on is away. `node gateway/test/bench/idle.ts [seconds]`; Linux only.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { findFreePorts, openServer, stopAll, type Server } from './processes.ts'

const seconds = Number(process.argv[2] ?? 30)
/** What a start, or the loss of a dependency, sets going is over by then. */
const settleMs = 40_000
const readyPatienceMs = 600_000
const ticksPerSecond = 100
const root = resolve(import.meta.dirname, '../../..')

interface Started {
  server: Server
  dataDir: string
}

async function start(env: NodeJS.ProcessEnv, ready: RegExp): Promise<Started> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sinew-idle-'))
  mkdirSync(dataDir, { recursive: true })
  const [port, adminPort, temporalPort, uiPort] = (await findFreePorts(4)).map(String)
  const own = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|LANG|TEMPORAL_PATH)$/.test(name))
  const server = openServer('Sinew', {
    file: process.execPath,
    args: ['docker/start.mjs', 'start'],
    cwd: root,
    env: {
      ...Object.fromEntries(own),
      SINEW_DATA_DIR: dataDir,
      PORT: port,
      ADMIN_PORT: adminPort,
      TEMPORAL_PORT: temporalPort,
      TEMPORAL_UI_PORT: uiPort,
      ...env,
    },
  })
  await server.line(ready, readyPatienceMs)
  return { server, dataDir }
}

function readPid(dataDir: string, name: string): number {
  return Number(readFileSync(join(dataDir, 'run', `${name}.pid`), 'utf8'))
}

/** Ticks by pid, of all processes there are, with their parents. */
function readTicks(): Map<number, { parent: number; ticks: number }> {
  const found = new Map<number, { parent: number; ticks: number }>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')
      found.set(Number(pid), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) })
    } catch {
      // It ended in the meantime.
    }
  }
  return found
}

/** Percent of a core by process; PostgreSQL's and Temporal's own children count with them. */
async function measure({ dataDir }: Started): Promise<Record<string, number>> {
  const names = readdirSync(join(dataDir, 'run')).flatMap((file) => /^(.*)\.pid$/.exec(file)?.[1] ?? [])
  const owners = new Map(names.map((name) => [readPid(dataDir, name), name]))
  const before = readTicks()
  await pause(seconds * 1_000)
  const after = readTicks()
  const ownerOf = (pid: number): string | null => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = after.get(at)?.parent) {
      const name = owners.get(at)
      if (name !== undefined) return name
    }
    return null
  }
  const used: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]))
  for (const [pid, { ticks }] of after) {
    const name = ownerOf(pid)
    if (name !== null) used[name] = (used[name] ?? 0) + (ticks - (before.get(pid)?.ticks ?? 0))
  }
  return Object.fromEntries(
    Object.entries(used).map(([name, ticks]) => [name, (ticks / ticksPerSecond / seconds) * 100]),
  )
}

function print(what: string, used: Record<string, number>): void {
  const parts = Object.entries(used).sort(([, a], [, b]) => b - a)
  const sum = parts.reduce((total, [, share]) => total + share, 0)
  const text = parts.map(([name, share]) => `${name} ${share.toFixed(1)}`).join(' · ')
  console.log(`${what.padEnd(28)} ${sum.toFixed(1).padStart(5)} %   ${text}`)
}

async function watch(what: string, started: Started): Promise<void> {
  await pause(settleMs)
  print(what, await measure(started))
}

async function frozen(what: string, name: string, started: Started): Promise<void> {
  const pid = readPid(started.dataDir, name)
  const children = [...readTicks()].flatMap(([child, { parent }]) => (parent === pid ? [child] : []))
  const signal = (which: 'SIGSTOP' | 'SIGCONT'): void => [pid, ...children].forEach((one) => process.kill(one, which))
  signal('SIGSTOP')
  try {
    await watch(what, started)
  } finally {
    signal('SIGCONT')
  }
}

async function stop({ server, dataDir }: Started): Promise<void> {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

const nobody = '127.0.0.1:1'
try {
  console.log(`percent of one core, over ${seconds} s`)
  const whole = await start({}, /sinew ready\b/)
  await watch('at rest', whole)
  await frozen('Temporal stands still', 'temporal', whole)
  await frozen('PostgreSQL stands still', 'postgres', whole)
  await stop(whole)
  const alone = await start({ TEMPORAL_ADDRESS: nobody }, /sinew serving\b/)
  await watch('no Temporal', alone)
  await stop(alone)
  const bare = await start(
    { TEMPORAL_ADDRESS: nobody, DATABASE_URL: `postgres://a:b@${nobody}/c`, REDIS_URL: `redis://${nobody}` },
    /sinew serving\b/,
  )
  await watch('no Temporal, database, Redis', bare)
  await stop(bare)
} finally {
  await stopAll()
}
