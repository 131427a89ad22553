import { createSignal, onCleanup, type Accessor } from 'solid-js'

/**
 * How many letters fit beside each other, in rem of the page's own font size: columns that fit at one text size do not
 * at twice that size, which no query of the window's width can tell.
 */
export function createRoom(element: () => HTMLElement | undefined): Accessor<number> {
  const [room, setRoom] = createSignal(measure(document.documentElement))
  const observer = new ResizeObserver(() => setRoom(measure(element() ?? document.documentElement)))
  queueMicrotask(() => {
    const watched = element()
    if (watched === undefined) return
    observer.observe(watched)
    setRoom(measure(watched))
  })
  onCleanup(() => observer.disconnect())
  return room
}

function measure(element: HTMLElement): number {
  return element.clientWidth / Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
}
