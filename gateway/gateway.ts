/** Builds the data plane from its parts, and takes it down in order: first the callers, then the journal. */
import type { Server } from 'node:http'
import type { JournalWriter } from '../db/journal/writer.ts'
import type { Log } from '../db/process/log.ts'
import type { KeyConfig, SinewConfig } from '../db/words/config.ts'
import type { ProviderConfig } from '../db/words/provider.ts'
import { createApp } from './app.ts'
import { listen, watchConnections } from './connections.ts'
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
import { openSimulation, type Simulation } from './providers/sim/server.ts'
import { openTarget, type Target } from './providers/targets.ts'
import { openCounters } from './state/loss-counts.ts'
import { createDependencies } from './state/dependencies.ts'
import { openKnownFeedback } from './state/known-feedback.ts'
import { createExposedUnits } from './state/exposed-units.ts'
import { openLoad } from './state/load.ts'
import type { TemporalPlace } from '../db/process/temporal-question.ts'
import { openProviderLists, type ProviderLists } from './state/provider-lists.ts'
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
const maxTurns = 1_000

export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const { config, keys, journal, log } = parts
  const { targets, simulation } = await openTargets(config.providers, log)
  const lists = openProviderLists(targets, config.dataDir, log)
  const resolveModel = withAliases(createResolveModel(targets, lists), config.models ?? [])
  const authenticate = createAuthenticate(keys, config.learning?.patterns.shared)
  const snapshots = createSnapshots(config.dataDir)
  const patterns = openPatternSets(config.dataDir, snapshots, log)
  const counters = openCounters(config.dataDir)
  const load = openLoad(parts.maxLagMs)
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
    ...(parts.keepAliveMs !== undefined && { keepAliveMs: parts.keepAliveMs }),
    log,
  }
  const server = createServer(parts, pipeline, targets, lists)
  const connections = watchConnections(server)

  async function close(): Promise<void> {
    draining = true
    await connections.drain(parts.drainMs ?? defaultDrainMs)
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
    listen: (host, port) => listen(server, host, port),
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

/** The configured providers, or the built-in simulation where there are none. */
async function openTargets(
  providers: readonly ProviderConfig[],
  log: GatewayParts['log'],
): Promise<{ targets: Target[]; simulation: Simulation | null }> {
  if (providers.length === 0) {
    const simulation = await openSimulation()
    log.info('no provider is configured: the built-in simulation answers (sim/echo, sim/story, sim/tools)')
    return { targets: simulation.providers.map((provider) => openTarget(provider)), simulation }
  }
  // Only where the file names no provider: else an unknown name is a typing error, and its prompt would go to a
  // stranger.
  const takesAny = providers.every(({ fromEnvironment }) => fromEnvironment === true)
  return { targets: providers.map((provider) => openTarget(provider, takesAny)), simulation: null }
}

function createServer(parts: GatewayParts, pipeline: ForwardParts, targets: Target[], lists: ProviderLists): Server {
  const { config, journal, temporal } = parts
  const { authenticate, resolveModel, recorder, counters, load } = pipeline
  const known = openKnownFeedback(journal === null ? null : config.dataDir)
  return createApp({
    forward: createForward(pipeline),
    passThrough: createPassThrough({ ...pipeline, targets }),
    authenticate,
    browsers: createBrowsers(config.cors?.origins ?? []),
    models: createModels(targets, resolveModel, lists, config.models),
    dependencies: createDependencies({
      journal,
      isRefusing: () => pipeline.isDraining() || recorder.refusing || load.overloaded,
      databaseUrl: config.databaseUrl,
      redisUrl: config.redisUrl,
      temporal,
      load,
      counters,
    }),
    counters,
    answerFeedback: createAnswerFeedback({ authenticate, journal, known, counters }),
  })
}
