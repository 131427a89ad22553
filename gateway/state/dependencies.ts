/** What /readyz tells: each dependency and its state. None of them is needed to serve, so the answer is always 200. */
import { connect } from 'node:net'
import type { Journal } from '../pipeline/record.ts'
import type { Counters } from './counters.ts'
import type { Load } from './load.ts'
import type { SnapshotSource } from './snapshot-source.ts'

export type DependencyState = 'ok' | 'unreachable' | 'not configured' | 'full' | 'off'

export interface Dependencies {
  read(): Promise<{ status: 'ok'; dependencies: Record<'journal' | 'postgres' | 'temporal' | 'redis', DependencyState>; inFlight: number; counters: Counters['values'] }>
}

export interface DependencyParts {
  journal: Pick<Journal, 'full'> | null
  /** Once it is there; PostgreSQL is looked for only after serving began. */
  snapshotSource: () => Pick<SnapshotSource, 'connected'> | null
  databaseUrl: string | null
  redisUrl: string | null
  temporalAddress: string
  load: Load
  counters: Counters
}

const probeMs = 500

export function createDependencies(parts: DependencyParts): Dependencies {
  const redis = parts.redisUrl === null ? null : new URL(parts.redisUrl)
  return {
    async read() {
      const [temporal, redisState] = await Promise.all([
        probe(parts.temporalAddress),
        redis === null ? ('not configured' as const) : probe(`${redis.hostname}:${redis.port || 6379}`),
      ])
      const postgres = parts.databaseUrl === null ? 'not configured' : parts.snapshotSource()?.connected ? 'ok' : 'unreachable'
      const journal = parts.journal === null ? 'off' : parts.journal.full ? 'full' : 'ok'
      return { status: 'ok', dependencies: { journal, postgres, temporal, redis: redisState }, inFlight: parts.load.inFlight, counters: { ...parts.counters.values } }
    },
  }
}

/** Whether somebody accepts connections there. */
function probe(address: string): Promise<'ok' | 'unreachable'> {
  const colon = address.lastIndexOf(':')
  return new Promise((resolve) => {
    const socket = connect({ host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)), timeout: probeMs })
    const finish = (state: 'ok' | 'unreachable') => (): void => {
      socket.destroy()
      resolve(state)
    }
    socket.on('connect', finish('ok'))
    socket.on('timeout', finish('unreachable'))
    socket.on('error', finish('unreachable'))
  })
}
