/**
 * Loading one thing for one region of a page: what was shown stays while it is loaded again or fails, and what is away
 * is tried again.
 */
import { createEffect, createSignal, on, onCleanup, untrack, type Accessor } from 'solid-js'
import { createStore, reconcile, unwrap } from 'solid-js/store'
import { toFailure, type Failure } from './errors.ts'
import { markSignedOut } from './session.ts'

export interface Load<T> {
  /** The last answer; `undefined` until there is one. */
  data: Accessor<T | undefined>
  /** What went wrong the last time; `null` = nothing, or it is not over yet. */
  failure: Accessor<Failure | null>
  loading: Accessor<boolean>
  reload(): Promise<void>
  /** Puts in an answer that came another way. */
  put(value: T): void
}

const retryMs = 2_000

/** Loads anew whenever `source` changes; `key` tells whether it is another thing, whose old answer must not stay. */
export function createLoad<S, T>(
  source: Accessor<S>,
  fetcher: (source: S, signal: AbortSignal) => Promise<T>,
  key: (source: S) => string = () => '',
): Load<T> {
  const [box, setBox] = createStore<{ value: T | undefined }>({ value: undefined })
  const [failure, setFailure] = createSignal<Failure | null>(null)
  const [loading, setLoading] = createSignal(false)
  let current = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let shownKey: string | null = null

  function put(value: T): void {
    // Keeps the identity of what did not change, so that rows keep their focus and their place.
    setBox('value', reconcile(value, { key: 'id', merge: true }) as never)
    setFailure(null)
  }

  async function reload(): Promise<void> {
    current.abort()
    clearTimeout(timer)
    const mine = (current = new AbortController())
    setLoading(true)
    try {
      const value = await fetcher(untrack(source), mine.signal)
      if (!mine.signal.aborted) put(value)
    } catch (error) {
      if (mine.signal.aborted) return
      const found = toFailure(error)
      setFailure(found)
      if (found.kind === 'gone') markSignedOut()
      if (found.kind === 'away') timer = setTimeout(() => void reload(), retryMs)
    } finally {
      if (!mine.signal.aborted) setLoading(false)
    }
  }

  createEffect(
    on(source, (next) => {
      const nextKey = key(next)
      if (shownKey !== null && shownKey !== nextKey) {
        setBox('value', undefined as never)
        setFailure(null)
      }
      shownKey = nextKey
      void reload()
    }),
  )
  onCleanup(() => {
    current.abort()
    clearTimeout(timer)
  })
  return { data: () => box.value, failure, loading, reload, put: (value) => put(unwrap(value)) }
}
