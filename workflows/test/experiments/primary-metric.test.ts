/** The primary metric's verdict over thousands of experiments with known truth, looked at after every unit. */
import { expect, test } from 'vitest'
import {
  addValue,
  createMoments,
  toMeansEstimate,
  toRho2,
  toSequence,
} from '../../domain/experiments/confidence-sequence.ts'
import { takeResolved, type UnitOutcome } from '../../domain/experiments/units.ts'
import { addWeighted, countPairs, createWeightedEffect, toEstimate } from '../../domain/experiments/weighted-effect.ts'
import { createDice, median, unitOf, upper99, type Dice } from './simulator.ts'
import { settings } from './settings.ts'

const { alpha, expectedUnits, minimumPairs } = settings
const rho2 = toRho2(alpha, expectedUnits)
const limit = -Math.log(alpha)

interface Stop {
  /** Pairs at the first look that says something; 0 = none did. */
  pairs: number
  sign: number
}

/** Looks after every unit and stops at the first verdict, as the product may. `most`: units an arm. */
function run(dice: Dice, most: number, draw: (arm: UnitOutcome['arm']) => number): Stop {
  const measured = createWeightedEffect()
  for (let units = 1; units <= 2 * most; units++) {
    const arm = dice.next() < 0.5 ? 'control' : 'treatment'
    addWeighted(measured, arm, 0.5, draw(arm))
    const pairs = countPairs(measured)
    if (pairs < minimumPairs) continue
    const { logE, difference } = toSequence(toEstimate(measured), alpha, rho2)
    if (logE > limit) return { pairs, sign: Math.sign(difference) }
  }
  return { pairs: 0, sign: 0 }
}

const rates =
  (dice: Dice, control: number, treatment: number) =>
  (arm: UnitOutcome['arm']): number =>
    dice.next() < (arm === 'control' ? control : treatment) ? 1 : 0
const repeat = (runs: number, one: () => Stop): Stop[] => Array.from({ length: runs }, one)
const stopped = (stops: Stop[]): number => stops.filter(({ pairs }) => pairs > 0).length

test.each([
  [0.5, 101],
  [0.7, 102],
  [0.95, 103],
])('ST1: with equal arms at %d, looked at after every unit, false verdicts stay below 5 %', (rate, seed) => {
  const dice = createDice(seed)
  const runs = 1_000
  const found = stopped(repeat(runs, () => run(dice, 2_500, rates(dice, rate, rate))))
  console.log(
    `ST1 p=${rate} seed=${seed}: ${found} of ${runs} (${((100 * found) / runs).toFixed(2)} %), upper 99 % bound ${(100 * upper99(found, runs)).toFixed(2)} %`,
  )
  expect(upper99(found, runs)).toBeLessThanOrEqual(0.05)
  // A test that never speaks would pass the line above.
  expect(found).toBeGreaterThan(0)
})

test.each([
  [0.05, 301],
  [0.2, 302],
  [0.4, 303],
])(
  'ST3: ten requests a conversation that resemble each other (correlation %d): by unit, false verdicts stay below 5 %',
  (correlation, seed) => {
    const dice = createDice(seed)
    const runs = 400
    // A conversation's own rate, Beta distributed with mean 0.7 and this intra-class correlation, drawn as a mean of a
    // Pólya urn.
    const strength = 1 / correlation - 1
    const conversation = (): number => {
      let successes = 0
      for (let asked = 0; asked < 10; asked++)
        if (dice.next() < (0.7 * strength + successes) / (strength + asked)) successes++
      return successes / 10
    }
    const found = stopped(repeat(runs, () => run(dice, 1_000, conversation)))
    console.log(`ST3 ICC=${correlation} seed=${seed}: ${found} of ${runs} (${((100 * found) / runs).toFixed(2)} %)`)
    expect(found / runs).toBeLessThanOrEqual(0.05)
  },
)

test('ST4: a slower treatment of equal quality, whose failures return first, is not taken for a worse one', () => {
  const seed = 401
  const dice = createDice(seed)
  const runs = 150
  const units = 1_000
  let byExposure = 0
  let byArrival = 0
  for (let count = 0; count < runs; count++) {
    const arrivals: { at: number; index: number; value: number }[] = []
    const exposed: UnitOutcome[] = []
    for (let index = 0; index < 2 * units; index++) {
      const arm = dice.next() < 0.5 ? 'control' : 'treatment'
      const value = dice.next() < 0.7 ? 1 : 0
      const delay = (arm === 'treatment' ? 200 : 50) * (value === 1 ? 1 : 0.1) * -Math.log(1 - dice.next())
      exposed.push(unitOf(arm, null))
      arrivals.push({ at: index + delay, index, value })
    }
    arrivals.sort((a, b) => a.at - b.at)
    let found = false
    let naive = false
    const seen = { control: createMoments(), treatment: createMoments() }
    for (const [order, { index, value }] of arrivals.entries()) {
      const unit = exposed[index] as UnitOutcome
      unit.value = value
      addValue(seen[unit.arm], value)
      if (order % 100 !== 99) continue
      naive ||=
        Math.min(seen.control.count, seen.treatment.count) >= minimumPairs &&
        toSequence(toMeansEstimate(seen.control, seen.treatment), alpha, rho2).logE > limit
      const measured = createWeightedEffect()
      for (const each of takeResolved(exposed, (candidate) => candidate.value !== null))
        addWeighted(measured, each.arm, 0.5, each.value as number)
      found ||= countPairs(measured) >= minimumPairs && toSequence(toEstimate(measured), alpha, rho2).logE > limit
    }
    if (found) byExposure++
    if (naive) byArrival++
  }
  console.log(`ST4 seed=${seed}: in exposure order ${byExposure} of ${runs}, in the order of arrival ${byArrival}`)
  expect(byExposure / runs).toBeLessThanOrEqual(0.05)
  // The trap is there: what has arrived so far does mislead.
  expect(byArrival).toBeGreaterThan(byExposure)
})

test('ST5, ST7: 0.70 → 0.75 is found within 2,500 units per arm in at least 80 % of runs, and hardly ever the wrong way round', () => {
  const seed = 501
  const dice = createDice(seed)
  const runs = 600
  const stops = repeat(runs, () => run(dice, 2_500, rates(dice, 0.7, 0.75)))
  const right = stops.filter(({ sign }) => sign > 0).length
  const wrong = stops.filter(({ sign }) => sign < 0).length
  console.log(`ST5 seed=${seed}: power ${((100 * right) / runs).toFixed(1)} %; ST7: wrong ${wrong} of ${runs}`)
  expect(right / runs).toBeGreaterThanOrEqual(0.8)
  expect(wrong / runs).toBeLessThanOrEqual(0.005)
})

test('ST6: 0.70 → 0.80 is found in at least 99 % of runs, the median within 400 units per arm', () => {
  const seed = 601
  const dice = createDice(seed)
  const runs = 600
  const stops = repeat(runs, () => run(dice, 5_000, rates(dice, 0.7, 0.8)))
  const right = stops.filter(({ sign }) => sign > 0)
  const middle = median(right.map(({ pairs }) => pairs))
  console.log(`ST6 seed=${seed}: power ${((100 * right.length) / runs).toFixed(2)} %, median ${middle}`)
  expect(right.length / runs).toBeGreaterThanOrEqual(0.99)
  expect(middle).toBeLessThanOrEqual(400)
})

test.each([
  ['raw', (x: number) => x],
  ['cut off at the 99th percentile', (x: number) => Math.min(x, Math.exp(1.5 * 2.3263))],
])(
  'ST16: with equal arms of heavy-tailed cost (log-normal, σ 1.5), %s, false verdicts stay below 5 %',
  (name, shape) => {
    const seed = 1601
    const dice = createDice(seed)
    const runs = 500
    const cost = (): number => shape(Math.exp(1.5 * dice.normal()))
    const found = stopped(repeat(runs, () => run(dice, 1_500, cost)))
    console.log(`ST16 ${name} seed=${seed}: ${found} of ${runs} (${((100 * found) / runs).toFixed(2)} %)`)
    expect(found / runs).toBeLessThanOrEqual(0.05)
  },
)
