/**
 * The control process: the admin's API and pages. Serves at once and for as long as it lives, whatever else is away.
 */
import { fileURLToPath } from 'node:url'
import { serve } from 'h3'
import { readConfig } from '../db/config/config.ts'
import { findDatabaseUrl } from '../db/process/database-url.ts'
import { createLog, type Log } from '../db/process/log.ts'
import { migrate, openOrm } from '../db/orm.ts'
import { announceProcess, onStop, reportReady } from '../db/process/lifecycle.ts'
import { openKv } from '../db/process/redis.ts'
import { endOnProblems } from '../db/config/report-problems.ts'
import { readTemporalConfig } from '../temporal.config.ts'
import { readGatewayConfig } from './config.ts'
import { toCookieName } from './control/access.ts'
import { createAdminApp } from './control/app.ts'
import { createPages } from './control/pages.ts'
import { listAdmins } from './control/people.ts'
import { openServices, type Services } from './control/services.ts'

const maxBodyBytes = 1024 * 1024
const drainMs = 5_000
const idleCheckMs = 50
const migrateRetryMs = 250
/** PostgreSQL usually comes a moment later: that is no news. */
const quietAttempts = 20

const { config, problems } = readConfig(process.env)
const gateway = readGatewayConfig(process.env, config)
const temporal = readTemporalConfig(process.env)
endOnProblems([...problems, ...gateway.problems, ...temporal.problems])

const databaseUrl = orExit(() => findDatabaseUrl(config), '')
orExit(() => announceProcess(config.dataDir, 'control', 'gateway/control'), 'SINEW_DATA_DIR: ')
await run(databaseUrl)

async function run(url: string): Promise<void> {
  const log = createLog('control')
  const stopping = new AbortController()
  const { adminHost, adminPort } = gateway.config
  const services = openServices({
    config,
    gateway: gateway.config,
    temporal: temporal.config,
    databaseUrl: url,
    cookieName: toCookieName(adminPort),
    admins: listAdmins(config.admins, gateway.config.adminToken, config.dataDir),
    orm: await openOrm(url),
    kv: openKv(config.redisUrl),
    log,
    stopping: stopping.signal,
  })
  const pages = createPages(fileURLToPath(new URL('../admin/dist', import.meta.url)))
  const server = serve(createAdminApp(services, pages), {
    port: adminPort,
    hostname: adminHost,
    manual: true,
    silent: true,
    gracefulShutdown: false,
    maxRequestBodySize: maxBodyBytes,
    node: { requestTimeout: 60_000, headersTimeout: 20_000 },
  })
  onStop((reason) => {
    log.info({ reason }, 'stopping')
    stopping.abort()
    // What is still under way after this is cut: the supervisor waits no longer either.
    setTimeout(() => process.exit(0), drainMs).unref()
    // A connection whose stream has just ended is idle only now; kept alive it would hold up the end for seconds.
    const http = server.node?.server
    if (http && 'closeIdleConnections' in http) setInterval(() => http.closeIdleConnections(), idleCheckMs).unref()
    server
      .close()
      .then(() => services.close())
      .then(
        () => process.exit(0),
        () => process.exit(0),
      )
  })
  try {
    await server.serve()
    await server.ready()
  } catch (error) {
    exitWith([`ADMIN_PORT: ${toListenProblem(error, adminHost, adminPort)}`])
  }
  const address = server.url ?? `http://${adminHost}:${adminPort}/`
  log.info({ url: address }, 'serving the admin')
  await prepareDatabase(url, services, log, stopping.signal)
  // It has answered since it listens; ready it is when what it is asked for can be there.
  if (!stopping.signal.aborted) reportReady(address)
}

/** PostgreSQL may come later than this process. */
async function prepareDatabase(url: string, services: Services, log: Log, stopping: AbortSignal): Promise<void> {
  for (let attempt = 1; !stopping.aborted; attempt++) {
    try {
      await migrate(url)
      services.database.markPrepared()
      return
    } catch (error) {
      if (attempt % 240 === quietAttempts && !stopping.aborted)
        log.warn({ err: error }, 'the database cannot be prepared yet; trying again')
      await new Promise((resolve) => void setTimeout(resolve, migrateRetryMs))
    }
  }
}

function toListenProblem(error: unknown, host: string, port: number): string {
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (code === 'EADDRINUSE') return `${port} on ${host} is taken; choose another one`
  if (code === 'EACCES') return `${port} on ${host} may not be used by this user; choose another one`
  return `cannot listen on ${host}:${port}: ${code ?? String(error)}`
}

function orExit<T>(step: () => T, prefix: string): T {
  try {
    return step()
  } catch (error) {
    return exitWith([`${prefix}${error instanceof Error ? error.message : String(error)}`])
  }
}

function exitWith(lines: string[]): never {
  for (const line of lines) process.stderr.write(`${line}\n`)
  process.exit(1)
}
