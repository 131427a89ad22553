/** While something that was asked for does not come: first a line, then words. */
import { createEffect, createSignal, on, onCleanup, Show, type Accessor, type JSX } from 'solid-js'

const lineMs = 200
const wordsMs = 5_000

/** Whether `busy` has lasted this long without a break. */
export function createPatience(busy: Accessor<boolean>, ms: number): Accessor<boolean> {
  const [over, setOver] = createSignal(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  createEffect(
    on(busy, (now) => {
      clearTimeout(timer)
      setOver(false)
      if (now) timer = setTimeout(() => setOver(true), ms)
    }),
  )
  onCleanup(() => clearTimeout(timer))
  return over
}

/** Above the page that stays until the next one has come. */
export function Waiting(props: { busy: boolean }): JSX.Element {
  const busy = (): boolean => props.busy
  const line = createPatience(busy, lineMs)
  const words = createPatience(busy, wordsMs)
  return (
    <div role="status" class="fixed inset-x-0 top-0 z-30 pointer-events-none">
      <Show when={line()}>
        <div class="h-0.75 bg-accent breathing" />
        <span class="sr-only">Loading the page</span>
      </Show>
      <Show when={words()}>
        <p class="card shadow-xl pointer-events-auto mx-auto mt-3 px-4 py-2.5 w-fit max-w-[calc(100vw-2rem)] flex flex-wrap items-center gap-3">
          <span class="i-lucide-cloud-off text-warn" aria-hidden="true" />
          <span>The admin does not answer. The page comes as soon as it does; traffic goes on without it.</span>
          <button type="button" class="btn !min-h-7" onClick={() => location.reload()}>
            Reload
          </button>
        </p>
      </Show>
    </div>
  )
}

/** In a region that has nothing to show yet. */
export function StillWaiting(): JSX.Element {
  const words = createPatience(() => true, wordsMs)
  return (
    <Show when={words()}>
      <p class="text-warn text-sm mt-3 mb-0">The admin has not answered for a while; this is still being waited for.</p>
    </Show>
  )
}
