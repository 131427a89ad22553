/** `j` and `k` move through the rows of a list; Enter then follows the row's own link. */
import { useKeys } from './keys.ts'

export function useRowKeys(container: () => HTMLElement | undefined): void {
  function move(step: 1 | -1): boolean {
    const links = [...(container()?.querySelectorAll<HTMLAnchorElement>('a.row-link') ?? [])]
    if (links.length === 0) return false
    const at = links.findIndex((link) => link === document.activeElement)
    const next = at < 0 ? (step === 1 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step))
    links[next]?.focus()
    return true
  }
  useKeys({ j: () => move(1), k: () => move(-1) })
}
