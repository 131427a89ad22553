/** The hold-back's interval, the wins of a fleet, weakness, unit costs and replays. */
import { toRho2, toSequence } from '../../domain/experiments/confidence-sequence.ts'
import { toFleetLimit } from '../../domain/experiments/fleet.ts'
import { readGuardrails } from '../../domain/experiments/guardrails.ts'
import { estimateHoldback } from '../../domain/experiments/holdback.ts'
import { comparePairs } from '../../domain/experiments/replay-pairs.ts'
import type { UnitOutcome } from '../../domain/experiments/units.ts'
import { addWeighted, countPairs, createWeightedEffect, toEstimate } from '../../domain/experiments/weighted-effect.ts'
import { isBelow } from '../../domain/patterns/weakness.ts'
import { createDice, unitOf, type Dice } from '../experiments/simulator.ts'
import { noBaseline, settings } from '../experiments/settings.ts'
import { countBoth, toRuns, type Figure, type Scale } from './measure.ts'

/** How often a figure's runs show what is counted. */
function measure(name: string, runs: number, bound: Pick<Figure, 'atMost' | 'atLeast'>, one: () => boolean): Figure {
  const { after } = countBoth(runs, () => ({ before: false, after: one() }))
  return { name, before: null, after, ...bound }
}

export function measureHoldback(scale: Scale): Figure[] {
  return [100, 300, 1_000].flatMap((heldBack) =>
    [[0.97, 0.985] as const, [0.7, 0.75] as const, [0.995, 0.999] as const].map(([control, treatment], index) => {
      const dice = createDice(60_000 + heldBack + index)
      const name = `hold-back interval wrong: ${control} → ${treatment}, ${heldBack} held back`
      return measure(name, toRuns(scale, 2_000), { atMost: 0.06 }, () => {
        const units: UnitOutcome[] = Array.from({ length: heldBack * 20 }, (_, unit) => {
          const arm = unit % 20 === 0 ? 'control' : 'treatment'
          return unitOf(arm, dice.next() < (arm === 'control' ? control : treatment) ? 1 : 0)
        })
        const found = estimateHoldback(units, settings, 'success')
        return found === null || found.low > treatment - control || found.high < treatment - control
      })
    }),
  )
}

/** The largest evidence that an experiment ever has within its units. */
function findEvidence(dice: Dice, control: number, treatment: number, limit: number): boolean {
  const measured = createWeightedEffect()
  const rho2 = toRho2(settings.alpha, settings.expectedUnits)
  for (let unit = 0; unit < 4_000; unit++) {
    const arm = dice.next() < 0.5 ? 'control' : 'treatment'
    addWeighted(measured, arm, 0.5, dice.next() < (arm === 'control' ? control : treatment) ? 1 : 0)
    if (unit % 10 !== 0 || countPairs(measured) < settings.minimumPairs) continue
    const { difference, logE } = toSequence(toEstimate(measured), settings.alpha, rho2)
    if (difference > 0 && logE >= limit) return true
  }
  return false
}

/** One experiment after another, every win kept: how many fleets have any false win, and how many real ones are won. */
export function measureFleets(scale: Scale): Figure[] {
  return [[100, 0] as const, [90, 10] as const].flatMap(([nulls, real], index): Figure[] => {
    const dice = createDice(70_000 + index)
    const runs = toRuns(scale, 300)
    let anyFalse = 0
    let [won, falseWins] = [0, 0]
    for (let run = 0; run < runs; run++) {
      const order = Array.from({ length: nulls + real }, (_, at) => ({ isReal: at < real, key: dice.next() }))
      order.sort((a, b) => a.key - b.key)
      let [right, wrong] = [0, 0]
      for (const [at, { isReal }] of order.entries()) {
        const limit = toFleetLimit({ number: at + 1, wins: right + wrong }, settings.fleetLevel)
        if (!findEvidence(dice, 0.5, isReal ? 0.6 : 0.5, limit)) continue
        if (isReal) right++
        else wrong++
      }
      if (wrong > 0) anyFalse++
      won += right
      falseWins += wrong
    }
    const name = `${nulls} without effect, ${real} with, one after another`
    return [
      // The share of false ones among the wins is what is controlled; without any effect that is any win at all.
      {
        name: `any false win: ${name}`,
        before: null,
        after: { hits: anyFalse, runs },
        ...(real === 0 && { atMost: 0.05 }),
      },
      ...(real === 0
        ? []
        : [
            {
              name: `false among the wins: ${name}`,
              before: null,
              after: { hits: falseWins, runs: Math.max(1, won + falseWins) },
              atMost: 0.05,
            },
            { name: `real ones won: ${name}`, before: null, after: { hits: won, runs: runs * real }, atLeast: 0.9 },
          ]),
    ]
  })
}

/** Looked at after every exchange from the twentieth to the thousandth, against the bound of 70 %. */
export function measureWeakness(scale: Scale): Figure[] {
  return [0.75, 0.8, 0.85, 0.9, 0.5].map((rate, index) => {
    const dice = createDice(80_000 + index)
    const bound = rate < 0.7 ? { atLeast: 0.99 } : { atMost: 0.05 }
    const runs = toRuns(scale, 2_000)
    let before = 0
    const figure = measure(`called weak within 1,000 exchanges: works ${100 * rate} %`, runs, bound, () => {
      let [successes, plain, weak] = [0, false, false]
      for (let count = 1; count <= 1_000; count++) {
        if (dice.next() < rate) successes++
        if (count < 20) continue
        plain ||= successes / count <= 0.7
        weak ||= isBelow(successes, count - successes, 0.7)
      }
      if (plain) before++
      return weak
    })
    return { ...figure, before: { hits: before, runs } }
  })
}

/** A treatment that costs four times as much, in units of many exchanges; and one that costs the same. */
export function measureUnitCosts(scale: Scale): Figure[] {
  return [1, 10, 30].flatMap((exchanges) =>
    [4, 1].map((factor) => {
      const dice = createDice(90_000 + 10 * exchanges + factor)
      const cost = (): number => {
        let sum = 0
        for (let exchange = 0; exchange < exchanges; exchange++) sum += 0.001 * Math.exp(dice.normal())
        return sum
      }
      const before = Array.from({ length: 500 }, cost).sort((a, b) => a - b)
      const baseline = { ...noBaseline, unitCostP99Usd: before[495] as number }
      const bound = factor === 1 ? { atMost: 0.01 } : { atLeast: 0.99 }
      return measure(`mean cost ×${factor} seen, ${exchanges} exchanges a unit`, toRuns(scale, 400), bound, () => {
        const units = Array.from({ length: 600 }, () => {
          const arm = dice.next() < 0.5 ? 'control' : 'treatment'
          return unitOf(arm, 1, { costUsd: cost() * (arm === 'treatment' ? factor : 1) })
        })
        return readGuardrails(units, settings, baseline).at(-1)?.state === 'harm'
      })
    }),
  )
}

/** A proposal without any effect, on ten failed and ten successful requests that work in 44 % of tries. */
export function measureReplays(scale: Scale): Figure[] {
  const dice = createDice(99_000)
  const works = (): number => (dice.next() < 0.44 ? 1 : 0)
  const sample = (): number => (works() + works()) / 2
  return [
    measure('a replay without effect says it helps', toRuns(scale, 4_000), { atMost: 0.025 }, () => {
      const pairs = Array.from({ length: 20 }, () => ({ original: sample(), enhanced: sample() }))
      return (comparePairs(pairs)?.low ?? 0) > 0
    }),
  ]
}
