/** A prompt as one row of tokens: system text, then user text, each between marks. Pure. */
import { gapSign, tokenKind } from './signs.ts'
import { tokenize, type Tokens } from './tokens.ts'
import { toSort } from './tools.ts'
import type { MinedPrompt } from './types.ts'

export interface Sequence {
  hashes: Int32Array
  kinds: Uint8Array
  /**
   * Three neighbours each, structure mixed in; 53 bits, so that chance collisions stay below 1e-4 for a million of
   * them. `NaN` over a gap.
   */
  grams: Float64Array
  /** Where the tokens of each text begin in the row (behind its opening mark); -1 = there is no such text. */
  systemFrom: number
  userFrom: number
  system: Tokens | null
  user: Tokens | null
}

export const marks = {
  systemStart: 0x11d3a5b7,
  systemEnd: 0x3c6ef372,
  userStart: 0x1f83d9ab,
  userEnd: 0x5be0cd19,
} as const

/** O(length of the texts). */
export function toSequence(prompt: MinedPrompt): Sequence {
  const system = prompt.system === null ? null : tokenize(prompt.system)
  const user = prompt.user === null ? null : tokenize(prompt.user)
  const total = (system ? system.count + 2 : 0) + (user ? user.count + 2 : 0)
  const hashes = new Int32Array(total)
  const kinds = new Uint8Array(total)
  let at = 0
  const append = (tokens: Tokens, start: number, end: number): number => {
    const from = at + 1
    hashes[at] = start
    kinds[at] = tokenKind.mark
    hashes.set(tokens.hashes.subarray(0, tokens.count), from)
    kinds.set(tokens.kinds.subarray(0, tokens.count), from)
    at = from + tokens.count
    hashes[at] = end
    kinds[at] = tokenKind.mark
    at++
    return from
  }
  const systemFrom = system ? append(system, marks.systemStart, marks.systemEnd) : -1
  const userFrom = user ? append(user, marks.userStart, marks.userEnd) : -1
  // Prompts with and without a system text are of different structure.
  const salt = hashStructure(toSort(prompt.structure)) ^ ((system ? 1 : 0) | (user ? 2 : 0))
  const grams = new Float64Array(Math.max(0, total - 2))
  for (let place = 0; place < grams.length; place++) {
    const gap =
      kinds[place] === tokenKind.gap || kinds[place + 1] === tokenKind.gap || kinds[place + 2] === tokenKind.gap
    grams[place] = gap
      ? Number.NaN
      : gramOf(hashes[place] as number, hashes[place + 1] as number, hashes[place + 2] as number, salt)
  }
  return { hashes, kinds, grams, systemFrom, userFrom, system, user }
}

/**
 * Mixes three token hashes and a salt to 53 bits: two 32-bit lanes with the finaliser of MurmurHash3 (A. Appleby,
 * public domain).
 */
export function gramOf(first: number, second: number, third: number, salt: number): number {
  const low = finish(Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77) ^ Math.imul(third, 0xc2b2ae3d) ^ salt)
  const high = finish(
    Math.imul(first, 0x27d4eb2f) + Math.imul(second, 0x165667b1) + Math.imul(third, 0x9e3779b1) + salt,
  )
  return (high >>> 11) * 4294967296 + (low >>> 0)
}

export function finish(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** FNV-1a, 32 bits. */
export function hashStructure(structure: string): number {
  let hash = 0x811c9dc5
  for (let place = 0; place < structure.length; place++)
    hash = Math.imul(hash ^ structure.charCodeAt(place), 0x01000193)
  return hash | 0
}

/**
 * Keeps beginning and end of a text that is too long; a template's fixed text is at the ends far more often than in the
 * middle.
 */
export function clipText(text: string | null, limit: number): string | null {
  if (text === null || text.length <= limit) return text
  const head = Math.floor(limit * 0.75)
  return text.slice(0, head) + gapSign + text.slice(text.length - (limit - head - 1))
}
