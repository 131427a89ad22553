/**
 * The newest page of exchanges, kept up to date: by the stream as they are recorded, by reloading as they are learned
 * from.
 */
import { batch, createEffect, createMemo, createSignal, on, onCleanup, onMount, type Accessor } from 'solid-js'
import { api, type Exchange, type Outputs } from './client.ts'
import { isFiltered, matchesFilter, mergeNewest, toListInput, type ExchangeFilter } from './exchange-filter.ts'
import { createLoad, type Load } from './load.ts'
import { historyKey } from './place.ts'
import { queries, type Query } from './queries.ts'
import { followExchanges, followLearning, type StreamState } from './streams.ts'

export const pageLength = 50
/** However fast they come, the page is drawn no more often than this. */
const frameMs = 150
const reloadMs = 1_000
/**
 * The list is asked for once the stream stands, so that nothing is missed between the two; a slow stream holds it up no
 * longer.
 */
const streamWaitMs = 700
/** How long a row is marked as new. */
const freshMs = 2_000

type Page = Outputs['exchanges']['list']

/** What was shown when a list was left, by its place in the history: Back shows the same rows again, held. */
const left = new Map<string, { filter: string; page: Page }>()
const maxLeft = 10

export interface LiveList {
  load: Load<Page>
  stream: Accessor<StreamState>
  /** Held: the rows stand still and what arrives is counted. */
  held: Accessor<boolean>
  paused: Accessor<boolean>
  setPaused(paused: boolean): void
  setReading(reading: boolean): void
  waiting: Accessor<number>
  /** Whether it came a moment ago, while the page was open. */
  isFresh(id: string): boolean
}

/** Lists follow the stream; what is learned comes by their own, slower reload. */
const listQuery: Query<ExchangeFilter, Page> = {
  topics: [],
  fetch: (wanted, signal) => queries.exchanges.fetch(toListInput(wanted, pageLength, Date.now()), signal),
}

export function createLiveList(filter: Accessor<ExchangeFilter>): LiveList {
  const [paused, setPaused] = createSignal(findLeft(filter()) !== undefined)
  const [reading, setReading] = createSignal(false)
  const [waiting, setWaiting] = createSignal(0)
  const [ready, setReady] = createSignal(paused())
  const held = createMemo(() => paused() || reading() || filter().cursor !== undefined)
  const marks = createFreshMarks()
  let arrived: Exchange[] = []
  let frame: ReturnType<typeof setTimeout> | undefined

  const load = createLoad(listQuery, filter, { ready, initial: findLeft })
  keepLeft(filter, load)

  function draw(): void {
    frame = undefined
    const page = load.data()
    if (page === undefined) return
    const items = arrived
    arrived = []
    marks.add(items.map(({ id }) => id))
    load.put(mergeNewest(page.items, items, page.nextCursor, pageLength))
  }

  const stream = followExchanges((item) => {
    if (!matchesFilter(filter(), item)) return
    if (held()) return void (filter().cursor === undefined && setWaiting((count) => count + 1))
    arrived.push(item)
    frame ??= setTimeout(draw, frameMs)
  })
  const patience = setTimeout(() => setReady(true), streamWaitMs)
  createEffect(on(stream, (state) => state === 'live' && setReady(true)))

  createEffect(
    on(held, (now, was) => {
      if (now || was === undefined || !ready()) return
      batch(() => setWaiting(0))
      void load.reload()
    }),
  )
  createEffect(
    on(
      filter,
      (wanted) => {
        if (findLeft(wanted) !== undefined) setPaused(true)
        setWaiting(0)
      },
      { defer: true },
    ),
  )
  // After a cut the stream goes on behind the last one it told of; without any it begins where it stands now.
  createEffect(on(stream, (state, was) => was === 'reconnecting' && state === 'live' && !held() && void load.reload()))
  followLearned(filter, load, held, ready)
  onCleanup(() => {
    clearTimeout(frame)
    clearTimeout(patience)
  })
  return { load, stream, held, paused, setPaused, setReading, waiting, isFresh: marks.has }
}

function findLeft(filter: ExchangeFilter): Page | undefined {
  const found = left.get(historyKey())
  return found?.filter === JSON.stringify(filter) ? structuredClone(found.page) : undefined
}

/** Keeps what is shown whenever somebody acts: the next thing may be another page. */
function keepLeft(filter: Accessor<ExchangeFilter>, load: Load<Page>): void {
  let key = ''
  createEffect(on(load.data, () => (key = historyKey())))
  function keep(): void {
    const page = load.data()
    if (page === undefined) return
    left.delete(key)
    left.set(key, { filter: JSON.stringify(filter()), page: toPlain(page) })
    const [oldest] = left.keys()
    if (left.size > maxLeft && oldest !== undefined) left.delete(oldest)
  }
  onMount(() => {
    document.addEventListener('pointerdown', keep, { capture: true })
    document.addEventListener('keydown', keep, { capture: true })
  })
  onCleanup(() => {
    document.removeEventListener('pointerdown', keep, { capture: true })
    document.removeEventListener('keydown', keep, { capture: true })
    keep()
  })
}

/** Patterns and outcomes come a moment after the exchange. */
function followLearned(
  filter: Accessor<ExchangeFilter>,
  load: Load<Page>,
  held: Accessor<boolean>,
  ready: Accessor<boolean>,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined

  async function refresh(): Promise<void> {
    if (!held()) return load.reload()
    const shown = load.data()
    if (shown === undefined) return
    const page = await api.exchanges.list.query(toListInput(filter(), pageLength, Date.now())).catch(() => null)
    if (page === null) return
    const byId = new Map(page.items.map((item) => [item.id, item]))
    load.put({ items: shown.items.map((item) => byId.get(item.id) ?? item), nextCursor: shown.nextCursor })
  }
  followLearning(queries.exchanges.topics, () => {
    if (!ready()) return
    timer ??= setTimeout(() => {
      timer = undefined
      void refresh()
    }, reloadMs)
  })
  onCleanup(() => clearTimeout(timer))
}

/** Marks without an animation: a list that is drawn several times a second has none to spare. */
function createFreshMarks() {
  const [fresh, setFresh] = createSignal<ReadonlySet<string>>(new Set<string>())
  const timers = new Set<ReturnType<typeof setTimeout>>()
  onCleanup(() => timers.forEach(clearTimeout))
  return {
    has: (id: string): boolean => fresh().has(id),
    add(ids: string[]): void {
      setFresh((before) => new Set([...before, ...ids]))
      const timer = setTimeout(() => {
        timers.delete(timer)
        setFresh((before) => new Set([...before].filter((id) => !ids.includes(id))))
      }, freshMs)
      timers.add(timer)
    },
  }
}

/** Out of the store, whose parts change later. */
function toPlain(page: Page): Page {
  return JSON.parse(JSON.stringify(page)) as Page
}

export function isUnfiltered(filter: ExchangeFilter): boolean {
  return !isFiltered(filter) && filter.cursor === undefined
}
