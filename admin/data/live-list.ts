/**
 * The newest page of exchanges, kept up to date: by the stream as they are recorded, by reloading as they are learned
 * from.
 */
import { batch, createEffect, createMemo, createSignal, on, onCleanup, type Accessor } from 'solid-js'
import { api, type Exchange, type Outputs } from './client.ts'
import { isFiltered, matchesFilter, mergeNewest, toListInput, type ExchangeFilter } from './exchange-filter.ts'
import { createLoad, type Load } from './load.ts'
import { followExchanges, followLearning, type StreamState } from './streams.ts'

export const pageLength = 50
/** However fast they come, the page is drawn no more often than this. */
const frameMs = 150
const reloadMs = 1_000

type Page = Outputs['exchanges']['list']

export interface LiveList {
  load: Load<Page>
  stream: Accessor<StreamState>
  /** Held: the rows stand still and what arrives is counted. */
  held: Accessor<boolean>
  paused: Accessor<boolean>
  setPaused(paused: boolean): void
  setScrolled(scrolled: boolean): void
  waiting: Accessor<number>
  /** Ids that came while the page was open. */
  isFresh(id: string): boolean
}

export function createLiveList(filter: Accessor<ExchangeFilter>): LiveList {
  const [paused, setPaused] = createSignal(false)
  const [scrolled, setScrolled] = createSignal(false)
  const [waiting, setWaiting] = createSignal(0)
  const held = createMemo(() => paused() || scrolled() || filter().cursor !== undefined)
  const fresh = new Set<string>()
  let arrived: Exchange[] = []
  let frame: ReturnType<typeof setTimeout> | undefined
  let reloadTimer: ReturnType<typeof setTimeout> | undefined

  const load = createLoad(
    filter,
    (wanted, signal) => api.exchanges.list.query(toListInput(wanted, pageLength, Date.now()), { signal }),
    JSON.stringify,
  )

  function draw(): void {
    frame = undefined
    const page = load.data()
    if (page === undefined) return
    const items = arrived
    arrived = []
    for (const item of items) fresh.add(item.id)
    load.put(mergeNewest(page.items, items, page.nextCursor, pageLength))
  }

  const stream = followExchanges((item) => {
    if (!matchesFilter(filter(), item)) return
    if (held()) return void (filter().cursor === undefined && setWaiting((count) => count + 1))
    arrived.push(item)
    frame ??= setTimeout(draw, frameMs)
  })

  /** Patterns and outcomes come a moment after the exchange. */
  async function refresh(): Promise<void> {
    if (!held()) return load.reload()
    const shown = load.data()
    if (shown === undefined) return
    const found = await api.exchanges.list.query(toListInput(filter(), pageLength, Date.now())).catch(() => null)
    if (found === null) return
    const byId = new Map(found.items.map((item) => [item.id, item]))
    load.put({ items: shown.items.map((item) => byId.get(item.id) ?? item), nextCursor: shown.nextCursor })
  }
  followLearning(() => {
    reloadTimer ??= setTimeout(() => {
      reloadTimer = undefined
      void refresh()
    }, reloadMs)
  })

  createEffect(
    on(held, (now, before) => {
      if (now || before === undefined) return
      batch(() => setWaiting(0))
      void load.reload()
    }),
  )
  createEffect(on(filter, () => setWaiting(0)))
  // The stream begins where it stood when it was opened; what was recorded between the first answer and then is asked
  // for.
  createEffect(on(stream, (state) => state === 'live' && !held() && void load.reload()))
  onCleanup(() => {
    clearTimeout(frame)
    clearTimeout(reloadTimer)
  })
  return { load, stream, held, paused, setPaused, setScrolled, waiting, isFresh: (id) => fresh.has(id) }
}

export function isUnfiltered(filter: ExchangeFilter): boolean {
  return !isFiltered(filter) && filter.cursor === undefined
}
