/** The stand-in for Redis inside one process. It behaves like Redis, which a shared suite of tests proves. */
import { ExpiringEntries } from './expiring-entries.ts'
import type { Kv } from './key-value.ts'

const defaultMaxEntries = 100_000
const sweepMs = 30_000

/**
 * Beyond `maxEntries` the oldest entry makes room: a limit may then be forgotten early, memory never grows without
 * bound.
 */
export function openMemoryKv(maxEntries = defaultMaxEntries): Kv {
  const entries = new ExpiringEntries(maxEntries)
  const channels = new Channels()
  const sweeper = setInterval(() => entries.sweep(), sweepMs)
  sweeper.unref()

  return {
    async get(key) {
      return entries.find(key)?.value ?? null
    },
    async set(key, value, ttlMs) {
      entries.put(key, value, ttlMs)
    },
    async increment(key, ttlMs) {
      const entry = entries.find(key)
      if (entry === null) {
        entries.put(key, '1', ttlMs)
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
      channels.publish(channel, message)
    },
    async subscribe(channel, onMessage) {
      const unsubscribe = channels.subscribe(channel, onMessage)
      return async () => unsubscribe()
    },
    async close() {
      clearInterval(sweeper)
      entries.clear()
      channels.clear()
    },
  }
}

type Listener = (message: string) => void

class Channels {
  readonly #listeners = new Map<string, Set<Listener>>()

  publish(channel: string, message: string): void {
    // Later, as over a network: no listener runs inside its publisher.
    for (const listener of this.#listeners.get(channel) ?? []) setImmediate(listener, message)
  }

  subscribe(channel: string, onMessage: Listener): () => void {
    // Each subscription counts, also when the same function is given twice.
    const listener: Listener = (message) => {
      if (this.#listeners.get(channel)?.has(listener)) onMessage(message)
    }
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel)
    }
  }

  clear(): void {
    this.#listeners.clear()
  }
}
