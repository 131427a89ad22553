/**
 * Where somebody was on a page, so that Back, Forward and a reload lead there again: which link had the focus, where it
 * stood in the window, and how far the page was scrolled.
 */
import type { Location } from '@solidjs/router'
import { createEffect, on, onCleanup, onMount } from 'solid-js'

interface Place {
  scrollY: number
  /** The link that had the focus, as the how manieth that leads there, and how high it stood in the window. */
  focus: { href: string; index: number; top: number } | null
}

const storageKey = 'sinew-places'
const maxPlaces = 100
/** Rows come with the page's data; on a page that needs longer nobody is moved any more. */
const restoreMs = 10_000
/** What a person does to move on a page by themselves. */
const acts = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const

const places = readPlaces()
let stopRestoring: (() => void) | null = null

/**
 * The place in the tab's history. While a link is followed it is still the one that is left; Back and Forward change it
 * first. Browsers that do not name it count how deep they are.
 */
export function historyKey(): string {
  return window.navigation?.currentEntry?.key ?? String((history.state as { _depth?: number } | null)?._depth)
}

/** Whether the step before this one in the history was a page of this path, with whatever filters. */
export function isStepBack(path: string): boolean {
  const { navigation } = window
  const before = navigation?.entries()[(navigation.currentEntry?.index ?? 0) - 1]?.url
  return before !== null && before !== undefined && new URL(before).pathname === path
}

/** A new page begins at its heading, for screen readers too; one that is come back to stands where it was left. */
export function keepPlaces(location: Location, main: () => HTMLElement | undefined): void {
  // While a page is on its way, what is shown and what the window's address says are two pages.
  const keyHere = (): string | null =>
    location.pathname + location.search === window.location.pathname + window.location.search
      ? `${historyKey()} ${location.pathname}${location.search}`
      : null
  const remember = (): void => {
    const key = keyHere()
    if (stopRestoring === null && key !== null) rememberPlace(key, main())
  }
  const onAct = (): void => {
    stopRestoring?.()
    remember()
  }
  function arrive(isNewPage: boolean): void {
    stopRestoring?.()
    const element = main()
    const place = places.get(keyHere() ?? '')
    if (element === undefined) return
    if (place !== undefined) return restore(place, element, isNewPage)
    if (!isNewPage) return
    element.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }

  onMount(() => {
    history.scrollRestoration = 'manual'
    window.addEventListener('scroll', remember, { passive: true })
    window.addEventListener('pagehide', writePlaces)
    document.addEventListener('focusin', remember)
    for (const act of acts) document.addEventListener(act, onAct, { passive: true, capture: true })
    arrive(false)
  })
  onCleanup(() => {
    window.removeEventListener('scroll', remember)
    window.removeEventListener('pagehide', writePlaces)
    document.removeEventListener('focusin', remember)
    for (const act of acts) document.removeEventListener(act, onAct, { capture: true })
    stopRestoring?.()
  })
  createEffect(
    on(
      () => [location.pathname, location.search] as const,
      ([path], before) => arrive(path !== before?.[0]),
      { defer: true },
    ),
  )
}

function rememberPlace(key: string, main: HTMLElement | undefined): void {
  const link = document.activeElement?.closest<HTMLElement>('a[href]')
  const href = link?.getAttribute('href')
  const isInMain = main !== undefined && link !== null && link !== undefined && main.contains(link)
  places.delete(key)
  places.set(key, {
    scrollY: window.scrollY,
    focus:
      isInMain && href
        ? { href, index: findLinks(href, main).indexOf(link), top: link.getBoundingClientRect().top }
        : null,
  })
  const [oldest] = places.keys()
  if (places.size > maxPlaces && oldest !== undefined) places.delete(oldest)
}

function findLinks(href: string, main: HTMLElement): HTMLElement[] {
  return [...main.querySelectorAll<HTMLElement>(`a[href="${CSS.escape(href)}"]`)]
}

/** The scroll at once, as far as the page is long enough; the focus when its row has come. */
function restore(place: Place, main: HTMLElement, isNewPage: boolean): void {
  let isScrolled = false
  if (isNewPage) main.focus({ preventScroll: true })
  function attempt(): void {
    const link = place.focus === null ? undefined : findLinks(place.focus.href, main)[place.focus.index]
    if (!isScrolled && document.documentElement.scrollHeight >= place.scrollY + window.innerHeight) {
      isScrolled = true
      window.scrollTo(0, place.scrollY)
    }
    if (place.focus === null ? !isScrolled : link === undefined) return
    stopRestoring?.()
    if (place.focus === null || link === undefined) return
    for (let fold = link.closest('details'); fold !== null; fold = fold.parentElement?.closest('details') ?? null)
      fold.open = true
    link.focus({ preventScroll: true })
    window.scrollBy(0, link.getBoundingClientRect().top - place.focus.top)
  }
  const observer = new MutationObserver(attempt)
  const timer = setTimeout(() => stopRestoring?.(), restoreMs)
  stopRestoring = () => {
    observer.disconnect()
    clearTimeout(timer)
    stopRestoring = null
  }
  observer.observe(main, { childList: true, subtree: true, attributes: true, attributeFilter: ['href'] })
  attempt()
}

function readPlaces(): Map<string, Place> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as [string, Place][])
  } catch {
    return new Map()
  }
}

function writePlaces(): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify([...places]))
  } catch {
    // A browser that stores nothing begins a reloaded page at its top.
  }
}
