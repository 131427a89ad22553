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
import { createReadiness } from './readiness.ts'
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

// oxlint-disable-next-line max-lines-per-function -- puts the parts together, one after the other
export function startStack(options: StackOptions): Stack {
  const { settings, ports, postgres, root, output } = options
  const { dataDir } = settings.sinew
  const started = options.entries ?? entries
  const stopping = new AbortController()
  const keepers: Keeper[] = []
  const gatewayUrl = toUrl(settings.gateway.host, ports.PORT ?? settings.gateway.port)
  const adminUrl = toUrl(settings.gateway.adminHost, ports.ADMIN_PORT ?? settings.gateway.adminPort)
  const env = childEnvironment(options)

  const readiness = createReadiness({
    names: [
      'gateway',
      'control',
      'learner',
      'admin',
      ...(postgres ? ['postgres'] : []),
      ...(settings.temporal.local ? ['temporal'] : []),
    ],
    print: output.print,
    onServing: () => {
      output.print(`sinew serving gateway=${gatewayUrl}`)
      for (const line of banner()) output.print(line)
    },
    onReady: (temporal) => output.print(`sinew ready gateway=${gatewayUrl} admin=${adminUrl} temporal=${temporal}`),
    temporalUrl:
      env.TEMPORAL_UI_URL ||
      settings.temporal.uiUrl ||
      `${settings.temporal.connection.tls ? 'https' : 'http'}://${settings.temporal.connection.address}`,
    ...(settings.temporal.local ? {} : { externalTemporalMs }),
  })
  const banner = (): string[] =>
    toBanner({
      gatewayUrl,
      adminUrl,
      providers: settings.sinew.providers,
      callerKey: settings.sinew.keys[0]?.key ?? loadOrCreateCredential(dataDir, 'caller-key'),
      adminToken:
        settings.gateway.adminToken ??
        settings.sinew.admins[0]?.token ??
        loadOrCreateCredential(dataDir, 'admin-token'),
    })
  const keep = (name: ProcessName, launch: () => Promise<Running>): void => {
    let before = false
    const onReady = (): void => {
      if (before) output.report(name, 'works again')
      before = true
      readiness.mark(name)
    }
    keepers.push(
      keepRunning({
        name,
        launch,
        report: output.report,
        onReady,
        ...(options.backoff ? { backoff: options.backoff } : {}),
      }),
    )
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
      for (const name of stopOrder)
        await Promise.all(
          keepers.filter((keeper) => keeper.name === name).map((keeper) => keeper.stop(graceMs[name] ?? 0)),
        )
      rmSync(join(dataDir, 'run/database-url'), { force: true })
      await Promise.race([Promise.allSettled([temporal, pages]), pause(buildsEndMs, undefined, { ref: false })])
    },
    kill() {
      stopping.abort()
      for (const keeper of keepers) keeper.kill()
    },
  }
}

/** What the children are told beyond what the user set: where the local servers are. */
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
