/**
 * Guessing a token is slow: so many failed sign-ins a minute from one address, across all control processes that share
 * a Redis.
 */
import type { Kv } from '../../db/process/key-value.ts'
import { openMemoryKv } from '../../db/process/key-value-memory.ts'

export const maxFailed = 10
const windowMs = 60_000

export interface SignInLimit {
  /** Whether this address may try (again). */
  allows(address: string): Promise<boolean>
  failed(address: string): Promise<void>
  close(): Promise<void>
}

export function createSignInLimit(kv: Kv): SignInLimit {
  // Counts here too: a Redis that is away must not open the door.
  const own = openMemoryKv(10_000)
  const key = (address: string): string => `sinew:failed-sign-ins:${address}`
  return {
    async allows(address) {
      const [shared, here] = await Promise.all([kv.get(key(address)).catch(() => null), own.get(key(address))])
      return Number(shared ?? 0) < maxFailed && Number(here ?? 0) < maxFailed
    },
    async failed(address) {
      await Promise.all([kv.increment(key(address), windowMs).catch(() => 0), own.increment(key(address), windowMs)])
    },
    close: () => own.close(),
  }
}
