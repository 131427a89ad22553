/** Templates as lists of fixed texts and slots: fitting them to a text, filling them, writing them down. Pure. */
import { isBoundary } from './signs.ts'
import type { MinedTemplate, TemplatePart } from './types.ts'

export interface Fitting {
  /** Slot values and fixed texts in order of appearance, with their places. */
  pieces: { slot: string | null; text: string; start: number; end: number }[]
}

/**
 * Fits a text to its parts. Every fixed text is taken at its leftmost place behind the one before, the last one at the
 * end: that finds a fit whenever there is one (as for glob patterns), without ever going back. O(length of the text ×
 * occurrences skipped inside words), in practice one `indexOf` a fixed text. `null` = it does not fit.
 */
export function fitParts(parts: TemplatePart[], text: string, search: Search = unlimited): Fitting | null {
  if (parts.length === 0) return text === '' ? { pieces: [] } : null
  const end = findTail(parts, text)
  if (end < 0) return null
  const places: number[] = []
  const last = parts.length - 1
  let at = 0
  for (const [index, part] of parts.entries()) {
    if ('slot' in part) {
      places.push(-1)
      continue
    }
    const place =
      index === 0
        ? findHead(part.fixed, text, last === 0)
        : index === last
          ? end
          : findNext(part.fixed, text, at, end, search)
    if (place < at) return null
    places.push(place)
    at = place + part.fixed.length
  }
  return { pieces: cut(parts, places, text) }
}

/** Where the fixed text at the end begins, or the text ends; -1 = the text ends otherwise. */
function findTail(parts: TemplatePart[], text: string): number {
  const last = parts[parts.length - 1]
  if (last === undefined || 'slot' in last || parts.length === 1) return text.length
  const place = text.length - last.fixed.length
  return place >= 0 && text.endsWith(last.fixed) && isBoundary(text, place) ? place : -1
}

function findHead(fixed: string, text: string, whole: boolean): number {
  if (!text.startsWith(fixed)) return -1
  return (whole ? text.length === fixed.length : isBoundary(text, fixed.length)) ? 0 : -1
}

/** How many characters may still be searched. */
interface Search {
  charactersLeft: number
}

const unlimited: Search = { charactersLeft: Number.POSITIVE_INFINITY }
/** A search goes on in stretches, so that it can end between two. */
const stretch = 16_384

/** The leftmost place between two word boundaries. */
function findNext(fixed: string, text: string, from: number, end: number, search: Search): number {
  let place = from
  while (place + fixed.length <= end && search.charactersLeft > 0) {
    const stop = Math.min(end, place + stretch + fixed.length)
    const found = stop === text.length ? text.indexOf(fixed, place) : text.slice(0, stop).indexOf(fixed, place)
    const next = found < 0 ? stop - fixed.length + 1 : found
    search.charactersLeft -= next - place + fixed.length
    if (found >= 0 && isBoundary(text, found) && isBoundary(text, found + fixed.length)) return found
    place = found < 0 ? next : found + 1
  }
  return -1
}

function cut(parts: TemplatePart[], places: number[], text: string): Fitting['pieces'] {
  let at = 0
  return parts.map((part, index) => {
    const start = at
    if ('fixed' in part) at = start + part.fixed.length
    else at = index + 1 < parts.length ? (places[index + 1] as number) : text.length
    return { slot: 'slot' in part ? part.slot : null, text: text.slice(start, at), start, end: at }
  })
}

/**
 * The template in the form people edit and enhancements use: slots as `{{name}}`. Fixed text never holds `{{` or `}}`
 * (see `shape`).
 */
export function toPromptTemplate(template: MinedTemplate): { system: string | null; template: string | null } {
  return { system: writeParts(template.system), template: writeParts(template.user) }
}

function writeParts(parts: TemplatePart[] | null): string | null {
  return parts === null ? null : parts.map((part) => ('fixed' in part ? part.fixed : `{{${part.slot}}}`)).join('')
}

/**
 * Fixed texts and slots (`null`) as parts: neighbours of a kind are joined, slots get names, and double braces become
 * slots of their own, so that what is written down can be read back. O(length).
 */
export function shape(pieces: (string | null)[], taken: Set<string>): TemplatePart[] {
  const bare: (string | null)[] = []
  for (const piece of pieces.flatMap((text) => (text === null ? [null] : text.split(/(\{\{+|\}\}+)/)))) {
    const value = piece === null || /^(\{\{|\}\})/.test(piece) ? null : piece
    const last = bare[bare.length - 1]
    if (value === '') continue
    if (value === null) {
      if (bare.length === 0 || last !== null) bare.push(null)
    } else if (typeof last === 'string') bare[bare.length - 1] = last + value
    else bare.push(value)
  }
  return bare.map((piece, index) =>
    piece === null ? { slot: nameSlot(bare[index - 1] ?? '', taken) } : { fixed: piece },
  )
}

/** `Question: {{question}}`: the label before a slot names it, else it is an input. */
function nameSlot(before: string, taken: Set<string>): string {
  const label =
    /([A-Za-z][A-Za-z0-9_]{1,23})[\])*]*\s*[:=]\s*["'`(<[]*\s*$/.exec(before.slice(-60))?.[1]?.toLowerCase() ?? 'input'
  let name = label
  for (let count = 2; taken.has(name); count++) name = `${label}${count}`
  taken.add(name)
  return name
}
