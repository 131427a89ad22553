/**
 * Sets of prompts and the fixed text they share: the closed sets of formal concept analysis (Wille 1982), with word
 * 3-grams as attributes. A 3-gram's prompts are a candidate; what all of them share is its fixed text. Pure.
 */
import { indexGrams, indexPairs } from './gram-index.ts'
import type { Sequence } from './sequence.ts'
import { tokenKind } from './signs.ts'
import { minSupport, weights } from './weights.ts'
import type { Work } from './work.ts'

export interface Concept {
  /** Indexes of its prompts, ascending. */
  rows: Int32Array
  /** 3-grams that all of them hold. */
  shared: Set<number>
  /** The shortest of its prompts, and which of that prompt's tokens are fixed. */
  base: number
  fixed: Uint8Array
  /** For each fixed token, the fewest prompts that hold a 3-gram over it: how exclusive the token is to this set. */
  holders: Int32Array
  fromStart: boolean
  toEnd: boolean
  /** Worth of its fixed text, plain, and as a difference to others. */
  worth: number
  distinction: number
  strength: number
  /** Order in which candidates are taken. */
  rank: number
}

/** O(tokens); memory O(tokens). */
export function* collectEvidence(sequences: Sequence[], maxCandidates: number): Work<Evidence> {
  const { grams, holdersOf } = yield* indexGrams(sequences)
  const pairs = yield* indexPairs(grams, holdersOf)
  const limit = Math.min(maxCandidates, countAffordable(grams))
  return new Evidence(sequences, grams, holdersOf, yield* listCandidates([holdersOf, pairs], limit))
}

export class Evidence {
  readonly sequences: Sequence[]
  readonly candidates: Int32Array[]
  /** The numbers of each prompt's 3-grams; -1 = over a gap, or in too few prompts. */
  private readonly grams: Int32Array[]
  private readonly holdersOf: number[][]
  private readonly members = new Map<number, Set<number>>()

  constructor(sequences: Sequence[], grams: Int32Array[], holdersOf: number[][], candidates: Int32Array[]) {
    this.sequences = sequences
    this.grams = grams
    this.holdersOf = holdersOf
    this.candidates = candidates
  }

  /** The fixed text of a set of prompts. O(length of the shortest prompt × size of the set). */
  close(rows: Int32Array): Concept {
    let base = rows[0] as number
    for (const row of rows) if (this.lengthOf(row) < this.lengthOf(base)) base = row
    const own = this.grams[base] as Int32Array
    const fixed = new Uint8Array(this.lengthOf(base))
    const holders = new Int32Array(fixed.length).fill(0x7fffffff)
    const shared = new Set<number>()
    const refused = new Set<number>()
    for (let place = 0; place < own.length; place++) {
      const gram = own[place] as number
      if (gram < 0 || refused.has(gram)) continue
      const count = (this.holdersOf[gram] as number[]).length
      if (!shared.has(gram)) {
        if (count < rows.length || !this.holdAll(gram, rows)) {
          refused.add(gram)
          continue
        }
        shared.add(gram)
      }
      for (let token = place; token < place + 3; token++) {
        fixed[token] = 1
        if (count < (holders[token] as number)) holders[token] = count
      }
    }
    return weigh({ rows, shared, base, fixed, holders }, (this.sequences[base] as Sequence).kinds)
  }

  fixedIn(row: number, shared: Set<number>): Uint8Array {
    const own = this.grams[row] as Int32Array
    const fixed = new Uint8Array(this.lengthOf(row))
    for (let place = 0; place < own.length; place++)
      if (shared.has(own[place] as number)) fixed.fill(1, place, place + 3)
    return fixed
  }

  /**
   * Worth of what a part fixes beyond the whole; text that also stands in many prompts outside the part counts less.
   */
  extra(part: Concept, whole: Concept): number {
    const { kinds } = this.sequences[part.base] as Sequence
    const fixedByWhole = this.fixedIn(part.base, whole.shared)
    let sum = 0
    for (let token = 0; token < kinds.length; token++) {
      if (part.fixed[token] === 1 && fixedByWhole[token] === 0)
        sum +=
          (weights.distinction[kinds[token] as number] as number) *
          Math.sqrt(part.rows.length / (part.holders[token] as number))
    }
    return sum
  }

  private holdAll(gram: number, rows: Int32Array): boolean {
    let set = this.members.get(gram)
    if (set === undefined) this.members.set(gram, (set = new Set(this.holdersOf[gram])))
    for (const row of rows) if (!set.has(row)) return false
    return true
  }

  lengthOf(row: number): number {
    return (this.sequences[row] as Sequence).kinds.length
  }
}

/**
 * So many sets may be closed: their number times the length of a prompt stays bounded, however long the prompts are.
 */
function countAffordable(grams: Int32Array[]): number {
  const total = grams.reduce((sum, own) => sum + own.length, 0)
  return Math.ceil((maxClosingWork * grams.length) / Math.max(1, total))
}
const maxClosingWork = 20_000_000

/**
 * The distinct sets of enough prompts that some 3-gram has; the ones with most 3-grams × prompts when there are too
 * many.
 */
function* listCandidates(indexes: number[][][], maxCandidates: number): Work<Int32Array[]> {
  const sets = new Map<number, { rows: number[]; weight: number; order: number }>()
  let looked = 0
  for (const holdersOf of indexes) {
    for (const rows of holdersOf) {
      if (++looked % 1024 === 0) yield 512
      if (rows.length < minSupport) continue
      const key = hashRows(rows)
      const same = sets.get(key)
      if (same) same.weight += rows.length
      else sets.set(key, { rows, weight: rows.length, order: sets.size })
      if (rows.length > 256) yield rows.length >> 2
    }
  }
  let list = [...sets.values()]
  if (list.length > maxCandidates)
    list = list.sort((a, b) => b.weight - a.weight || a.order - b.order).slice(0, maxCandidates)
  return list.map((set) => Int32Array.from(set.rows))
}

/** 53 bits of a set of prompts. O(size). */
export function hashRows(rows: ArrayLike<number>): number {
  let low = 0x811c9dc5
  let high = rows.length
  for (let index = 0; index < rows.length; index++) {
    low = Math.imul(low ^ (rows[index] as number), 0x01000193)
    high = Math.imul(high, 0x9e3779b1) + (rows[index] as number) + (low >>> 15)
  }
  return (high >>> 11) * 4294967296 + (low >>> 0)
}

/** Adds up the runs of fixed tokens. O(length of the shortest prompt). */
function weigh(set: Pick<Concept, 'rows' | 'shared' | 'base' | 'fixed' | 'holders'>, kinds: Uint8Array): Concept {
  const support = set.rows.length
  let worth = 0
  let distinction = 0
  let value = 0
  let exclusive = 0
  for (let token = 0; token < kinds.length;) {
    if (set.fixed[token] === 0) {
      token++
      continue
    }
    const from = token
    let words = 0
    let runWorth = 0
    let runExclusive = 0
    for (; token < kinds.length && set.fixed[token] === 1; token++) {
      const kind = kinds[token] as number
      const one = weights.worth[kind] as number
      if (kind === tokenKind.word || kind === tokenKind.sign) words++
      runWorth += one
      runExclusive += (one * support) / (set.holders[token] as number)
      distinction += weights.distinction[kind] as number
    }
    const factor = edgeFactor(kinds[from] as number, kinds[token - 1] as number) * (words > 0 ? 1 : weights.wordless)
    worth += runWorth
    value += runWorth * factor
    exclusive += runExclusive * factor
  }
  const fromStart = set.fixed[0] === 1
  const toEnd = set.fixed[kinds.length - 1] === 1
  const anchor = fromStart ? weights.fromStart : toEnd ? weights.toEnd : weights.within
  const rank =
    Math.min(exclusive, weights.saturation + exclusive * weights.beyondSaturation) *
    anchor *
    (support - 1) ** weights.support
  return {
    ...set,
    fromStart,
    toEnd,
    worth,
    distinction,
    strength: value * (fromStart || toEnd ? 1 : weights.withinStrength),
    rank,
  }
}

/** Fixed text that breaks off between two words more likely goes on in the slot; marks are no edges. */
function edgeFactor(first: number, last: number): number {
  const edges = [first, last].filter((kind) => kind !== tokenKind.mark)
  if (edges.length === 0) return 1
  const words = edges.filter((kind) => kind === tokenKind.word || kind === tokenKind.sign).length
  return (edges.length - words + words * weights.wordEdge) / edges.length
}
