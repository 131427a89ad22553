/**
 * Redis through ioredis, and the choice between it and the stand-in. A stopped Redis costs its callers milliseconds,
 * never a hang.
 */
import { Redis } from 'ioredis'
import { KvUnavailable, type Kv } from './key-value.ts'
import { openMemoryKv } from './key-value-memory.ts'

/** An answer that takes longer is of no use to a request. */
const commandTimeoutMs = 200
const connectTimeoutMs = 1_000
const retryMaxMs = 2_000

/** `null` = no Redis is configured. Talks to nobody yet: a Redis that is away is connected to when it comes. */
export function openKv(redisUrl: string | null): Kv {
  return redisUrl === null ? openMemoryKv() : openRedisKv(redisUrl)
}

export function openRedisKv(redisUrl: string): Kv {
  const commands = connect(redisUrl)
  let subscriber: Redis | null = null
  const listeners = new Map<string, Set<(message: string) => void>>()

  /** Runs one command; waits for a connection no longer than for an answer. */
  async function run<T>(redis: Redis, command: () => Promise<T>): Promise<T> {
    try {
      if (redis.status !== 'ready') await untilReady(redis)
      return await command()
    } catch (error) {
      throw new KvUnavailable(error)
    }
  }

  /** A connection that listens can send nothing else, so it is its own, made on first use. */
  function listen(): Redis {
    if (subscriber !== null) return subscriber
    const connection = connect(redisUrl)
    connection.on('ready', () => {
      if (listeners.size > 0) connection.subscribe(...listeners.keys()).catch(() => connection.disconnect(true))
    })
    connection.on('message', (channel: string, message: string) => {
      for (const onMessage of listeners.get(channel) ?? []) onMessage(message)
    })
    subscriber = connection
    return connection
  }

  return {
    get: (key) => run(commands, () => commands.get(key)),
    async set(key, value, ttlMs) {
      await run(commands, () => commands.set(key, value, 'PX', toTtl(ttlMs)))
    },
    async increment(key, ttlMs) {
      const results = await run(commands, () =>
        commands.multi().set(key, '0', 'PX', toTtl(ttlMs), 'NX').incr(key).exec(),
      )
      const [error, count] = results?.[1] ?? [new Error('the transaction was dropped'), null]
      if (error) throw new KvUnavailable(error)
      return Number(count)
    },
    async delete(key) {
      await run(commands, () => commands.del(key))
    },
    async publish(channel, message) {
      await run(commands, () => commands.publish(channel, message))
    },
    async subscribe(channel, onMessage) {
      const connection = listen()
      const listener = (message: string): void => onMessage(message)
      const of = listeners.get(channel) ?? new Set()
      listeners.set(channel, of.add(listener))
      // Away for now: every connection subscribes to all channels as soon as it is ready.
      await run(connection, () => connection.subscribe(channel)).catch(() => {})
      return async () => {
        of.delete(listener)
        if (of.size > 0 || listeners.get(channel) !== of) return
        listeners.delete(channel)
        if (connection.status === 'ready') await connection.unsubscribe(channel).catch(() => {})
      }
    },
    async close() {
      listeners.clear()
      commands.disconnect()
      subscriber?.disconnect()
    },
  }
}

function connect(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    // What cannot be sent now fails now: a queue would answer long after anybody waits.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 6), retryMaxMs),
  })
  // Failures surface in the commands; the event would otherwise end the process.
  redis.on('error', () => {})
  return redis
}

function untilReady(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (finish: () => void) => (): void => {
      clearTimeout(timer)
      redis.off('ready', onReady)
      redis.off('close', onClose)
      finish()
    }
    const onReady = done(resolve)
    const onClose = done(() => reject(new Error('no connection to Redis')))
    const timer = setTimeout(
      done(() => reject(new Error('no connection to Redis in time'))),
      commandTimeoutMs,
    )
    redis.once('ready', onReady)
    redis.once('close', onClose)
  })
}

/** Redis takes whole milliseconds from 1 on. */
function toTtl(ttlMs: number): number {
  return Math.max(1, Math.round(ttlMs))
}
