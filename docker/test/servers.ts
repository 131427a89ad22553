/**
 * One real PostgreSQL, Temporal and Redis for all integration and system tests; every test file makes its own database.
 */
import { mkdtempSync, readFileSync, existsSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { findPorts } from '../process/ports.ts'
import { planPostgres } from '../local/postgres.ts'
import { findProgram } from './programs.ts'
import { onLines, signalProcess, spawnProgram, waitForExit, type Running } from '../process/running.ts'
import { findTemporalProgram } from '../local/temporal-program.ts'
import { launchTemporal } from '../local/temporal.ts'
import { endWithSupervisor } from '../process/watcher.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server's own administrator; tests use `createTestDatabase()`. */
    postgresUrl: string
    temporalAddress: string
    redisUrl: string
  }
}

interface Servers {
  postgresUrl: string
  temporalAddress: string
  redisUrl: string
  stop(): Promise<void>
}

const startLimitMs = 60_000
const endLimitMs = 10_000

/** vitest loads this file once for each project, so what they share cannot be a variable of the module. */
const shared = globalThis as { sinewTestServers?: { users: number; servers: Promise<Servers> } }

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const entry = (shared.sinewTestServers ??= { users: 0, servers: startServers() })
  entry.users += 1
  const { postgresUrl, temporalAddress, redisUrl } = await entry.servers
  project.provide('postgresUrl', postgresUrl)
  project.provide('temporalAddress', temporalAddress)
  project.provide('redisUrl', redisUrl)
  return async () => {
    entry.users -= 1
    if (entry.users > 0) return
    delete shared.sinewTestServers
    await (await entry.servers).stop()
  }
}

async function startServers(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'sinew-servers-'))
  const running: Running[] = []
  const ownPlaces = new Set<string>([folder])
  const stop = async (): Promise<void> => {
    for (const { end } of running) end()
    await Promise.all(running.map((program) => endWithin(program)))
    for (const place of ownPlaces) rmSync(place, { recursive: true, force: true })
  }
  try {
    const { ports } = await findPorts(
      ['TEMPORAL_PORT', 'REDIS'].map((variable) => ({ variable, host: '127.0.0.1', port: 0 })),
    )
    const temporalPort = ports.TEMPORAL_PORT ?? 0
    const redisPort = ports.REDIS ?? 0
    const started = async (name: string, launch: Promise<Running>): Promise<void> => {
      const program = await launch
      running.push(program)
      await readyWithin(name, program)
    }
    const postgres = await planPostgres({ dataDir: folder, report, fsync: false })
    const remembered = join(folder, 'postgres-home')
    if (existsSync(remembered)) ownPlaces.add(readFileSync(remembered, 'utf8').trim())
    const results = await Promise.allSettled([
      started('postgres', postgres.launch()),
      started('temporal', startTemporal(folder, temporalPort)),
      started('redis', startRedis(redisPort)),
    ])
    for (const result of results) if (result.status === 'rejected') throw result.reason
    return {
      postgresUrl: postgres.url,
      temporalAddress: `127.0.0.1:${temporalPort}`,
      redisUrl: `redis://127.0.0.1:${redisPort}`,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startTemporal(folder: string, port: number): Promise<Running> {
  const found = await findTemporalProgram({ env: process.env, report })
  if ('missing' in found) throw new Error(found.missing)
  return launchTemporal({
    program: found.path,
    folder: join(folder, 'temporal'),
    port,
    uiPort: null,
    report,
    env: process.env,
  })
}

async function startRedis(port: number): Promise<Running> {
  const program = await findProgram('redis-server', process.env)
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no']
  const child = await spawnProgram(program, args, {
    cwd: tmpdir(),
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const release = endWithSupervisor(child.pid)
  return {
    pid: child.pid,
    ready: new Promise((resolve) =>
      onLines(child.stdout, (line) => /ready to accept connections/i.test(line) && resolve({})),
    ),
    exited: waitForExit(child).finally(release),
    end: () => signalProcess(child.pid, 'SIGTERM'),
    kill: () => signalProcess(child.pid, 'SIGKILL'),
  }
}

async function readyWithin(name: string, program: Running): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>(
    (_, reject) =>
      (timer = setTimeout(
        () => reject(new Error(`${name} is not ready after ${startLimitMs / 1000} s`)),
        startLimitMs,
      )),
  )
  const ended = program.exited.then((reason) => Promise.reject(new Error(`${name} did not start: ${reason}`)))
  ended.catch(() => undefined)
  await Promise.race([program.ready, late, ended]).finally(() => clearTimeout(timer))
}

async function endWithin(program: Running): Promise<void> {
  const timer = setTimeout(program.kill, endLimitMs)
  await program.exited
  clearTimeout(timer)
}

function report(name: string, message: string): void {
  console.log(`${name}: ${message}`)
}
