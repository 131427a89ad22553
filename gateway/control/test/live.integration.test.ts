/**
 * Nothing that was recorded may be missing from the stream, and nothing may come twice, whatever happens to
 * transactions and connections.
 */
import { EventSource } from 'eventsource'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openSeed } from '../../../db/test/seed.ts'
import { topics, toTopics } from '../nudges.ts'
import { startAdmin, tokens, waitFor, type Admin } from './admin.ts'
import { openSwitch } from './switch.ts'

let admin: Admin
const sources: EventSource[] = []
beforeAll(async () => {
  admin = await startAdmin()
})
afterEach(() => {
  for (const source of sources.splice(0)) source.close()
})
afterAll(() => admin.close())

interface Stream {
  ids: string[]
  lastEventId: string
  connected: Promise<void>
  source: EventSource
}

function openStream(options: { base?: string; lastEventId?: string; token?: string } = {}): Stream {
  const search = options.lastEventId === undefined ? '' : `?lastEventId=${encodeURIComponent(options.lastEventId)}`
  const source = new EventSource(`${options.base ?? admin.url}/trpc/exchanges.live${search}`, {
    fetch: (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${options.token ?? tokens.admin}` } }),
  })
  sources.push(source)
  const stream: Stream = {
    ids: [],
    lastEventId: '',
    source,
    connected: new Promise((resolve) => source.addEventListener('connected', () => resolve())),
  }
  source.addEventListener('message', (event) => {
    stream.ids.push(JSON.parse(event.data).id)
    stream.lastEventId = event.lastEventId
  })
  return stream
}

/** Where the stream begins stands before it says that it is connected. */
async function openLive(options: Parameters<typeof openStream>[0] = {}): Promise<Stream> {
  const stream = openStream(options)
  await stream.connected
  return stream
}

const notify = (): Promise<unknown> => admin.seed.client.query(`select pg_notify('sinew_exchanges', '1')`)

test('each exchange comes once, with the item of the list', async () => {
  await admin.seed.exchange({ model: 'before' })
  const stream = await openLive()
  const ids: string[] = []
  for (let number = 0; number < 20; number++) ids.push(await admin.seed.exchange())
  await notify()
  await waitFor(() => ids.every((id) => stream.ids.includes(id)), 'all have come')
  expect(stream.ids.filter((id) => ids.includes(id))).toEqual(ids)
})

test('without a message it still comes, by the poll', async () => {
  const stream = await openLive()
  const id = await admin.seed.exchange()
  await waitFor(() => stream.ids.includes(id), 'it has come', 3_000)
})

test('what an earlier transaction commits later is not skipped', async () => {
  const stream = await openLive()
  const slow = await openSeed(admin.database.url)
  await slow.client.query('begin')
  const early = await slow.exchange({ model: 'early' })
  const late = await admin.seed.exchange({ model: 'late' })
  await notify()
  // A reader that went on to the later transaction would be past the earlier one for ever.
  await slow.exchange({ model: 'early too' })
  await slow.client.query('commit')
  await slow.close()
  await notify()
  await waitFor(() => stream.ids.includes(early) && stream.ids.includes(late), 'both have come')
  expect(stream.ids.indexOf(early)).toBeLessThan(stream.ids.indexOf(late))
})

test('interleaved transactions of many writers all come, once, in one order for all readers', async () => {
  const [one, two] = [await openLive(), await openLive()]
  const writers = await Promise.all(Array.from({ length: 6 }, () => openSeed(admin.database.url)))
  const written = await Promise.all(
    writers.map(async (writer, index) => {
      const ids: string[] = []
      for (let round = 0; round < 8; round++) {
        await writer.client.query('begin')
        for (let row = 0; row <= (round + index) % 3; row++) ids.push(await writer.exchange())
        await writer.client.query((round + index) % 7 === 6 ? 'rollback' : 'commit')
        if ((round + index) % 7 === 6) ids.splice(ids.length - (((round + index) % 3) + 1))
        await writer.client.query(`select pg_notify('sinew_exchanges', '1')`)
      }
      await writer.close()
      return ids
    }),
  )
  const all = new Set(written.flat())
  for (const stream of [one, two])
    await waitFor(() => stream.ids.filter((id) => all.has(id)).length >= all.size, 'all have come')
  const received = one.ids.filter((id) => all.has(id))
  expect(new Set(received).size).toBe(received.length)
  expect(received).toHaveLength(all.size)
  expect(two.ids.filter((id) => all.has(id))).toEqual(received)
})

test('a cut connection goes on behind the last event, without gaps or duplicates', async () => {
  const wire = await openSwitch('127.0.0.1', Number(new URL(admin.url).port))
  const stream = await openLive({ base: `http://127.0.0.1:${wire.port}` })
  const ids = [await admin.seed.exchange()]
  await notify()
  await waitFor(() => stream.ids.includes(ids[0] ?? ''), 'the first has come')
  wire.set('closed')
  await waitFor(() => stream.source.readyState === EventSource.CONNECTING, 'the cut is noticed')
  for (let number = 0; number < 5; number++) ids.push(await admin.seed.exchange())
  wire.set('open')
  await waitFor(() => ids.every((id) => stream.ids.includes(id)), 'what was missed has come', 20_000)
  ids.push(await admin.seed.exchange())
  await notify()
  await waitFor(() => stream.ids.includes(ids.at(-1) ?? ''), 'it is live again')
  expect(stream.ids.filter((id) => ids.includes(id))).toEqual(ids)
  stream.source.close()
  await wire.close()
})

test('a new connection goes on behind a remembered event', async () => {
  const stream = await openLive()
  const first = await admin.seed.exchange()
  await notify()
  await waitFor(() => stream.ids.includes(first), 'it has come')
  stream.source.close()
  const missed = [await admin.seed.exchange(), await admin.seed.exchange()]
  const next = openStream({ lastEventId: stream.lastEventId })
  await waitFor(() => next.ids.length >= 2, 'the missed ones have come')
  expect(next.ids).toEqual(missed)
})

test('an id from before the database was made anew begins now instead of waiting for ever', async () => {
  const stream = openStream({ lastEventId: '18446744073709551615.01a00000-0000-7000-8000-000000000000' })
  await stream.connected
  const id = await admin.seed.exchange()
  await waitFor(() => stream.ids.includes(id), 'it is live')
})

test.each(['x', '1', '1.2', '99999999999999999999.01a00000-0000-7000-8000-000000000000'])(
  'lastEventId %j is a BAD_REQUEST that names it',
  async (lastEventId) => {
    const response = await fetch(`${admin.url}/trpc/exchanges.live?lastEventId=${lastEventId}`, {
      headers: { authorization: `Bearer ${tokens.admin}` },
    })
    const text = await response.text()
    expect(text).toContain('BAD_REQUEST')
    expect(text).toContain('lastEventId')
  },
)

test('patterns, outcomes and decisions nudge open pages', async () => {
  const nudges: string[] = []
  const source = new EventSource(`${admin.url}/trpc/system.changes`, {
    fetch: (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${tokens.admin}` } }),
  })
  sources.push(source)
  source.addEventListener('message', (event) => nudges.push(event.data))
  await waitFor(async () => {
    await admin.seed.client.query(`select pg_notify('sinew_learning', 'pattern')`)
    return nudges.length > 0
  }, 'a nudge has come')
})

test('a nudge says what has changed, and one who looked before a change is nudged at once', async () => {
  const open = (sinceMs: number): string[][] => {
    const changed: string[][] = []
    const input = encodeURIComponent(JSON.stringify({ sinceMs }))
    const source = new EventSource(`${admin.url}/trpc/system.changes?input=${input}`, {
      fetch: (url, init) =>
        fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${tokens.admin}` } }),
    })
    sources.push(source)
    source.addEventListener('message', (event) => changed.push(JSON.parse(event.data).changed))
    return changed
  }
  const { services } = admin
  const notify = (word: string) => admin.seed.client.query(`select pg_notify('sinew_learning', $1)`, [word])
  await waitFor(() => services.changes.connected, 'the channel is open')
  await notify('experiments')
  await waitFor(() => services.changes.hasChangedSince('sinew_learning', Date.now() - 5_000), 'it has been heard')
  const early = open(600_000)
  await waitFor(() => early.length > 0, 'the early one is nudged')
  const late = open(0)
  await waitFor(async () => {
    await notify('enhancements')
    return late.length > 0
  }, 'the late one is nudged')
  expect(late[0]).toEqual(['enhancements'])
  expect(toTopics('01a1fc00-0000-7000-8000-0000000000ff')).toEqual(['reanalyses'])
  expect(toTopics(null)).toEqual(topics)
})
