/** Two candidates of one ancestor become one, part by part. Pure. */

export type Parts = Readonly<Record<string, string>>

export interface Family {
  parts: readonly Parts[]
  parents: readonly (readonly number[])[]
  means: readonly number[]
}

function findAncestors({ parents }: Pick<Family, 'parents'>, candidate: number): Set<number> {
  const found = new Set<number>()
  const waiting = [...(parents[candidate] ?? [])]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue
    found.add(next)
    waiting.push(...(parents[next] ?? []))
  }
  return found
}

/**
 * Ancestors over which two candidates can be merged: neither descends from the other, the ancestor is better than
 * neither, and at least one part was changed by one of the two alone.
 */
export function findMergeAncestors(family: Family, one: number, other: number): number[] {
  const { parts, means } = family
  const [ofOne, ofOther] = [findAncestors(family, one), findAncestors(family, other)]
  if (ofOne.has(other) || ofOther.has(one)) return []
  return [...ofOne]
    .filter((ancestor) => ofOther.has(ancestor))
    .filter((ancestor) => means[ancestor]! <= means[one]! && means[ancestor]! <= means[other]!)
    .filter((ancestor) =>
      Object.entries(parts[ancestor]!).some(
        ([name, text]) =>
          parts[one]![name] !== parts[other]![name] && (text === parts[one]![name] || text === parts[other]![name]),
      ),
    )
    .sort((a, b) => a - b)
}

/** What one of the two left as it was comes from the other; what both changed, from the better one (`tie` decides). */
export function mergeParts(family: Family, one: number, other: number, ancestor: number, tie = one): Parts {
  const { parts, means } = family
  return Object.fromEntries(
    Object.entries(parts[ancestor]!).map(([name, text]) => {
      const [left, right] = [parts[one]![name]!, parts[other]![name]!]
      if (left === right) return [name, left]
      if (text === left) return [name, right]
      if (text === right) return [name, left]
      const better = means[one]! > means[other]! ? one : means[other]! > means[one]! ? other : tie
      return [name, parts[better]![name]!]
    }),
  )
}
