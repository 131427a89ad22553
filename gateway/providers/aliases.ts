/**
 * Names of the operator's own, each for several deployments of one model: which of them is asked, and which next where
 * that one fails. A session stays where it is, because there its prompts are in the provider's cache.
 */
import { hash } from 'node:crypto'
import type { AliasConfig, Balance } from '../../db/words/alias.ts'
import { Health } from './health.ts'
import type { Alias, Choice, ResolveModel } from './resolve-model.ts'

interface Known {
  model: string
  weight: number
  health: Health
}

/** How many sessions are remembered where latency decides. */
const maxSessions = 10_000

/** A name of the configuration's comes before what any provider lists under it. */
export function withAliases<T extends Choice>(
  resolve: ResolveModel<T>,
  configs: readonly AliasConfig[],
  now?: () => number,
): ResolveModel<T> {
  const aliases = new Map(configs.map((config) => [config.name, createAlias(resolve, config, now)]))
  if (aliases.size === 0) return resolve
  return (model, caller) => {
    const alias = aliases.get(model)
    if (alias === undefined) return resolve(model, caller)
    const [first] = alias.order(caller, null)
    // None of them has this endpoint: the first says so.
    if (first === undefined)
      return resolve(configs.find(({ name }) => name === model)?.deployments[0]?.model ?? '', caller)
    return { target: first.target, model: first.model, prefix: null, alias }
  }
}

function createAlias<T extends Choice>(
  resolve: ResolveModel<T>,
  { name, deployments, balance }: AliasConfig,
  now: (() => number) | undefined,
): Alias<T> {
  const all: Known[] = deployments.map(({ model, weight }) => ({ model, weight, health: new Health(now) }))
  const sorter = createSorter(balance)
  return {
    name,
    order(caller, affinity) {
      const candidates = all.flatMap((known) => {
        const decision = resolve(known.model, caller)
        if ('code' in decision) return []
        const { target, model } = decision
        return [{ known, deployment: { target, model, prefix: null, health: known.health } }]
      })
      const ready = candidates.filter(({ known }) => !known.health.resting)
      const asked = ready.length > 0 ? sorter(ready, affinity) : soonest(candidates)
      return asked.map(({ deployment }) => deployment)
    },
  }
}

type Sorter = <C extends { known: Known }>(candidates: C[], affinity: string | null) => C[]

function createSorter(balance: Balance): Sorter {
  if (balance === 'priority') return (candidates) => candidates
  if (balance === 'weighted') return sortByWeight
  const sessions = new Map<string, string>()
  return (candidates, affinity) => {
    const sorted = candidates.toSorted((a, b) => (a.known.health.firstByteMs ?? 0) - (b.known.health.firstByteMs ?? 0))
    if (affinity === null) return sorted
    const before = sessions.get(affinity)
    const kept = sorted.find(({ known }) => known.model === before)
    const order = kept === undefined ? sorted : [kept, ...sorted.filter((candidate) => candidate !== kept)]
    sessions.delete(affinity)
    sessions.set(affinity, order[0]?.known.model ?? '')
    const [oldest] = sessions.size > maxSessions ? sessions.keys() : []
    if (oldest !== undefined) sessions.delete(oldest)
    return order
  }
}

/**
 * Weighted rendezvous hashing: each deployment draws a number from its name and the session, so that every gateway
 * finds the same order without a word between them, and one that drops out moves only its own sessions. (Thaler and
 * Ravishankar 1998; with weights, −w / ln u.)
 */
function sortByWeight<C extends { known: Known }>(candidates: C[], affinity: string | null): C[] {
  const scores = new Map(candidates.map((candidate) => [candidate, draw(candidate.known, affinity)]))
  return candidates.toSorted((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0))
}

function draw({ model, weight }: Known, affinity: string | null): number {
  const share = affinity === null ? Math.random() : toShare(`${model}\n${affinity}`)
  return -weight / Math.log(share)
}

/** Between 0 and 1, neither of them itself. */
function toShare(text: string): number {
  return (parseInt(hash('sha1', text, 'hex').slice(0, 12), 16) + 1) / (2 ** 48 + 2)
}

function soonest<C extends { known: Known }>(candidates: C[]): C[] {
  return candidates.toSorted((a, b) => a.known.health.restedAt - b.known.health.restedAt).slice(0, 1)
}
