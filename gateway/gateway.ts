/** Builds the data plane from its parts, and takes it down in order: first the callers, then the journal. */
import type { AddressInfo, Socket } from 'node:net'
import type { JournalWriter } from '../db/journal/writer.ts'
import type { Log } from '../db/process/log.ts'
import type { KeyConfig, SinewConfig } from '../db/words/config.ts'
import type { ProviderConfig } from '../db/words/provider.ts'
import { createApp } from './app.ts'
import { createAnswerFeedback } from './pipeline/feedback.ts'
import { createAuthenticate } from './pipeline/authenticate.ts'
import { createDecidePart } from './pipeline/rewrite/experiment.ts'
import { defaultBodies, toBounds } from './pipeline/bounds.ts'
import { createBrowsers } from './pipeline/browsers.ts'
import { createForward, type ForwardParts } from './pipeline/forward.ts'
import { createPassThrough } from './pipeline/pass-through.ts'
import { createRecorder } from './pipeline/record.ts'
import { withAliases } from './providers/aliases.ts'
import { createModels } from './providers/models.ts'
import { createResolveModel } from './providers/resolve-model.ts'
import { openSimulation } from './providers/sim/server.ts'
import { openTarget } from './providers/targets.ts'
import { openCounters } from './state/loss-counts.ts'
import { createDependencies } from './state/dependencies.ts'
import { openKnownFeedback } from './state/known-feedback.ts'
import { createExposedUnits } from './state/exposed-units.ts'
import { openLoad } from './state/load.ts'
import type { TemporalPlace } from '../db/process/temporal-question.ts'
import { openProviderLists } from './state/provider-lists.ts'
import type { SnapshotSource } from './state/snapshot-source.ts'
import { openPatternSets } from './state/pattern-sets.ts'
import { createSnapshots } from './state/snapshot.ts'

export interface GatewayParts {
  config: Pick<SinewConfig, 'dataDir' | 'databaseUrl' | 'redisUrl' | 'providers' | 'journal' | 'untranslatable'> & {
    learning?: Pick<SinewConfig['learning'], 'patterns'>
  } & Partial<Pick<SinewConfig, 'bodies' | 'cors' | 'models' | 'retries'>>
  keys: KeyConfig[]
  /** `null` = nothing is recorded. */
  journal: Pick<JournalWriter, 'append' | 'full' | 'close'> | null
  temporal: TemporalPlace
  log: Pick<Log, 'info' | 'warn' | 'error'>
  /** How long answers under way may take once the gateway is told to stop. */
  drainMs?: number
  /** How long a stream may be silent before its caller gets a comment. */
  keepAliveMs?: number
  /** From which lag of the event loop on new requests are refused. */
  maxLagMs?: number
}

export interface Gateway {
  listen(host: string, port: number): Promise<string>
  /** Looks for PostgreSQL, from now on and in the background. */
  followDatabase(): void
  /** Asks the providers for their models, from now on and in the background. */
  followProviders(): void
  /** Once, however often it is called: stops accepting, lets answers under way finish, then closes the journal. */
  close(): Promise<void>
}

const defaultDrainMs = 120_000
const sweepMs = 50
const maxTurns = 1_000

// oxlint-disable-next-line max-lines-per-function -- puts the parts together, one after the other
export async function openGateway({
  config,
  keys,
  journal,
  temporal,
  log,
  drainMs = defaultDrainMs,
  keepAliveMs,
  maxLagMs,
}: GatewayParts): Promise<Gateway> {
  const simulation = config.providers.length === 0 ? await openSimulation() : null
  if (simulation)
    log.info('no provider is configured: the built-in simulation answers (sim/echo, sim/story, sim/tools)')
  // Only where the file names no provider: else an unknown name is a typing error, and its prompt would go to a
  // stranger.
  const takeAny = config.providers.every(({ fromEnvironment }) => fromEnvironment === true)
  const targets = (simulation?.providers ?? config.providers).map((provider: ProviderConfig) =>
    openTarget(provider, takeAny && simulation === null),
  )
  const lists = openProviderLists(targets, config.dataDir, log)
  const resolveModel = withAliases(createResolveModel(targets, lists), config.models ?? [])
  const authenticate = createAuthenticate(keys, config.learning?.patterns.shared)
  const snapshots = createSnapshots(config.dataDir)
  const patterns = openPatternSets(config.dataDir, snapshots, log)
  const counters = openCounters(config.dataDir)
  const load = openLoad(maxLagMs)
  let source: SnapshotSource | null = null
  let draining = false
  let closed: Promise<void> | null = null

  const recorder = createRecorder(journal, config.journal.whenFull, counters)
  const pipeline: ForwardParts = {
    authenticate,
    resolveModel,
    recorder,
    snapshots,
    decidePart: createDecidePart(snapshots, createExposedUnits()),
    counters,
    load,
    untranslatable: config.untranslatable,
    ...(config.retries && { retries: config.retries }),
    bounds: toBounds(config.bodies ?? defaultBodies),
    isDraining: () => draining,
    ...(keepAliveMs !== undefined && { keepAliveMs }),
    log,
  }
  const isRefusing = (): boolean => draining || recorder.refusing || load.overloaded
  const dependencies = createDependencies({
    journal,
    isRefusing,
    databaseUrl: config.databaseUrl,
    redisUrl: config.redisUrl,
    temporal,
    load,
    counters,
  })
  const sockets = new Set<Socket>()
  const answerFeedback = createAnswerFeedback({
    authenticate,
    journal,
    known: openKnownFeedback(journal === null ? null : config.dataDir),
    counters,
  })
  const server = createApp({
    forward: createForward(pipeline),
    passThrough: createPassThrough({ ...pipeline, targets }),
    authenticate,
    browsers: createBrowsers(config.cors?.origins ?? []),
    models: createModels(targets, resolveModel, lists, config.models),
    dependencies,
    counters,
    answerFeedback,
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  async function close(): Promise<void> {
    draining = true
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      // Connections that fall idle now would be kept for the next request, which is not to come; those that never sent
      // one do not count as idle to Node.
      const sweep = setInterval(() => {
        server.closeIdleConnections()
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
      }, sweepMs)
      const force = setTimeout(() => server.closeAllConnections(), drainMs)
      server.once('close', () => {
        clearInterval(sweep)
        clearTimeout(force)
      })
    })
    // The last connections' own ends are still being told to their exchanges, which record them.
    for (let turn = 0; load.inFlight > 0 && turn < maxTurns; turn++) await new Promise(setImmediate)
    await journal?.close()
    await source?.close()
    lists.close()
    await Promise.all(targets.map(({ pool }) => pool.destroy()))
    await simulation?.close()
    load.close()
    counters.close()
  }

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          const address = server.address() as AddressInfo
          resolve(`http://${address.family === 'IPv6' ? `[${host}]` : host}:${address.port}`)
        })
      }),

    followDatabase() {
      const { databaseUrl } = config
      if (databaseUrl === null)
        return log.info('DATABASE_URL is not set: the gateway serves from its configuration and its last snapshot')
      void import('./state/snapshot-source.ts').then(({ openSnapshotSource }) => {
        if (!draining) source = openSnapshotSource(databaseUrl, snapshots, log, patterns)
      })
    },

    followProviders: () => lists.follow(),

    close: () => (closed ??= close()),
  }
}
