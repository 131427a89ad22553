/**
 * What an optimisation learns from, and what it must not see until the end. Pure. Conversations are split by a hash of
 * their unit, so that the same traffic is split alike however often it is asked, and near copies go together.
 */
import { sha256Head } from '../experiments/sha256.ts'
import { toRuns, toWords } from '../enhancements/proposal-words.ts'

export type Split = 'train' | 'validation' | 'sealed'

export interface Source {
  id: string
  /** The conversation; one exchange of each is taken, its first turn. */
  unit: string
  key: string
  subgroup: string
  verdict: 'success' | 'failure'
  text: string
}

export interface Item extends Source {
  split: Split
}

export const maxItems = 240
/** No caller's key may be more than this of the material. */
export const maxKeyShare = 0.2
const trainShare = 0.5
const validationShare = 0.3
/** Two texts that share so many of their runs are near copies. */
const minCopyShare = 0.8
const runLength = 4
const maxRuns = 200

/** Stratified by verdict and subgroup, in an order that only the seed decides. */
export function selectMaterial(sources: readonly Source[], seed: string): Item[] {
  const seen = new Set<string>()
  const drawn = sources
    .map((source) => ({ source, draw: toFraction(`${seed}\norder\n${source.id}`) }))
    .sort((a, b) => a.draw - b.draw)
    .filter(({ source }) => !seen.has(source.unit) && seen.add(source.unit))
  const strata = Map.groupBy(drawn, ({ source }) => `${source.verdict}\n${source.subgroup}`)
  const queues = [...strata.values()]
  const perKey = new Map<string, number>()
  const taken: Source[] = []
  const maxPerKey = Math.max(1, Math.floor(Math.min(maxItems, drawn.length) * maxKeyShare))
  for (let round = 0; taken.length < maxItems && queues.some((queue) => queue.length > round); round++)
    for (const queue of queues) {
      const source = queue[round]?.source
      if (source === undefined || taken.length >= maxItems) continue
      const count = perKey.get(source.key) ?? 0
      if (count >= maxPerKey) continue
      perKey.set(source.key, count + 1)
      taken.push(source)
    }
  return splitItems(taken, seed)
}

/** Near copies share the split of the first of them: none may stand on both sides. */
function splitItems(sources: Source[], seed: string): Item[] {
  const leaders: { runs: Set<string>; split: Split }[] = []
  return sources.map((source) => {
    const runs = new Set(toRuns(toWords(source.text), runLength).slice(0, maxRuns))
    const copy = leaders.find((leader) => isCopy(leader.runs, runs))
    const split = copy?.split ?? toSplit(`${seed}\nsplit\n${source.unit}`)
    if (copy === undefined && runs.size > 0) leaders.push({ runs, split })
    return { ...source, split }
  })
}

function isCopy(one: Set<string>, other: Set<string>): boolean {
  if (one.size === 0 || other.size === 0) return false
  let shared = 0
  for (const run of other) if (one.has(run)) shared++
  return shared / Math.min(one.size, other.size) >= minCopyShare
}

function toSplit(text: string): Split {
  const fraction = toFraction(text)
  return fraction < trainShare ? 'train' : fraction < trainShare + validationShare ? 'validation' : 'sealed'
}

export function toFraction(text: string): number {
  return sha256Head(text)[0] / 2 ** 32
}

/** Units or near copies that stand on both sides of a split; an optimisation with any of them proves nothing. */
export function findLeaks(items: readonly Item[]): string[] {
  const splits = new Map<string, Set<Split>>()
  for (const { unit, split } of items) splits.set(unit, (splits.get(unit) ?? new Set()).add(split))
  return [...splits].filter(([, set]) => set.size > 1).map(([unit]) => unit)
}
