/** What surrounds every page: the way around, who is signed in, and what to do when nobody is. */
import { A, Navigate, useIsRouting, useLocation, useNavigate, type RouteSectionProps } from '@solidjs/router'
import { createSignal, ErrorBoundary, For, Match, Show, Suspense, Switch, type JSX } from 'solid-js'
import { useKeys } from '../data/keys.ts'
import { createLoad } from '../data/load.ts'
import { keepPlaces } from '../data/place.ts'
import { queries } from '../data/queries.ts'
import { loadSession, session, signOut } from '../data/session.ts'
import { paths } from '../paths.ts'
import { CrashCard } from './crash.tsx'
import { Mark } from './mark.tsx'
import { SkeletonRows } from './region.tsx'
import { ShortcutSheet } from './shortcut-sheet.tsx'
import { StillWaiting, Waiting } from './waiting.tsx'

const places = [
  { href: paths.exchanges(), label: 'Exchanges', icon: 'i-lucide-activity', key: 'e' },
  { href: paths.patterns(), label: 'Patterns', icon: 'i-lucide-layers', key: 'p' },
  { href: paths.enhancements(), label: 'Enhancements', icon: 'i-lucide-sparkles', key: 'n' },
  { href: paths.rules(), label: 'Rules', icon: 'i-lucide-replace', key: 'u' },
  { href: paths.experiments(), label: 'Experiments', icon: 'i-lucide-flask-conical', key: 'x' },
  { href: paths.reanalysis(), label: 'Reanalysis', icon: 'i-lucide-refresh-ccw-dot', key: 'r' },
  { href: paths.system(), label: 'System', icon: 'i-lucide-heart-pulse', key: 's' },
]

/** After `g`, the next key within this time chooses the place. */
const goMs = 1_500

export function Shell(props: RouteSectionProps): JSX.Element {
  const location = useLocation()
  if (session().kind === 'unknown') void loadSession()
  return (
    <Switch>
      <Match when={session().kind === 'out'}>
        <Navigate href={paths.signIn({ next: location.pathname + location.search })} />
      </Match>
      <Match when={session().kind === 'unreachable'}>
        <Unreachable />
      </Match>
      <Match when={session().kind === 'in'}>
        <Frame>{props.children}</Frame>
      </Match>
    </Switch>
  )
}

function Frame(props: { children: JSX.Element }): JSX.Element {
  const [sheet, setSheet] = createSignal(false)
  const [main, setMain] = createSignal<HTMLElement>()
  const isRouting = useIsRouting()
  useGoKeys()
  useKeys({ '?': () => void setSheet(true) })
  keepPlaces(useLocation(), main)
  return (
    <div class="min-h-screen md:grid md:grid-cols-[13.5rem_minmax(0,1fr)]">
      <a href="#main" class="sr-only focus:not-sr-only focus:fixed focus:z-20 focus:m-2 focus:px-3 focus:py-2 card">
        Skip to content
      </a>
      <Waiting busy={isRouting()} />
      <SideBar openSheet={() => setSheet(true)} />
      <main id="main" ref={setMain} tabindex="-1" class="min-w-0 outline-none">
        <ErrorBoundary fallback={(error: unknown, reset) => <CrashCard error={error} reset={reset} />}>
          <Suspense fallback={<FirstPage />}>{props.children}</Suspense>
        </ErrorBoundary>
      </main>
      <ShortcutSheet open={sheet()} onClose={() => setSheet(false)} places={places} />
    </div>
  )
}

function SideBar(props: { openSheet: () => void }): JSX.Element {
  const state = session()
  const person = state.kind === 'in' ? state.person : ''
  const inbox = createLoad(queries.waiting, () => null)
  const waiting = (): number => inbox.data()?.waiting ?? 0
  return (
    <header class="sticky top-0 z-10 bg-canvas border-b md:border-b-0 md:border-r border-line md:h-screen flex md:flex-col">
      <div class="hidden md:flex items-center gap-2.5 px-5 pt-6 pb-5">
        <Mark />
        <span class="text-base font-650 tracking-tight">Sinew</span>
      </div>
      <nav
        aria-label="Main"
        class="flex-1 min-w-0 flex md:flex-col gap-0.5 px-1.5 md:px-3 py-1.5 md:py-0 overflow-x-auto"
      >
        <For each={places}>
          {(place) => (
            <A
              href={place.href}
              class="flex items-center justify-center md:justify-start gap-2.5 min-h-9 min-w-10 px-2 md:px-2.5 rounded-lg no-underline text-soft hover:text-ink hover:bg-sunken"
              activeClass="!text-ink bg-sunken font-550 [&>span:first-child]:text-accent"
            >
              <span class={`${place.icon} text-base`} aria-hidden="true" />
              <span class="sr-only md:not-sr-only">{place.label}</span>
              <Show when={place.href === paths.enhancements() && waiting() > 0}>
                <span class="md:ml-auto chip bg-accent-wash text-accent">
                  <span class="sr-only">to review: </span>
                  {waiting()}
                </span>
              </Show>
            </A>
          )}
        </For>
      </nav>
      <div class="flex md:flex-col gap-0.5 px-1.5 md:px-3 py-1.5 md:pb-4">
        <button
          type="button"
          class="btn-quiet md:!justify-start !hidden md:!inline-flex !gap-2.5 !px-2.5"
          onClick={() => props.openSheet()}
        >
          <span class="i-lucide-keyboard text-base" aria-hidden="true" /> Shortcuts{' '}
          <span class="kbd ml-auto" aria-hidden="true">
            ?
          </span>
        </button>
        <button
          type="button"
          class="btn-quiet md:!justify-start !gap-2.5 !px-2.5 min-w-10"
          title={`Signed in as ${person}`}
          onClick={() => void signOut()}
        >
          <span class="i-lucide-log-out text-base" aria-hidden="true" />
          <span class="sr-only md:not-sr-only truncate">Sign out {person}</span>
        </button>
      </div>
    </header>
  )
}

/** Until the first page's own script has come. */
function FirstPage(): JSX.Element {
  return (
    <div class="mx-auto max-w-320 px-4 sm:px-6 lg:px-8 py-7" aria-busy="true">
      <span class="sr-only" role="status">
        Loading the page
      </span>
      <SkeletonRows />
      <StillWaiting />
    </div>
  )
}

function Unreachable(): JSX.Element {
  const state = session()
  return (
    <main class="min-h-screen grid place-items-center p-4">
      <div role="alert" class="card p-6 max-w-110">
        <p class="font-600">The admin does not answer</p>
        <p class="text-soft mt-1 mb-4">
          {state.kind === 'unreachable' ? state.failure.message : ''} Traffic goes on without it.
        </p>
        <button type="button" class="btn" onClick={() => void loadSession()}>
          Retry
        </button>
      </div>
    </main>
  )
}

function useGoKeys(): void {
  const navigate = useNavigate()
  let goUntil = 0
  const go = (href: string) => (): boolean => {
    if (Date.now() > goUntil) return false
    goUntil = 0
    navigate(href)
    return true
  }
  useKeys({
    g: () => void (goUntil = Date.now() + goMs),
    ...Object.fromEntries(places.map((place) => [place.key, go(place.href)])),
  })
}
