/**
 * Where the slots of a prompt end when a caller's own text holds the fixed text that follows a slot. Pure. Two readings
 * fit then, and nobody can tell which one the application meant.
 */
import type { TemplatePart } from '../mining/types.ts'
import { isBoundary } from '../mining/signs.ts'

/**
 * The values when every fixed text is taken at its last possible place; `fitParts` takes the first one. `text` fits
 * its parts already. `null` = the reading from the end does not fit.
 */
export function fitFromEnd(parts: readonly TemplatePart[], text: string): Record<string, string> | null {
  const places = parts.map(() => -1)
  const firstPart = parts[0]
  const floor = firstPart !== undefined && 'fixed' in firstPart ? firstPart.fixed.length : 0
  let end = text.length
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index] as TemplatePart
    if ('slot' in part) continue
    const place =
      index === 0
        ? 0
        : index === parts.length - 1
          ? text.length - part.fixed.length
          : findLast(text, part.fixed, floor, end)
    if (place < 0 || place + part.fixed.length > end) return null
    places[index] = place
    end = place
  }
  const values: Record<string, string> = {}
  let at = 0
  for (const [index, part] of parts.entries()) {
    if ('fixed' in part) at = (places[index] as number) + part.fixed.length
    else values[part.slot] = text.slice(at, index + 1 < parts.length ? (places[index + 1] as number) : text.length)
  }
  return values
}

function findLast(text: string, fixed: string, floor: number, end: number): number {
  for (
    let place = text.lastIndexOf(fixed, end - fixed.length);
    place >= floor;
    place = text.lastIndexOf(fixed, place - 1)
  ) {
    if (isBoundary(text, place) && isBoundary(text, place + fixed.length)) return place
    if (place === 0) return -1
  }
  return -1
}
