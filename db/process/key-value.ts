/**
 * Small shared state that may be lost: limits, nudges, caches. Redis where it is configured, else this process alone.
 */

export interface Kv {
  get(key: string): Promise<string | null>
  /** Keeps the value for `ttlMs`; there is no value without an end. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Counts one up from nothing and answers the count. The window begins with the first count and is not prolonged. */
  increment(key: string, ttlMs: number): Promise<number>
  delete(key: string): Promise<void>
  /** At most once: whoever does not listen at this moment never sees it. */
  publish(channel: string, message: string): Promise<void>
  /** Comes back by itself after a lost connection; what was sent meanwhile is missed. Answers how to stop. */
  subscribe(channel: string, onMessage: (message: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** The store gave no answer in time. Callers go on without it. */
export class KvUnavailable extends Error {
  constructor(cause: unknown) {
    super('the key-value store does not answer', { cause })
    this.name = 'KvUnavailable'
  }
}
