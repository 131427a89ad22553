import { createSignal, onCleanup, type Accessor } from 'solid-js'

/**
 * Whether there is room for columns. Asked in script where a row is another one then, so that nothing is in the page
 * twice.
 */
export function createWide(): Accessor<boolean> {
  const query = window.matchMedia('(min-width: 48rem)')
  const [wide, setWide] = createSignal(query.matches)
  const onChange = (): void => void setWide(query.matches)
  query.addEventListener('change', onChange)
  onCleanup(() => query.removeEventListener('change', onChange))
  return wide
}
