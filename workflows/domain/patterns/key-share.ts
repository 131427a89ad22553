/**
 * How much a caller's key weighs in a pattern's numbers. Pure.
 *
 * No key weighs more than a fifth: of a key with n judged exchanges min(n, m) count, where m is the largest number with
 * m ≤ 0.2 · Σ min(n, m) over all keys; its successes count in proportion. So one busy caller cannot decide alone what
 * is said of a prompt that many use. Where fewer than five keys use it nobody can be held to a fifth, and all counts in
 * full.
 */

export interface KeyCounts {
  keyName: string
  successes: number
  failures: number
}

export interface Weighed {
  successes: number
  failures: number
  /** What one key counts at most; `null` = all in full. */
  cap: number | null
}

const shareMax = 0.2

/** O(keys log keys). */
export function weighKeys(keys: readonly KeyCounts[]): Weighed {
  const judged = keys
    .map(({ successes, failures }) => Math.max(0, successes) + Math.max(0, failures))
    .filter((count) => count > 0)
  const cap = findCap(judged)
  const weighed: Weighed = { successes: 0, failures: 0, cap }
  for (const { successes, failures } of keys) {
    const count = Math.max(0, successes) + Math.max(0, failures)
    if (count === 0) continue
    const weight = Math.min(1, (cap ?? count) / count)
    weighed.successes += Math.max(0, successes) * weight
    weighed.failures += Math.max(0, failures) * weight
  }
  return weighed
}

/**
 * With the counts in ascending order, of which the last k are capped and the others sum to s, m = 0.2 · (s + k·m), so m
 * = 0.2·s / (1 − 0.2·k): the right k is the smallest for which nothing below it exceeds m.
 */
function findCap(judged: number[]): number | null {
  if (judged.length < Math.ceil(1 / shareMax)) return null
  const ascending = [...judged].sort((a, b) => a - b)
  let rest = ascending.reduce((sum, count) => sum + count, 0)
  for (let capped = 0; capped * shareMax < 1; capped++) {
    const largest = ascending[ascending.length - 1 - capped] as number
    const cap = (shareMax * rest) / (1 - shareMax * capped)
    if (largest <= cap) return capped === 0 ? null : cap
    rest -= largest
  }
  // Five keys of which four are larger than the fifth: all count like the smallest of them.
  return ascending[ascending.length - Math.ceil(1 / shareMax)] as number
}

/** Wilson's score interval of a success rate (Wilson 1927), at 95 %. `null` = nothing is judged. */
export function toInterval(successes: number, failures: number): { rate: number; low: number; high: number } | null {
  const n = successes + failures
  if (n <= 0) return null
  const z = 1.959964
  const rate = successes / n
  const middle = (rate + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n))
  return { rate, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}
