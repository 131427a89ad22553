/** Asking each dependency directly, with an end to every wait. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openJournalReader } from '../../db/journal/reader.ts'
import type { Kv } from '../../db/process/key-value.ts'
import { askTemporal, type TemporalPlace } from '../../db/process/temporal-question.ts'

/**
 * `off`: not configured, and nothing is missing without it. `stale`: it has not been heard of for a while. `unknown`:
 * it cannot be asked from here.
 */
export type DependencyState = 'up' | 'down' | 'off' | 'stale' | 'unknown'

export interface Dependency {
  state: DependencyState
  /** In words, what a person can do with. */
  detail: string | null
}

const checkTimeoutMs = 1_000
/** Its answer comes from its store, which a busy machine makes wait. */
const temporalTimeoutMs = 2_500

/** An open port says little: a server whose own store is stuck still has one. */
export async function checkTemporal(place: TemporalPlace): Promise<Dependency> {
  const problem = await askTemporal(place, temporalTimeoutMs)
  return problem === null
    ? { state: 'up', detail: place.address }
    : { state: 'down', detail: `${place.address}: ${problem}` }
}

export async function checkUrl(url: string): Promise<Dependency> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(checkTimeoutMs), redirect: 'manual' })
    await response.body?.cancel()
    return response.ok ? { state: 'up', detail: url } : { state: 'down', detail: `${url} answers ${response.status}` }
  } catch {
    return { state: 'down', detail: `${url} does not answer` }
  }
}

export async function checkRedis(kv: Kv, redisUrl: string | null): Promise<Dependency> {
  if (redisUrl === null) return { state: 'off', detail: 'not configured; limits and live events stay in each process' }
  try {
    await kv.get('sinew:check')
    return { state: 'up', detail: new URL(redisUrl).host }
  } catch {
    return { state: 'down', detail: `${new URL(redisUrl).host} does not answer` }
  }
}

/** What the journal on this machine still holds; `null` where there is none, as in a cluster. */
export async function readJournalDepth(dataDir: string): Promise<{ bytes: number; oldestAt: number | null } | null> {
  const folder = join(dataDir, 'journal')
  if (!existsSync(folder)) return null
  try {
    const reader = openJournalReader(folder)
    try {
      return await reader.depth()
    } finally {
      await reader.close()
    }
  } catch {
    // The shipper has just dropped a segment that was being counted; the next look succeeds.
    return null
  }
}
