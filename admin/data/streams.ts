/**
 * Following the server's streams for as long as the page is looked at: hidden pages let go of their connections, of
 * which browsers have few.
 */
import { createRoot, createSignal, onCleanup, type Accessor } from 'solid-js'
import type { Topic } from '../../gateway/control/nudges.ts'
import { api, type Exchange } from './client.ts'
import { toFailure } from './errors.ts'
import { markSignedOut } from './session.ts'

export type StreamState = 'connecting' | 'live' | 'reconnecting'

const retryMs = 2_000
const hiddenGraceMs = 10_000

interface Handlers {
  onLive: () => void
  onLost: () => void
  onError: (error: unknown) => void
}

/** Each exchange once, also across cuts and hidden times: the stream goes on behind the last one that came. */
export function followExchanges(onItem: (item: Exchange) => void): Accessor<StreamState> {
  let lastEventId: string | null = null
  return follow(({ onLive, onLost, onError }) =>
    api.exchanges.live.subscribe(lastEventId === null ? {} : { lastEventId }, {
      onData: ({ id, data }) => {
        lastEventId = id
        onItem(data)
      },
      onConnectionStateChange: ({ state }) =>
        state === 'pending' ? onLive() : state === 'connecting' ? onLost() : undefined,
      onError,
    }),
  )
}

interface Listener {
  topics: readonly Topic[]
  onChange: () => void
}

const listeners = new Set<Listener>()
let closeLearning: (() => void) | null = null
/** Pages begin to load when the script starts: what changes from then on, the stream tells. */
const startedAt = performance.now()

/**
 * Calls back when one of the topics was changed, and after every time that may have been missed. All of a page share
 * one stream.
 */
export function followLearning(topics: readonly Topic[], onChange: () => void): void {
  const listener = { topics, onChange }
  listeners.add(listener)
  closeLearning ??= createRoot((dispose) => {
    openLearning()
    return dispose
  })
  onCleanup(() => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    closeLearning?.()
    closeLearning = null
  })
}

function tell(changed: readonly Topic[] | 'all'): void {
  for (const { topics, onChange } of listeners)
    if (changed === 'all' || topics.some((topic) => changed.includes(topic))) onChange()
}

function openLearning(): void {
  let openings = 0
  follow(({ onLive, onLost, onError }) =>
    api.system.changes.subscribe(
      { sinceMs: performance.now() - startedAt },
      {
        onData: ({ changed }) => tell(changed),
        onConnectionStateChange: ({ state }) => {
          if (state === 'connecting') return onLost()
          if (state !== 'pending') return
          onLive()
          // The first opening says by itself what changed before it; a later one may have missed something.
          if (openings++ > 0) tell('all')
        },
        onError,
      },
    ),
  )
}

function follow(subscribe: (handlers: Handlers) => { unsubscribe(): void }): Accessor<StreamState> {
  const [state, setState] = createSignal<StreamState>('connecting')
  let subscription: { unsubscribe(): void } | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let wasLive = false

  function open(): void {
    if (subscription !== null) return
    subscription = subscribe({
      onLive: () => {
        wasLive = true
        setState('live')
      },
      onLost: () => setState(wasLive ? 'reconnecting' : 'connecting'),
      onError: (error) => {
        close()
        setState(wasLive ? 'reconnecting' : 'connecting')
        if (toFailure(error).kind === 'gone') return markSignedOut()
        timer = setTimeout(open, retryMs)
      },
    })
  }
  function close(): void {
    subscription?.unsubscribe()
    subscription = null
  }
  function onVisibility(): void {
    clearTimeout(timer)
    timer = document.hidden ? setTimeout(close, hiddenGraceMs) : setTimeout(open, 0)
  }

  open()
  document.addEventListener('visibilitychange', onVisibility)
  onCleanup(() => {
    document.removeEventListener('visibilitychange', onVisibility)
    clearTimeout(timer)
    close()
  })
  return state
}
