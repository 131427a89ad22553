/**
 * Chooses, among all sets of prompts that share fixed text, those that are patterns. Pure.
 *
 * 1. Sets are taken by rank; one that neither nests in a taken set nor is disjoint from it is dropped, and what it has
 * in
 *    common with that set is tried in its place. The taken sets form a forest.
 * 2. A set of the forest gives way to its parts where these explain it better (see `divide`).
 */
import { hashRows, type Concept, type Evidence } from './concepts.ts'
import { division, minSupport, weights } from './weights.ts'
import type { Work } from './work.ts'

export interface Group {
  rows: Int32Array
  concept: Concept
}

interface Node {
  concept: Concept
  parts: Node[]
}

/** A set that crosses more taken ones than that is a coincidence many times over: its other meets are not tried. */
const maxMeets = 16

/**
 * Groups are disjoint. At most twice as many sets as there are candidates are looked at, each in O(size × depth of the
 * forest).
 */
export function* groupPrompts(evidence: Evidence): Work<Group[]> {
  const groups: Group[] = []
  for (const root of yield* growForest(evidence)) {
    groups.push(...divide(evidence, root))
    yield root.concept.rows.length * 8
  }
  return groups
}

function* growForest(evidence: Evidence): Work<Node[]> {
  const queue = yield* closeCandidates(evidence)
  queue.sort(byRank)
  const tried = new Set(evidence.candidates.map(hashRows))
  const taken: Concept[] = []
  const takenOf: Concept[][] = evidence.sequences.map(() => [])
  const maxQueue = 2 * queue.length
  for (let next = 0; next < queue.length; next++) {
    const concept = queue[next] as Concept
    yield concept.rows.length
    const overlaps = countOverlaps(concept, takenOf)
    let crosses = false
    let meets = 0
    for (const [other, common] of overlaps) {
      if (common === concept.rows.length || common === other.rows.length) continue
      crosses = true
      if (common < minSupport || ++meets > maxMeets || queue.length >= maxQueue) continue
      const rows = intersect(concept.rows, other.rows, common)
      const key = hashRows(rows)
      if (tried.has(key)) continue
      tried.add(key)
      const meet = evidence.close(rows)
      if (isSignificant(meet)) insert(queue, meet, next + 1)
    }
    if (crosses) continue
    taken.push(concept)
    for (const row of concept.rows) (takenOf[row] as Concept[]).push(concept)
  }
  return link(taken, takenOf)
}

function* closeCandidates(evidence: Evidence): Work<Concept[]> {
  const concepts: Concept[] = []
  for (const rows of evidence.candidates) {
    const concept = evidence.close(rows)
    if (isSignificant(concept)) concepts.push(concept)
    yield evidence.lengthOf(concept.base) + rows.length
  }
  return concepts
}

/** How many prompts a set has in common with each of the taken ones. */
function countOverlaps(concept: Concept, takenOf: Concept[][]): Map<Concept, number> {
  const overlaps = new Map<Concept, number>()
  for (const row of concept.rows)
    for (const other of takenOf[row] as Concept[]) overlaps.set(other, (overlaps.get(other) ?? 0) + 1)
  return overlaps
}

/** What two ascending lists have in common, of known size. O(sizes). */
function intersect(a: Int32Array, b: Int32Array, size: number): Int32Array {
  const common = new Int32Array(size)
  let found = 0
  for (let left = 0, right = 0; found < size;) {
    const one = a[left] as number
    const other = b[right] as number
    if (one === other) common[found++] = one
    if (one <= other) left++
    if (other <= one) right++
  }
  return common
}

function isSignificant(concept: Concept): boolean {
  return (
    concept.strength >= weights.minStrength && concept.strength * Math.log2(concept.rows.length) >= weights.minEvidence
  )
}

function byRank(a: Concept, b: Concept): number {
  return b.rank - a.rank || (a.rows[0] as number) - (b.rows[0] as number) || a.rows.length - b.rows.length
}

function insert(queue: Concept[], concept: Concept, from: number): void {
  let low = from
  let high = queue.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (byRank(queue[middle] as Concept, concept) <= 0) low = middle + 1
    else high = middle
  }
  queue.splice(low, 0, concept)
}

/** Each taken set becomes a part of the smallest taken set around it. */
function link(taken: Concept[], takenOf: Concept[][]): Node[] {
  const nodes = new Map(taken.map((concept) => [concept, { concept, parts: [] as Node[] }]))
  const roots: Node[] = []
  for (const [concept, node] of nodes) {
    let parent: Concept | null = null
    for (const other of takenOf[concept.rows[0] as number] as Concept[]) {
      if (
        other !== concept &&
        other.rows.length > concept.rows.length &&
        (parent === null || other.rows.length < parent.rows.length)
      )
        parent = other
    }
    if (parent === null) roots.push(node)
    else (nodes.get(parent) as Node).parts.push(node)
  }
  return roots
}

/**
 * The groups a set ends as. Its parts take its place when together they cover most of it, or half of it while saying
 * much more than it does; or when the prompts outside the parts turn out to share text of their own, so that the set
 * was only what several templates have in common. Values of a slot cover less and leave a remainder with nothing in
 * common.
 */
function divide(evidence: Evidence, node: Node): Group[] {
  const whole = node.concept
  const parts = findParts(evidence, node)
  const covered = parts.reduce((sum, part) => sum + part.node.concept.rows.length, 0)
  if (covered === 0) return [{ rows: whole.rows, concept: whole }]
  const mean =
    parts.reduce(
      (sum, part) => sum + part.node.concept.rows.length * Math.min(part.extra, division.strongSaturation),
      0,
    ) / covered
  const share = covered / whole.rows.length
  if (
    share >= division.coverage ||
    (share >= division.strongCoverage && mean >= division.strongRatio * whole.distinction)
  )
    return separate(evidence, whole, parts)
  if (whole.worth < division.carveMaxWorth) {
    const dominant = parts.filter(
      ({ node: { concept }, extra }) =>
        extra >= division.carveRatio * whole.distinction &&
        ((concept.fromStart && !whole.fromStart) || (concept.toEnd && !whole.toEnd)),
    )
    if (dominant.length > 0) return separate(evidence, whole, dominant)
  }
  return divideByRemainder(evidence, whole, parts) ?? [{ rows: whole.rows, concept: whole }]
}

type Part = { node: Node; extra: number }

/** The nearest sets below that fix enough more than the whole. */
function findParts(evidence: Evidence, node: Node): Part[] {
  const needed = Math.max(division.minExtra, division.minExtraShare * node.concept.distinction)
  const parts: Part[] = []
  const open = [...node.parts]
  while (open.length > 0) {
    const below = open.shift() as Node
    if (isValue(evidence, below.concept, node.concept)) continue
    const extra = evidence.extra(below.concept, node.concept)
    if (extra >= needed) parts.push({ node: below, extra })
    else open.push(...below.parts)
  }
  return parts
}

/**
 * Whether a part is what the whole's slots held several times, and no template of its own: hardly anything varies in
 * it.
 */
function isValue(evidence: Evidence, part: Concept, whole: Concept): boolean {
  const free = countFree(evidence, part)
  return free <= division.freeTokensMax && countFree(evidence, whole) >= free + division.freeTokensMore
}

/** Tokens that are not fixed, on the average of its prompts. O(size of the set). */
function countFree({ sequences }: Evidence, { rows, fixed }: Concept): number {
  let tokens = 0
  for (const row of rows) tokens += (sequences[row] as { kinds: Uint8Array }).kinds.length
  return tokens / rows.length - fixed.reduce((sum, one) => sum + one, 0)
}

function separate(evidence: Evidence, whole: Concept, parts: Part[]): Group[] {
  const groups = parts.flatMap((part) => divide(evidence, part.node))
  const rest = remainderOf(whole, parts)
  if (rest.length >= minSupport) groups.push({ rows: rest, concept: whole })
  return groups
}

/**
 * `null` = the remainder shares nothing of its own. Parts that share the remainder's text belong to it: they are values
 * of its slots.
 */
function divideByRemainder(evidence: Evidence, whole: Concept, all: Part[]): Group[] | null {
  for (let parts = all; parts.length > 0;) {
    const rest = remainderOf(whole, parts)
    if (rest.length < minSupport) return null
    const remainder = evidence.close(rest)
    const apart = parts.filter((part) => ![...remainder.shared].every((gram) => part.node.concept.shared.has(gram)))
    if (apart.length < parts.length) {
      parts = apart
      continue
    }
    if (evidence.extra(remainder, whole) < division.remainderExtra) return null
    return [...parts.flatMap((part) => divide(evidence, part.node)), { rows: rest, concept: remainder }]
  }
  return null
}

function remainderOf(whole: Concept, parts: Part[]): Int32Array {
  const inside = new Set<number>()
  for (const part of parts) for (const row of part.node.concept.rows) inside.add(row)
  return whole.rows.filter((row) => !inside.has(row))
}
