/**
 * The four states of a region: loading in the shape of what comes, empty with what to do, failed with a way on, and
 * data.
 */
import { Match, Show, Switch, type Accessor, type JSX } from 'solid-js'
import type { Failure } from '../data/errors.ts'
import type { Load } from '../data/load.ts'
import { StillWaiting } from './waiting.tsx'

interface RegionProps<T> {
  load: Load<T>
  /** What is shown here, as in "could not load ‹the exchanges›". */
  what: string
  skeleton: JSX.Element
  isEmpty?: (data: T) => boolean
  empty?: JSX.Element
  children: (data: Accessor<T>) => JSX.Element
}

export function Region<T>(props: RegionProps<T>): JSX.Element {
  return (
    <Switch>
      <Match when={props.load.data() === undefined && props.load.failure()}>
        {(failure) => <FailureCard failure={failure()} what={props.what} retry={() => void props.load.reload()} />}
      </Match>
      <Match when={props.load.data() === undefined}>
        <div aria-busy="true">
          <span class="sr-only" role="status">
            Loading {props.what}
          </span>
          {props.skeleton}
          <StillWaiting />
        </div>
      </Match>
      <Match when={true}>
        <Show when={props.load.failure()}>
          {(failure) => <StaleNote failure={failure()} retry={() => void props.load.reload()} />}
        </Show>
        <Show when={!props.isEmpty?.(props.load.data() as T)} fallback={props.empty}>
          {props.children(props.load.data as Accessor<T>)}
        </Show>
      </Match>
    </Switch>
  )
}

function FailureCard(props: { failure: Failure; what: string; retry: () => void }): JSX.Element {
  return (
    <div role="alert" class="card p-6 flex flex-col items-start gap-3">
      <div class="flex gap-3">
        <span class="i-lucide-cloud-off text-lg text-warn mt-0.5" aria-hidden="true" />
        <div>
          <p class="font-600">{props.failure.kind === 'missing' ? 'Not here' : `Could not load ${props.what}`}</p>
          <p class="text-soft mt-0.5">{props.failure.message}</p>
          <Show when={props.failure.kind === 'away'}>
            <p class="text-faint text-xs mt-1">This page tries again by itself every two seconds.</p>
          </Show>
        </div>
      </div>
      <button type="button" class="btn" onClick={() => props.retry()}>
        <span class="i-lucide-rotate-cw" aria-hidden="true" /> Retry
      </button>
    </div>
  )
}

function StaleNote(props: { failure: Failure; retry: () => void }): JSX.Element {
  return (
    <div
      role="alert"
      class="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg bg-warn-wash text-warn px-3 py-2 text-sm"
    >
      <span class="i-lucide-history" aria-hidden="true" />
      <span class="flex-1 min-w-50">What you see may be old. {props.failure.message}</span>
      <button
        type="button"
        class="underline underline-offset-3 cursor-pointer min-h-6 px-1"
        onClick={() => props.retry()}
      >
        Retry
      </button>
    </div>
  )
}

export function Empty(props: { icon: string; title: string; children: JSX.Element }): JSX.Element {
  return (
    <div class="card px-6 py-12 text-center flex flex-col items-center gap-2">
      <span class={`${props.icon} text-2xl text-faint`} aria-hidden="true" />
      <p class="font-600">{props.title}</p>
      <div class="text-soft max-w-130 flex flex-col items-center gap-3">{props.children}</div>
    </div>
  )
}

export function SkeletonRows(props: { rows?: number }): JSX.Element {
  return (
    <div class="card overflow-hidden" aria-hidden="true">
      {Array.from({ length: props.rows ?? 8 }, () => (
        <div class="h-12 px-3 flex items-center gap-4 border-b border-line last:border-0">
          <div class="skeleton h-4 w-16" />
          <div class="skeleton h-4 flex-1 max-w-90" />
          <div class="skeleton h-4 w-20 ml-auto" />
        </div>
      ))}
    </div>
  )
}
