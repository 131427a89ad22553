/**
 * The pool of candidates as a Pareto front: for each group of inputs the candidates that do best on it. Pure. On
 * recorded scores it chooses as `gepa` does (see the fixture beside the tests).
 */

/** Group → candidates that share its best score. */
export type Fronts = ReadonlyMap<string, ReadonlySet<number>>

/** `scores[candidate]` by group; a candidate without a score for a group takes no part in it. */
export function toFronts(scores: readonly ReadonlyMap<string, number>[]): Fronts {
  const fronts = new Map<string, { best: number; candidates: Set<number> }>()
  scores.forEach((groups, candidate) => {
    for (const [group, score] of groups) {
      const front = fronts.get(group)
      if (front === undefined || score > front.best)
        fronts.set(group, { best: score, candidates: new Set([candidate]) })
      else if (score === front.best) front.candidates.add(candidate)
    }
  })
  return new Map([...fronts].map(([group, { candidates }]) => [group, candidates]))
}

/** Weakest first, one at a time: a candidate goes when on every group it leads another one that stays leads too. */
export function removeDominated(fronts: Fronts, means: readonly number[]): Fronts {
  const present = new Set([...fronts.values()].flatMap((front) => [...front]))
  const weakestFirst = inOrderOfAppearance(fronts).sort((a, b) => (means[a] ?? 0) - (means[b] ?? 0))
  for (let isSettled = false; !isSettled;) {
    const dominated = weakestFirst.find(
      (candidate) => present.has(candidate) && isDominated(candidate, fronts, present),
    )
    isSettled = dominated === undefined
    if (dominated !== undefined) present.delete(dominated)
  }
  return new Map([...fronts].map(([group, front]) => [group, new Set([...front].filter((one) => present.has(one)))]))
}

function inOrderOfAppearance(fronts: Fronts): number[] {
  return [...new Set([...fronts.values()].flatMap((front) => [...front]))]
}

function isDominated(candidate: number, fronts: Fronts, present: ReadonlySet<number>): boolean {
  return [...fronts.values()].every(
    (front) => !front.has(candidate) || [...front].some((other) => other !== candidate && present.has(other)),
  )
}

/** Who leads at least one group, without those that others make needless. */
export function findMembers(fronts: Fronts, means: readonly number[]): number[] {
  return inOrderOfAppearance(removeDominated(fronts, means)).sort((a, b) => a - b)
}

/** How often each member is drawn as a parent: once for each group it leads. */
export function toParentWeights(fronts: Fronts, means: readonly number[]): Map<number, number> {
  const weights = new Map<number, number>()
  for (const front of removeDominated(fronts, means).values())
    for (const candidate of front) weights.set(candidate, (weights.get(candidate) ?? 0) + 1)
  return weights
}

export function drawWeighted<Key>(weights: ReadonlyMap<Key, number>, random: number): Key | null {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  let rest = random * total
  for (const [key, weight] of weights) {
    rest -= weight
    if (rest < 0) return key
  }
  return [...weights.keys()].at(-1) ?? null
}

/** A minibatch lets a candidate on only when its sum rises. */
export function isImprovement(before: readonly number[], after: readonly number[]): boolean {
  return sum(after) > sum(before)
}

/** A merge need only be as good as the better one of its parents. */
export function isMergeAccepted(parents: readonly (readonly number[])[], merged: readonly number[]): boolean {
  return sum(merged) >= Math.max(...parents.map(sum))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
