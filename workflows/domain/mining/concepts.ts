/**
 * Sets of prompts and the fixed text they share: the closed sets of formal concept analysis (Wille 1982), with word
 * 3-grams as attributes. A 3-gram's prompts are a candidate; what all of them share is its fixed text. Pure.
 */
import type { Sequence } from './sequence.ts'
import { tokenKind } from './tokens.ts'
import { minSupport, weights } from './weights.ts'

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

export interface Evidence {
  sequences: Sequence[]
  candidates: Int32Array[]
  close(rows: Int32Array): Concept
  fixedIn(row: number, shared: Set<number>): Uint8Array
  extra(part: Concept, whole: Concept): number
}

/** O(tokens) to build; memory O(tokens). `close` costs O(length of the shortest prompt × size of the set). */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function collectEvidence(sequences: Sequence[], maxCandidates: number): Evidence {
  const { grams, holdersOf } = indexGrams(sequences)
  const members = new Map<number, Set<number>>()

  function holdAll(gram: number, rows: Int32Array): boolean {
    let set = members.get(gram)
    if (set === undefined) members.set(gram, (set = new Set(holdersOf[gram])))
    for (const row of rows) if (!set.has(row)) return false
    return true
  }

  function close(rows: Int32Array): Concept {
    let base = rows[0] as number
    for (const row of rows) if (lengthOf(row) < lengthOf(base)) base = row
    const own = grams[base] as Int32Array
    const fixed = new Uint8Array(lengthOf(base))
    const holders = new Int32Array(fixed.length).fill(0x7fffffff)
    const shared = new Set<number>()
    const refused = new Set<number>()
    for (let place = 0; place < own.length; place++) {
      const gram = own[place] as number
      if (gram < 0 || refused.has(gram)) continue
      const count = (holdersOf[gram] as number[]).length
      if (!shared.has(gram)) {
        if (count < rows.length || !holdAll(gram, rows)) {
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
    return weigh({ rows, shared, base, fixed, holders }, (sequences[base] as Sequence).kinds)
  }

  function lengthOf(row: number): number {
    return (sequences[row] as Sequence).kinds.length
  }

  function fixedIn(row: number, shared: Set<number>): Uint8Array {
    const own = grams[row] as Int32Array
    const fixed = new Uint8Array(lengthOf(row))
    for (let place = 0; place < own.length; place++)
      if (shared.has(own[place] as number)) fixed.fill(1, place, place + 3)
    return fixed
  }

  /**
   * Worth of what a part fixes beyond the whole; text that also stands in many prompts outside the part counts less.
   */
  function extra(part: Concept, whole: Concept): number {
    const { kinds } = sequences[part.base] as Sequence
    const known = fixedIn(part.base, whole.shared)
    let sum = 0
    for (let token = 0; token < kinds.length; token++) {
      if (part.fixed[token] === 1 && known[token] === 0)
        sum +=
          (weights.distinction[kinds[token] as number] as number) *
          Math.sqrt(part.rows.length / (part.holders[token] as number))
    }
    return sum
  }

  return {
    sequences,
    candidates: listCandidates([...holdersOf, ...indexPairs(grams)], Math.min(maxCandidates, affordable(grams))),
    close,
    fixedIn,
    extra,
  }
}

/**
 * So many sets may be closed: their number times the length of a prompt stays bounded, however long the prompts are.
 */
function affordable(grams: Int32Array[]): number {
  const total = grams.reduce((sum, own) => sum + own.length, 0)
  return Math.ceil((maxClosingWork * grams.length) / Math.max(1, total))
}
const maxClosingWork = 20_000_000

/** Numbers the 3-grams and lists the prompts of each, ascending. O(tokens). */
function indexGrams(sequences: Sequence[]): { grams: Int32Array[]; holdersOf: number[][] } {
  const numbers = new Map<number, number>()
  const holdersOf: number[][] = []
  const grams = sequences.map((sequence, row) => {
    const own = new Int32Array(sequence.grams.length)
    for (let place = 0; place < own.length; place++) {
      const gram = sequence.grams[place] as number
      if (Number.isNaN(gram)) {
        own[place] = -1
        continue
      }
      let number = numbers.get(gram)
      if (number === undefined) {
        numbers.set(gram, (number = holdersOf.length))
        holdersOf.push([])
      }
      own[place] = number
      const holders = holdersOf[number] as number[]
      if (holders[holders.length - 1] !== row) holders.push(row)
    }
    return own
  })
  return { grams, holdersOf }
}

/**
 * The prompts of two neighbouring 3-grams, which are a 4-gram: each alone may stand in other prompts by chance, both
 * together hardly do. O(tokens).
 */
function indexPairs(grams: Int32Array[]): number[][] {
  const holders = new Map<number, number[]>()
  const note = (first: number, second: number, row: number): void => {
    if (first < 0 || second < 0) return
    const key = first * 67108864 + second
    const known = holders.get(key)
    if (known === undefined) holders.set(key, [row])
    else if (known[known.length - 1] !== row) known.push(row)
  }
  grams.forEach((own, row) => {
    for (let place = 1; place < own.length; place++) note(own[place - 1] as number, own[place] as number, row)
  })
  return [...holders.values()]
}

/**
 * The distinct sets of enough prompts that some 3-gram has; the ones with most 3-grams × prompts when there are too
 * many.
 */
function listCandidates(holdersOf: number[][], maxCandidates: number): Int32Array[] {
  const sets = new Map<number, { rows: number[]; weight: number; order: number }>()
  for (const rows of holdersOf) {
    if (rows.length < minSupport) continue
    const key = hashRows(rows)
    const known = sets.get(key)
    if (known) known.weight += rows.length
    else sets.set(key, { rows, weight: rows.length, order: sets.size })
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
      if (kind === tokenKind.word) words++
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
  const words = edges.filter((kind) => kind === tokenKind.word).length
  return (edges.length - words + words * weights.wordEdge) / edges.length
}
