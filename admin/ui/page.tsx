/** The frame of a page: its heading, what belongs beside it, and its title for tabs and screen readers. */
import { A } from '@solidjs/router'
import { createEffect, Show, type JSX } from 'solid-js'
import { isStepBack } from '../data/place.ts'

interface PageProps {
  title: string
  /** A line below the heading. */
  lead?: JSX.Element
  aside?: JSX.Element
  back?: { href: string; label: string }
  children: JSX.Element
}

export function Page(props: PageProps): JSX.Element {
  createEffect(() => {
    document.title = `${props.title} · Sinew`
  })
  return (
    <div class="mx-auto max-w-320 px-4 sm:px-6 lg:px-8 py-5 sm:py-7">
      <Show when={props.back}>
        {(back) => (
          <A
            href={back().href}
            on:click={(event: MouseEvent) => stepBack(event, back().href)}
            class="inline-flex items-center gap-1 min-h-6 mb-1 -ml-0.5 text-sm text-soft hover:text-ink no-underline"
          >
            <span class="i-lucide-chevron-left" aria-hidden="true" /> {back().label}
          </A>
        )}
      </Show>
      <header class="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 mb-5">
        <div class="min-w-0">
          <h1 class="text-xl font-650 tracking-tight leading-tight break-words" tabindex="-1">
            {props.title}
          </h1>
          <Show when={props.lead}>
            <div class="text-soft mt-1">{props.lead}</div>
          </Show>
        </div>
        <Show when={props.aside}>
          <div class="flex flex-wrap items-center gap-2">{props.aside}</div>
        </Show>
      </header>
      {props.children}
    </div>
  )
}

/** Whoever came from the list goes back to it as it was left, with its filters; a new tab gets the list itself. */
function stepBack(event: MouseEvent, href: string): void {
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
  if (!isPlain || !isStepBack(href)) return
  event.preventDefault()
  history.back()
}

/** Facts as term and value, in as many columns as fit. */
export function Facts(props: { children: JSX.Element }): JSX.Element {
  return <dl class="card p-4 grid grid-cols-2 sm:grid-cols-3 lg:grid-cols-4 gap-x-6 gap-y-4 m-0">{props.children}</dl>
}

export function Fact(props: { term: string; title?: string | undefined; children: JSX.Element }): JSX.Element {
  return (
    <div class="min-w-0">
      <dt class="text-xs text-soft">{props.term}</dt>
      <dd class="m-0 mt-0.5 font-500 break-words" title={props.title}>
        {props.children}
      </dd>
    </div>
  )
}

/** A share from 0 to 1 as a thin bar; the number beside it says the same. */
export function Meter(props: { share: number | null; tone?: string }): JSX.Element {
  return (
    <svg class={`w-14 h-1.5 shrink-0 ${props.tone ?? 'text-accent'}`} viewBox="0 0 56 6" aria-hidden="true">
      <rect width="56" height="6" rx="3" class="fill-current opacity-18" />
      <Show when={props.share !== null}>
        <rect width={56 * Math.min(1, Math.max(0, props.share ?? 0))} height="6" rx="3" class="fill-current" />
      </Show>
    </svg>
  )
}
