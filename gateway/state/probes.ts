/**
 * Whether a store answers in its own protocol: a connection alone says little, because the system accepts it also for a
 * process that hangs. Each question has a connection of its own, which is gone once the answer is known.
 */
import { Socket } from 'node:net'
import { openTemporalQuestion, type TemporalPlace } from '../../db/process/temporal-question.ts'

export type StoreState = 'ok' | 'down'

interface Question {
  /** Settles with the answer, or rejects. */
  answered: Promise<unknown>
  close(): void
}

const patienceMs = 500

export function probePostgres(databaseUrl: string): Promise<StoreState> {
  return judge(async () => {
    const { Client } = await import('pg')
    // A socket of our own can be destroyed whatever the client waits for.
    const socket = new Socket()
    const client = new Client({
      connectionString: databaseUrl,
      application_name: 'sinew readiness',
      stream: () => socket,
    })
    client.on('error', () => {})
    const ask = async (): Promise<void> => {
      await client.connect()
      await client.query('select 1')
      await client.end()
    }
    return { answered: ask(), close: () => socket.destroy() }
  })
}

/** The account's rights have no part in that: what may not be asked was answered too. */
export function probeTemporal(place: TemporalPlace): Promise<StoreState> {
  return judge(() => openTemporalQuestion(place))
}

export function probeRedis(redisUrl: string): Promise<StoreState> {
  return judge(async () => {
    const { Redis } = await import('ioredis')
    const redis = new Redis(redisUrl, {
      lazyConnect: true,
      enableReadyCheck: false,
      retryStrategy: null,
      connectTimeout: patienceMs,
      disconnectTimeout: 0,
    })
    redis.on('error', () => {})
    return { answered: redis.connect().then(() => redis.ping()), close: () => redis.disconnect() }
  })
}

/** Never rejects, never leaves a connection, never takes longer than the patience. */
async function judge(ask: () => Question | Promise<Question>): Promise<StoreState> {
  let question: Question | null = null
  let timer: NodeJS.Timeout | undefined
  try {
    const asked = await ask()
    question = asked
    const late = new Promise<StoreState>((resolve) => {
      timer = setTimeout(resolve, patienceMs, 'down')
    })
    return await Promise.race([asked.answered.then((): StoreState => 'ok'), late])
  } catch {
    return 'down'
  } finally {
    clearTimeout(timer)
    question?.close()
  }
}
