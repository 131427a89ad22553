/** Following what is recorded: each exchange once, in an order in which nothing can appear behind the reader. */
import { tracked, TRPCError } from '@trpc/server'
import type { ExchangeItem, RecordedAt } from '../../db/repositories/exchanges/exchanges.ts'
import { unavailable } from './database.ts'
import type { Services } from './services.ts'

/** A missed message costs at most this long. */
const pollMs = 1_000
/** Rows that wait for an older transaction to end are looked for sooner: no message comes for them. */
const withheldPollMs = 100
/** Rows that arrive together are read together. */
const gatherMs = 25
const maxPage = 200

export type FollowServices = Pick<Services, 'changes' | 'database' | 'exchanges' | 'stopping'>

/**
 * `lastEventId`: `<transaction>.<exchange>`, as given out before; without it, it begins now. Where it begins stands
 * when this resolves, before the stream is opened: a reader who then loads a list misses nothing in between.
 */
export async function followExchanges<View>(
  services: FollowServices,
  lastEventId: string | null,
  toView: (item: ExchangeItem) => View,
  signal: AbortSignal,
) {
  return follow(services, await findStart(services, lastEventId), toView, signal)
}

/** Ends only with `signal` or the process. */
async function* follow<View>(
  services: FollowServices,
  start: RecordedAt,
  toView: (item: ExchangeItem) => View,
  signal: AbortSignal,
) {
  const ended = AbortSignal.any([signal, services.stopping])
  const alarm = createAlarm()
  // Attached before the first look: what is recorded in between wakes us.
  const detach = services.changes.on('sinew_exchanges', alarm.ring)
  ended.addEventListener('abort', alarm.ring)
  try {
    let place = start
    while (!ended.aborted) {
      alarm.reset()
      const { recorded, withheld } = await read(services, place)
      for (const { item, at } of recorded) {
        place = at
        yield tracked(toEventId(at), toView(item))
        if (ended.aborted) return
      }
      if (recorded.length === maxPage) continue
      await alarm.wait(withheld ? withheldPollMs : pollMs)
      if (!ended.aborted) await pause(gatherMs)
    }
  } finally {
    detach()
    ended.removeEventListener('abort', alarm.ring)
  }
}

function toEventId(at: RecordedAt): string {
  return `${at.transaction}.${at.id}`
}

export function parseEventId(text: string): RecordedAt {
  const [, transaction, id] = /^(\d{1,20})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text) ?? []
  if (transaction === undefined || id === undefined || BigInt(transaction) >= 2n ** 64n) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'lastEventId: must be an id this stream has given out' })
  }
  return { transaction, id }
}

/**
 * Ids from before the database was made anew lie in its future and would wait for ever: the stream begins now instead.
 */
async function findStart(services: FollowServices, lastEventId: string | null): Promise<RecordedAt> {
  const place = lastEventId === null ? null : parseEventId(lastEventId)
  await services.database.requireAnswer()
  const now = await services.exchanges.now()
  return place !== null && BigInt(place.transaction) <= BigInt(now.transaction) ? place : now
}

/** A reader whose PostgreSQL is away is told so, and comes back with its last id. */
async function read(
  services: FollowServices,
  place: RecordedAt,
): Promise<{ recorded: { item: ExchangeItem; at: RecordedAt }[]; withheld: boolean }> {
  await services.database.requireAnswer()
  try {
    return await services.database.whileItAnswers(services.exchanges.listRecordedAfter(place, maxPage))
  } catch (cause) {
    throw unavailable('PostgreSQL went away; the stream goes on from its last id when it is back', cause)
  }
}

/** Wakes one waiter; a ring between two waits is not lost. */
function createAlarm() {
  let rung = false
  let wake: (() => void) | null = null
  return {
    ring: (): void => {
      rung = true
      wake?.()
    },
    reset: (): void => {
      rung = false
    },
    wait: (timeoutMs: number): Promise<void> => {
      if (rung) return Promise.resolve()
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        wake = () => {
          clearTimeout(timer)
          wake = null
          resolve()
        }
      })
    },
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}
