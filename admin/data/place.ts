/**
 * Where somebody was on a page, so that Back leads there again: how far it was scrolled, and which row had the focus.
 */
import { createEffect, on, onCleanup, onMount } from 'solid-js'
import type { Location } from '@solidjs/router'

interface Place {
  scrollY: number
  /** The link that had the focus. */
  href: string | null
}

const places = new Map<string, Place>()
const maxPlaces = 100
/** Rows come with the page's data; a page that needs longer begins at its top. */
const restoreMs = 10_000

let byHistory = false

/** Whether the page that is being shown was come back to by Back or Forward. */
export function isReturning(): boolean {
  return byHistory
}

/** A new page begins at its heading, for screen readers too; one that is come back to where it was left. */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function keepPlaces(location: Location, main: () => HTMLElement | undefined): void {
  const at = (): string => location.pathname + location.search
  let stopRestoring = (): void => {}

  function remember(): void {
    const link = document.activeElement?.closest('main a[href]')
    places.delete(at())
    places.set(at(), { scrollY: window.scrollY, href: link?.getAttribute('href') ?? null })
    const [oldest] = places.keys()
    if (places.size > maxPlaces && oldest !== undefined) places.delete(oldest)
  }

  function restore({ scrollY, href }: Place): void {
    const element = main()
    if (element === undefined) return
    const attempt = (): void => {
      const link = href === null ? null : element.querySelector<HTMLElement>(`a[href="${CSS.escape(href)}"]`)
      if (document.documentElement.scrollHeight < scrollY + window.innerHeight || (href !== null && link === null))
        return
      stopRestoring()
      link?.focus({ preventScroll: true })
      window.scrollTo(0, scrollY)
    }
    const observer = new MutationObserver(attempt)
    const timer = setTimeout(() => stopRestoring(), restoreMs)
    stopRestoring = () => {
      observer.disconnect()
      clearTimeout(timer)
      stopRestoring = () => {}
    }
    observer.observe(element, { childList: true, subtree: true })
    attempt()
  }

  const onPop = (): void => void (byHistory = true)
  const onAct = (): void => {
    stopRestoring()
    remember()
  }
  onMount(() => {
    history.scrollRestoration = 'manual'
    window.addEventListener('popstate', onPop, { capture: true })
    window.addEventListener('scroll', remember, { passive: true })
    document.addEventListener('focusin', remember)
    document.addEventListener('pointerdown', onAct)
    document.addEventListener('keydown', onAct)
  })
  onCleanup(() => {
    window.removeEventListener('popstate', onPop, { capture: true })
    window.removeEventListener('scroll', remember)
    document.removeEventListener('focusin', remember)
    document.removeEventListener('pointerdown', onAct)
    document.removeEventListener('keydown', onAct)
    stopRestoring()
  })
  // The page itself asks whether it was come back to while it is made; after that it is a page like any other, and so
  // is one on which Back only took a filter away.
  createEffect(on(at, () => queueMicrotask(() => (byHistory = false)), { defer: true }))
  createEffect(
    on(
      () => location.pathname,
      () => {
        stopRestoring()
        const place = byHistory ? places.get(at()) : undefined
        main()?.focus({ preventScroll: true })
        if (place === undefined) return window.scrollTo(0, 0)
        restore(place)
      },
      { defer: true },
    ),
  )
}
