/**
 * Everything `npm start` runs, started together: nothing waits for anything else, because each part retries what it
 * needs. Says when requests are answered, when the whole works, and stops it all in order.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { loadOrCreateCredential } from '../../db/process/credentials.ts'
import { pidFile, type ProcessName } from '../../db/process/lifecycle.ts'
import { buildAdmin } from './admin-build.ts'
import { toBanner } from './banner.ts'
import { launchChild } from './child.ts'
import { entries } from './claim.ts'
import { keepRunning, type Backoff, type Keeper } from './keeper.ts'
import type { Output } from '../process/output.ts'
import { toUrl } from '../process/ports.ts'
import { nicenessOf } from '../process/priority.ts'
import type { PostgresPlan } from '../local/postgres.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import type { Running } from '../process/running.ts'
import type { Settings } from './settings.ts'
import { bringUpTemporal } from '../local/temporal-bringup.ts'

export interface StackOptions {
  settings: Settings
  /** The ports in use by variable; those that were 0 are filled in. */
  ports: Record<string, number>
  /** `null` = DATABASE_URL names a server. */
  postgres: PostgresPlan | null
  root: string
  env: NodeJS.ProcessEnv
  output: Output
  /** For tests: stand-ins, and pauses that fit them. */
  entries?: Record<keyof typeof entries, string>
  backoff?: Backoff
}

export interface Stack {
  stop(): Promise<void>
  /** Ends everything at once; `stop` then resolves. */
  kill(): void
}

/** How long each may take to end. The gateway finishes the answers it has begun. */
const graceMs: Record<string, number> = {
  gateway: 120_000,
  control: 10_000,
  learner: 30_000,
  temporal: 15_000,
  postgres: 30_000,
}
/** Builds and downloads end at once when they are told to. */
const buildsEndMs = 5000
const stopOrder = ['gateway', 'control', 'learner', 'temporal', 'postgres']
/** A Temporal server of the user's own that has not been reached by then is said to be unavailable; it is tried on. */
const externalTemporalMs = 20_000

export function startStack(options: StackOptions): Stack {
  const { settings, ports, postgres, root, output } = options
  const { dataDir } = settings.sinew
  const started = options.entries ?? entries
  const stopping = new AbortController()
  const addresses = toAddresses(options)
  const env = childEnvironment(options)
  const readiness = announceReadiness(options, addresses, env)
  const keepers: Keeper[] = []
  const keep = (name: ProcessName, launch: () => Promise<Running>): void => {
    const onReady = reportReturns(name, output, () => readiness.mark(name))
    const backoff = options.backoff ? { backoff: options.backoff } : {}
    keepers.push(keepRunning({ name, launch, report: output.report, onReady, ...backoff }))
  }
  const child =
    (name: keyof typeof entries, niceness = 0) =>
    () =>
      launchChild({ name, entry: started[name], root, env, report: output.report, niceness })

  keep('gateway', child('gateway'))
  if (postgres) keep('postgres', withPidFile(dataDir, 'postgres', postgres.launch))
  const temporal = settings.temporal.local
    ? bringUpTemporal({
        env: options.env,
        report: output.report,
        print: output.print,
        signal: stopping.signal,
        dataDir,
        port: ports.TEMPORAL_PORT ?? settings.temporal.localPort,
        uiPort: ports.TEMPORAL_UI_PORT ?? settings.temporal.localUiPort,
        namespace: settings.temporal.namespace,
        onFound: (launch) => keep('temporal', withPidFile(dataDir, 'temporal', launch)),
        onMissing: () => readiness.giveUpTemporal(),
      })
    : Promise.resolve()
  keep('control', child('control'))
  keep('learner', child('learner', nicenessOf.learner))
  // Not before requests are answered: on a small machine the build takes every processor there is.
  const pages = readiness.serving
    .then(() => buildAdmin({ root, env: options.env, report: output.report, signal: stopping.signal }))
    .then(() => readiness.mark('admin'))

  if (postgres) writeFileSync(join(dataDir, 'run/database-url'), `${postgres.url}\n`, { mode: 0o600 })
  return {
    async stop() {
      stopping.abort()
      readiness.close()
      await stopInOrder(keepers)
      rmSync(join(dataDir, 'run/database-url'), { force: true })
      await Promise.race([Promise.allSettled([temporal, pages]), pause(buildsEndMs, undefined, { ref: false })])
    },
    kill() {
      stopping.abort()
      for (const keeper of keepers) keeper.kill()
    },
  }
}

interface Addresses {
  gatewayUrl: string
  adminUrl: string
}

function toAddresses({ settings: { gateway }, ports }: StackOptions): Addresses {
  return {
    gatewayUrl: toUrl(gateway.host, ports.PORT ?? gateway.port),
    adminUrl: toUrl(gateway.adminHost, ports.ADMIN_PORT ?? gateway.adminPort),
  }
}

/** Says when requests are answered, and when the whole works. */
function announceReadiness(options: StackOptions, addresses: Addresses, env: NodeJS.ProcessEnv): Readiness {
  const { settings, postgres, output } = options
  const { temporal } = settings
  const { gatewayUrl, adminUrl } = addresses
  return createReadiness({
    names: [
      'gateway',
      'control',
      'learner',
      'admin',
      ...(postgres ? ['postgres'] : []),
      ...(temporal.local ? ['temporal'] : []),
    ],
    print: output.print,
    onServing: () => {
      output.print(`sinew serving gateway=${gatewayUrl}`)
      for (const line of writeBanner(settings, addresses)) output.print(line)
    },
    onReady: (state) => output.print(`sinew ready gateway=${gatewayUrl} admin=${adminUrl} temporal=${state}`),
    temporalUrl:
      env.TEMPORAL_UI_URL ||
      temporal.uiUrl ||
      `${temporal.connection.tls ? 'https' : 'http'}://${temporal.connection.address}`,
    ...(temporal.local ? {} : { externalTemporalMs }),
  })
}

function writeBanner({ sinew, gateway }: Settings, addresses: Addresses): string[] {
  return toBanner({
    ...addresses,
    providers: sinew.providers,
    callerKey: sinew.keys[0]?.key ?? loadOrCreateCredential(sinew.dataDir, 'caller-key'),
    adminToken: gateway.adminToken ?? sinew.admins[0]?.token ?? loadOrCreateCredential(sinew.dataDir, 'admin-token'),
  })
}

/** The first time a process is ready nobody missed it; later ones are a return. */
function reportReturns(name: ProcessName, output: Output, onReady: () => void): () => void {
  let before = false
  return () => {
    if (before) output.report(name, 'works again')
    before = true
    onReady()
  }
}

async function stopInOrder(keepers: readonly Keeper[]): Promise<void> {
  for (const name of stopOrder)
    await Promise.all(keepers.filter((keeper) => keeper.name === name).map((keeper) => keeper.stop(graceMs[name] ?? 0)))
}

/** What the user set, and where the local servers are. */
function childEnvironment({ env, settings, ports, postgres }: StackOptions): NodeJS.ProcessEnv {
  const { temporal } = settings
  const kept = Object.entries(env).filter(([name]) => {
    // Credentials of another server would switch the connection to the local one to TLS.
    const foreign = temporal.local && /^TEMPORAL_(API_KEY|TLS.*|CONFIG_FILE|PROFILE)$/.test(name)
    return !foreign && name !== 'SINEW_LAUNCHER_PID'
  })
  const set = (variable: string): Record<string, string> =>
    ports[variable] === undefined ? {} : { [variable]: String(ports[variable]) }
  return {
    ...Object.fromEntries(kept),
    SINEW_DATA_DIR: settings.sinew.dataDir,
    ...set('PORT'),
    ...set('ADMIN_PORT'),
    ...set('TEMPORAL_PORT'),
    ...set('TEMPORAL_UI_PORT'),
    ...(postgres ? { DATABASE_URL: postgres.url } : {}),
    ...(temporal.local
      ? {
          TEMPORAL_ADDRESS: `127.0.0.1:${ports.TEMPORAL_PORT}`,
          TEMPORAL_UI_URL: env.TEMPORAL_UI_URL || `http://127.0.0.1:${ports.TEMPORAL_UI_PORT}`,
        }
      : {}),
  }
}

/** Foreign programs write no pid file of ours, so it is written for them. */
function withPidFile(dataDir: string, name: ProcessName, launch: () => Promise<Running>): () => Promise<Running> {
  return async () => {
    const running = await launch()
    const path = pidFile(dataDir, name)
    writeFileSync(path, `${running.pid}\n`)
    void running.exited.then(() => rmSync(path, { force: true }))
    return running
  }
}
