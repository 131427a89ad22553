/**
 * Loading one thing for one region of a page: what was shown stays while it is loaded again or fails, what is away is
 * tried again, and what the server says has changed is asked for again. The router's own queries keep neither the last
 * good answer nor the failure beside it, which is why pages use this.
 */
import { createEffect, createSignal, on, onCleanup, untrack, type Accessor } from 'solid-js'
import { createStore, reconcile, unwrap } from 'solid-js/store'
import { toFailure, type Failure } from './errors.ts'
import type { Query } from './queries.ts'
import { markSignedOut } from './session.ts'
import { followLearning } from './streams.ts'

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

export interface LoadOptions<S, T> {
  /** Tells whether it is another thing, whose old answer must not stay. */
  key?: (source: S) => string
  /** While this is false, nothing is loaded. */
  ready?: Accessor<boolean>
  /** Whether a nudge may replace what is shown; a page with an open dialog says no. */
  mayChange?: () => boolean
  /** What is known already, and needs no asking. */
  initial?: (source: S) => T | undefined
}

const retryMs = 2_000

/** Loads anew whenever `source` changes, and whenever the server names one of the query's topics. */
export function createLoad<S, T>(query: Query<S, T>, source: Accessor<S>, options: LoadOptions<S, T> = {}): Load<T> {
  const { key = JSON.stringify, ready = () => true, mayChange = () => true, initial = () => undefined } = options
  const [box, setBox] = createStore<{ value: T | undefined }>({ value: untrack(() => initial(source())) })
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
      const value = await query.fetch(untrack(source), mine.signal)
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
    on([source, ready], ([next, isReady]) => {
      if (!isReady) return
      const nextKey = key(next)
      const isFirst = shownKey === null
      const isOther = shownKey !== nextKey
      shownKey = nextKey
      const found = isOther ? untrack(() => initial(next)) : undefined
      if (isOther && !isFirst) {
        current.abort()
        setBox('value', undefined as never)
        if (found !== undefined) setBox('value', found as never)
        setFailure(null)
      }
      if (found === undefined) void reload()
    }),
  )
  if (query.topics.length > 0) followLearning(query.topics, () => void (untrack(ready) && mayChange() && reload()))
  onCleanup(() => {
    current.abort()
    clearTimeout(timer)
  })
  return { data: () => box.value, failure, loading, reload, put: (value) => put(unwrap(value)) }
}
