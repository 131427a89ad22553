/** The stand-in for Redis inside one process. Behaves alike, which a shared suite of tests proves. */
import type { Kv } from './key-value.ts'

interface Entry {
  value: string
  endsAt: number
}

const defaultMaxEntries = 100_000
const sweepMs = 30_000

/**
 * Beyond `maxEntries` the oldest entry makes room: a limit may then be forgotten early, memory never grows without
 * bound.
 */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function openMemoryKv(maxEntries = defaultMaxEntries): Kv {
  const entries = new Map<string, Entry>()
  const listeners = new Map<string, Set<(message: string) => void>>()
  const sweeper = setInterval(sweep, sweepMs)
  sweeper.unref()

  function live(key: string): Entry | null {
    const entry = entries.get(key)
    if (entry === undefined) return null
    if (entry.endsAt > performance.now()) return entry
    entries.delete(key)
    return null
  }

  function put(key: string, entry: Entry): void {
    entries.delete(key)
    entries.set(key, entry)
    if (entries.size <= maxEntries) return
    sweep()
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries) break
      entries.delete(oldest)
    }
  }

  function sweep(): void {
    const now = performance.now()
    for (const [key, entry] of entries) if (entry.endsAt <= now) entries.delete(key)
  }

  return {
    async get(key) {
      return live(key)?.value ?? null
    },
    async set(key, value, ttlMs) {
      put(key, { value, endsAt: performance.now() + ttlMs })
    },
    async increment(key, ttlMs) {
      const entry = live(key)
      if (entry === null) {
        put(key, { value: '1', endsAt: performance.now() + ttlMs })
        return 1
      }
      const count = Number(entry.value) + 1
      entry.value = String(count)
      return count
    },
    async delete(key) {
      entries.delete(key)
    },
    async publish(channel, message) {
      // Later, as over a network: no listener runs inside its publisher.
      for (const onMessage of listeners.get(channel) ?? []) setImmediate(onMessage, message)
    },
    async subscribe(channel, onMessage) {
      // Each subscription counts, also when the same function is given twice.
      const listener = (message: string): void => {
        if (listeners.get(channel)?.has(listener)) onMessage(message)
      }
      const of = listeners.get(channel) ?? new Set()
      listeners.set(channel, of.add(listener))
      return async () => {
        of.delete(listener)
        if (of.size === 0 && listeners.get(channel) === of) listeners.delete(channel)
      }
    },
    async close() {
      clearInterval(sweeper)
      entries.clear()
      listeners.clear()
    },
  }
}
