/** Single-key shortcuts: never while somebody types, and off for those who do not want them (WCAG 2.1.4). */
import { createSignal, onCleanup, onMount } from 'solid-js'

const storageKey = 'sinew-shortcuts'
const [shortcuts, setShortcuts] = createSignal(localStorage.getItem(storageKey) !== 'off')
export { shortcuts }

export function switchShortcuts(on: boolean): void {
  setShortcuts(on)
  localStorage.setItem(storageKey, on ? 'on' : 'off')
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** Keys by `KeyboardEvent.key`; a handler that returns false lets the browser have it. */
export function useKeys(handlers: Record<string, (event: KeyboardEvent) => boolean | void>): void {
  function onKey(event: KeyboardEvent): void {
    if (
      !shortcuts() ||
      event.defaultPrevented ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      isTyping(event.target)
    )
      return
    if (document.querySelector('dialog[open]')) return
    const handler = handlers[event.key]
    if (handler && handler(event) !== false) event.preventDefault()
  }
  onMount(() => document.addEventListener('keydown', onKey))
  onCleanup(() => document.removeEventListener('keydown', onKey))
}
