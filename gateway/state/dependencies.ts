/**
 * What /readyz tells: whether traffic is served, and each dependency's state. Of these only a full journal can stop
 * traffic.
 */
import type { JournalWriter } from '../../db/journal/writer.ts'
import type { Counters } from './loss-counts.ts'
import type { Load } from './load.ts'
import type { TemporalPlace } from '../../db/process/temporal-question.ts'
import { probePostgres, probeRedis, probeTemporal, type StoreState } from './probes.ts'

export interface Readiness {
  /** `refusing`: every call to a model is answered with 503, or will not be taken any more. */
  status: 'ok' | 'refusing'
  dependencies: { journal: 'ok' | 'full' | 'off' } & Stores
  inFlight: number
  counters: Counters['values']
}

const notConfigured = 'not configured' as const
type Stores = Record<'postgres' | 'temporal' | 'redis', StoreState | typeof notConfigured>

export interface Dependencies {
  /** Never rejects. */
  read(): Promise<Readiness>
}

export interface DependencyParts {
  journal: Pick<Pick<JournalWriter, 'append' | 'full'>, 'full'> | null
  isRefusing: () => boolean
  databaseUrl: string | null
  redisUrl: string | null
  temporal: TemporalPlace
  load: Pick<Load, 'inFlight'>
  counters: Pick<Counters, 'values'>
}

/**
 * So long the stores' answers are given to everybody who asks: the route needs no key, and must not become a way to
 * load them.
 */
const sharedMs = 1_000

export function createDependencies(parts: DependencyParts): Dependencies {
  const { databaseUrl, redisUrl } = parts
  let shared: Promise<Stores> | null = null
  let askedAt = 0

  async function askStores(): Promise<Stores> {
    const [postgres, temporal, redis] = await Promise.all([
      databaseUrl === null ? notConfigured : probePostgres(databaseUrl),
      probeTemporal(parts.temporal),
      redisUrl === null ? notConfigured : probeRedis(redisUrl),
    ])
    return { postgres, temporal, redis }
  }

  return {
    async read() {
      const now = performance.now()
      if (shared === null || now - askedAt > sharedMs) {
        askedAt = now
        shared = askStores()
      }
      const stores = await shared
      const journal = parts.journal === null ? 'off' : parts.journal.full ? 'full' : 'ok'
      return {
        status: parts.isRefusing() ? 'refusing' : 'ok',
        dependencies: { journal, ...stores },
        inFlight: parts.load.inFlight,
        counters: { ...parts.counters.values },
      }
    },
  }
}
