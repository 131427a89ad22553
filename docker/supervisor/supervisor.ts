/**
 * `npm start`: checks everything before it starts anything, then keeps the whole stack running until it is told to
 * stop.
 * 1 read the configuration (settings.ts)  2 take the data folder (claim.ts)  3 find the ports (ports.ts)
 * 4 plan PostgreSQL (postgres.ts)  5 start everything (stack.ts)  6 stop in order
 */
import { dirname } from 'node:path'
import type { Problem } from '../../db/words/problem.ts'
import { pidFile } from '../../db/process/lifecycle.ts'
import { claimDataFolder, waitForLeftovers } from './claim.ts'
import { createOutput } from '../process/output.ts'
import { findPorts, type PortRequest } from '../process/ports.ts'
import { planPostgres } from '../local/postgres.ts'
import { toProblemLines } from '../../db/config/report-problems.ts'
import { readSettings, type Settings } from './settings.ts'
import { startStack, type Stack } from './stack.ts'
import { stopOrphanTemporal } from '../local/temporal.ts'

const root = dirname(dirname(import.meta.dirname))
const output = createOutput()
const stopping = new AbortController()
let stack: Stack | null = null
/** One Ctrl-C arrives more than once: from the terminal, from npm and from the launcher. */
const sameCtrlCMs = 1000

// Whoever read our messages may leave; the work goes on.
process.stderr.on('error', () => undefined)
listenForStop()
let exitCode = 0
try {
  exitCode = (await main()) || exitCode
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(`sinew  ${error instanceof Error ? error.message : String(error)}`)
    exitCode = 1
  }
}
await output.flush(2000)
process.exit(exitCode)

async function main(): Promise<number> {
  const { settings, problems } = readSettings(process.env)
  if (problems.length > 0) return refuse(problems)
  const { dataDir, databaseUrl } = settings.sinew
  const claimed = await claimDataFolder(dataDir)
  if (claimed.length === 0) {
    claimed.push(...(await waitForLeftovers(dataDir, output.print, stopping.signal)))
    await stopOrphanTemporal(pidFile(dataDir, 'temporal'))
  }
  const found = await findPorts(toPortRequests(settings))
  if (claimed.length + found.problems.length > 0) return refuse([...claimed, ...found.problems])
  let postgres = null
  try {
    if (databaseUrl === null) postgres = await planPostgres({ dataDir, report: output.report })
  } catch (error) {
    return refuse([
      {
        path: 'DATABASE_URL',
        message: `is not set, and the embedded PostgreSQL cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      },
    ])
  }
  stopping.signal.throwIfAborted()
  stack = startStack({ settings, ports: found.ports, postgres, root, env: process.env, output })
  await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve))
  output.print('sinew  stopping; requests that have begun are finished first (Ctrl-C again ends everything at once)')
  await stack.stop()
  output.print('sinew  stopped')
  return 0
}

function refuse(problems: Problem[]): number {
  for (const line of toProblemLines(problems)) console.error(line)
  console.error(
    `sinew  nothing was started: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} to solve`,
  )
  return 1
}

function toPortRequests({ gateway, temporal }: Settings): PortRequest[] {
  const planes = [
    { variable: 'PORT', hostVariable: 'HOST', host: gateway.host, port: gateway.port },
    { variable: 'ADMIN_PORT', hostVariable: 'ADMIN_HOST', host: gateway.adminHost, port: gateway.adminPort },
  ]
  const local = [
    { variable: 'TEMPORAL_PORT', host: '127.0.0.1', port: temporal.localPort },
    { variable: 'TEMPORAL_UI_PORT', host: '127.0.0.1', port: temporal.localUiPort },
  ]
  return temporal.local ? [...planes, ...local] : planes
}

/** Stops on the usual signals, and when the launcher is gone. A second Ctrl-C does not wait for open requests. */
function listenForStop(): void {
  let stoppedAt = 0
  const stop = (again: boolean) => (): void => {
    if (!stopping.signal.aborted) {
      stoppedAt = Date.now()
      stopping.abort()
    } else if (again && Date.now() - stoppedAt > sameCtrlCMs) {
      stack?.kill()
    }
  }
  process.on('SIGINT', stop(true))
  process.on('SIGTERM', stop(true))
  process.on('SIGHUP', stop(false))
  if (process.send) process.on('disconnect', stop(false))
  process.on('uncaughtException', (error) => {
    console.error(`sinew  unexpected: ${error.stack ?? error.message}`)
    exitCode = 1
    stop(false)()
  })
}
