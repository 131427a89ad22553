/** What came of a world: each pattern's fate, and how well its requests went before and after. */
import { type Call } from './driver.ts'
import { type World, type WorldPattern } from './truth.ts'
import type { Experiment } from './read-product.ts'

/** What became of one pattern's proposal. */
export interface Fate {
  pattern: WorldPattern
  /** `none`: nothing was proposed; else the state of its experiment. */
  state: string
  /** The experiment's own words. */
  verdict: string
  pairs: number
}

export interface WorldResult {
  fates: Fate[]
  promotedReal: number
  promotedWrong: number
  /** Of the improvable patterns' requests that reached a model; `after` is outside the hold-back. */
  before: { good: number; all: number }
  after: { good: number; all: number }
  heldBack: { good: number; all: number }
  sessions: number
  exchanges: number
  elapsedMs: number
  workflowsPerSecond: number
  timeline: { atMs: number; good: number; all: number }[]
  refusals: string[]
}

const bucketMs = 10_000

interface Material {
  world: World
  calls: Call[]
  experiments: Experiment[]
  firstDecisionAt: number
  afterFrom: number
  heldBack: ReadonlySet<string>
  startedAt: number
  sessions: number
  refusals: string[]
}

export function toResult({
  world,
  calls,
  experiments,
  firstDecisionAt,
  afterFrom,
  heldBack,
  startedAt,
  sessions,
  refusals,
}: Material): WorldResult {
  const improvable = new Set(world.patterns.filter(({ kind }) => kind === 'improvable').map(({ number }) => number))
  const judged = calls.filter(({ good, pattern }) => good !== null && improvable.has(pattern))
  const count = (list: Call[]): { good: number; all: number } => ({
    good: list.filter(({ good }) => good).length,
    all: list.length,
  })
  const fates = world.patterns
    .filter(({ kind }) => kind !== 'healthy')
    .map((pattern): Fate => {
      const own = experiments.filter(({ number }) => number === pattern.number)
      const best = own.find(({ state }) => state === 'promoted') ?? own[0]
      return { pattern, state: best?.state ?? 'none', verdict: best?.verdict ?? '', pairs: best?.pairs ?? 0 }
    })
  const promoted = fates.filter(({ state }) => state === 'promoted')
  const elapsedMs = Date.now() - startedAt
  const after = judged.filter(({ at }) => at >= afterFrom)
  return {
    fates,
    promotedReal: promoted.filter(({ pattern }) => pattern.kind === 'improvable').length,
    // One that belongs to none of the applications would be wrong as well.
    promotedWrong: experiments.filter(({ state, number }) => state === 'promoted' && !improvable.has(number ?? -1))
      .length,
    before: count(judged.filter(({ at }) => at < firstDecisionAt)),
    after: count(after.filter(({ exchangeId }) => !heldBack.has(exchangeId))),
    heldBack: count(after.filter(({ exchangeId }) => heldBack.has(exchangeId))),
    sessions,
    exchanges: calls.length,
    elapsedMs,
    workflowsPerSecond: calls.length / (elapsedMs / 1_000),
    timeline: [...Map.groupBy(judged, ({ at }) => Math.floor((at - startedAt) / bucketMs))]
      .sort(([a], [b]) => a - b)
      .map(([bucket, list]) => ({ atMs: bucket * bucketMs, ...count(list) })),
    refusals,
  }
}
