/**
 * What is true in the simulated world, from a seed: how often each application's prompt works, and what each proposed
 * change of it really does. Sinew sees none of this; it sees requests and answers. Pure.
 */
import { createDice } from '../experiments/simulator.ts'
import { tasks, type Task } from './tasks.ts'

/**
 * `improvable`: its proposal helps. `harmful`, `costly`: its proposal must not be promoted. `healthy`: nobody proposes
 * anything.
 */
export type Kind = 'improvable' | 'harmful' | 'costly' | 'healthy'

export interface WorldPattern {
  number: number
  task: Task
  kind: Kind
  /** How often the prompt works as it is, for the mean of both models. */
  rate: number
  /** Relative change of that by the proposal: 0.5 = half as often again. */
  lift: number
  /** Share of the traffic, relative to the others. */
  weight: number
}

export interface World {
  seed: number
  patterns: WorldPattern[]
}

export interface WorldSize {
  improvable: number
  harmful: number
  costly: number
  healthy: number
}

export const wholeWorld: WorldSize = { improvable: 10, harmful: 5, costly: 5, healthy: 20 }
export const smallWorld: WorldSize = { improvable: 2, harmful: 1, costly: 1, healthy: 2 }

export const models = ['meridian-large', 'meridian-small'] as const
export type WorldModel = (typeof models)[number]

/** The larger model does a little better at everything. */
const modelOffset: Record<WorldModel, number> = { 'meridian-large': 0.03, 'meridian-small': -0.03 }
/** Some conversations are harder than others: standard deviation of their own rate around the pattern's. */
const sessionSpread = 0.08
/** Requests that fail for reasons of the provider's, whatever the prompt. */
export const outageRate = 0.005
const weakWeight = 4

export const lifts = { least: 0.35, most: 0.8 } as const

export function createWorld(seed: number, size: WorldSize = wholeWorld): World {
  const dice = createDice(seed)
  const between = (low: number, high: number): number => low + (high - low) * dice.next()
  const order = tasks.map((task) => ({ task, at: dice.next() })).sort((a, b) => a.at - b.at)
  const kinds = (['improvable', 'harmful', 'costly', 'healthy'] as const).flatMap((kind) =>
    Array.from({ length: size[kind] }, () => kind),
  )
  const patterns = kinds.map((kind, number): WorldPattern => {
    const { task } = order[number % order.length] as (typeof order)[number]
    switch (kind) {
      case 'improvable': {
        const lift = between(lifts.least, lifts.most)
        // However strong the change, a tenth of the requests goes wrong all the same.
        return { number, task, kind, rate: between(0.38, Math.min(0.55, 0.9 / (1 + lift))), lift, weight: weakWeight }
      }
      case 'harmful':
        return { number, task, kind, rate: between(0.45, 0.6), lift: -between(0.3, 0.6), weight: weakWeight }
      case 'costly':
        return { number, task, kind, rate: between(0.4, 0.58), lift: 0, weight: weakWeight }
      case 'healthy':
        return { number, task, kind, rate: between(0.86, 0.97), lift: 0, weight: 1 }
    }
  })
  return { seed, patterns }
}

/** How often one conversation's requests work. `spread`: the conversation's own draw, standard normal. */
export function toSessionRate(pattern: WorldPattern, model: WorldModel, enhanced: boolean, spread: number): number {
  const rate = pattern.rate * (enhanced ? 1 + pattern.lift : 1) + modelOffset[model] + sessionSpread * spread
  return Math.min(0.98, Math.max(0.02, rate))
}
