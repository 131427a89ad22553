/** Texts by key that end after a time. Beyond a bound the oldest makes room, so that memory never grows without end. */

interface Entry {
  value: string
  endsAt: number
}

export class ExpiringEntries {
  readonly #entries = new Map<string, Entry>()
  readonly #maxEntries: number

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  /** `null` = there is none, or it has ended. The entry may be changed in place. */
  find(key: string): Entry | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    if (entry.endsAt > performance.now()) return entry
    this.#entries.delete(key)
    return null
  }

  put(key: string, value: string, ttlMs: number): void {
    // Put anew, so that the map's order is the order of age.
    this.#entries.delete(key)
    this.#entries.set(key, { value, endsAt: performance.now() + ttlMs })
    if (this.#entries.size <= this.#maxEntries) return
    this.sweep()
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) break
      this.#entries.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  /** Forgets what has ended. */
  sweep(): void {
    const now = performance.now()
    for (const [key, entry] of this.#entries) if (entry.endsAt <= now) this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }
}
