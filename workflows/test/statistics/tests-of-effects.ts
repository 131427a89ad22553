/** False verdicts, coverage and power of the primary metric, looked at after every unit. */
import { toRho2, toSequence } from '../../domain/experiments/confidence-sequence.ts'
import { addWeighted, countPairs, createWeightedEffect, toEstimate } from '../../domain/experiments/weighted-effect.ts'
import { createDice, type Dice } from '../experiments/simulator.ts'
import { settings } from '../experiments/settings.ts'
import { effectByOrder } from './by-order.ts'
import { countBoth, toRuns, type Figure, type Scale } from './measure.ts'
import * as worlds from './worlds.ts'

const { alpha, expectedUnits, minimumPairs } = settings
const rho2 = toRho2(alpha, expectedUnits)
const limit = -Math.log(alpha)

/** The control share with which a unit is drawn. */
type Split = (index: number, units: number) => number
const even: Split = () => 0.5

interface Run {
  values: number[]
  /** Added to the value of treated units, by unit. */
  effect?: (value: number, index: number) => number
  split: Split
}

/** Whether there was a verdict at any look, by units in order and by pairs in order. */
function decide(dice: Dice, { values, split }: Run): { before: boolean; after: boolean } {
  const measured = createWeightedEffect()
  const byOrder = effectByOrder(alpha, expectedUnits, minimumPairs)
  let after = false
  for (const [index, value] of values.entries()) {
    const controlShare = split(index, values.length)
    const arm = dice.next() < controlShare ? 'control' : 'treatment'
    byOrder.add(arm, value)
    addWeighted(measured, arm, controlShare, value)
    after ||= countPairs(measured) >= minimumPairs && toSequence(toEstimate(measured), alpha, rho2).logE > limit
  }
  return { before: byOrder.isDecided(), after }
}

const units = 8_000

/** A/A: the same values whatever the arm. */
const moving: [string, worlds.World][] = [
  ['steady .7', worlds.steady(0.7)],
  ['steady .95', worlds.steady(0.95)],
  ['steady .995', worlds.steady(0.995)],
  ['sine .3 to .9, 14 cycles', worlds.sine],
  ['one step .9 → .3', worlds.step],
  ['bursts of 1 to 60 alike', worlds.bursts],
  ['blocks of 200, .95 and .10', worlds.blocks(200, 0.95, 0.1)],
  ['blocks of 1,000, .98 and .02', worlds.blocks(1_000, 0.98, 0.02)],
  ['one outage of 400 in .97', worlds.outage(0.97, 400, 0)],
  ['latency walks at random', worlds.walkingLatency],
  ['model mix 90:10 → 10:90', worlds.mix],
  ['heavy-tailed cost', worlds.heavyCost],
  ['sessions of ten alike', worlds.resemblingSessions],
]

const splits: [string, Split][] = [
  ['50:50', even],
  ['10:90', () => 0.1],
  ['5:95', () => 0.05],
  ['50:50, then 10:90, then 5:95', (index, all) => (index < all / 3 ? 0.5 : index < (2 * all) / 3 ? 0.1 : 0.05)],
]

export function measureFalseVerdicts(scale: Scale): Figure[] {
  return splits.flatMap(([splitName, split], splitIndex) =>
    moving.map(([name, world], index): Figure => {
      const dice = createDice(10_000 + 100 * splitIndex + index)
      const { before, after } = countBoth(toRuns(scale, 600), () => decide(dice, { values: world(dice, units), split }))
      return { name: `A/A ${splitName}: ${name}`, before: splitIndex === 3 ? null : before, after, atMost: 0.05 }
    }),
  )
}

interface Effect {
  name: string
  /** Of unit i, by arm. */
  rates: (index: number) => [number, number]
  split: Split
}

/** How often the interval ever misses the mean effect on the units so far. */
export function measureCoverage(scale: Scale): Figure[] {
  const outageOf = (index: number): boolean => index >= 1_500 && index < 1_800
  const effects: Effect[] = [
    { name: '.35 → .50', rates: () => [0.35, 0.5], split: even },
    { name: '.70 → .75', rates: () => [0.7, 0.75], split: even },
    { name: '.90 → .93', rates: () => [0.9, 0.93], split: even },
    { name: '.70 → .80 with an outage of 300', rates: (i) => (outageOf(i) ? [0, 0] : [0.7, 0.8]), split: even },
    {
      name: '.70 → .80 that fades in blocks of 500',
      rates: (i) => [0.7, Math.floor(i / 500) % 2 ? 0.8 : 0.72],
      split: even,
    },
    { name: '.70 → .80 at 10:90', rates: () => [0.7, 0.8], split: () => 0.1 },
    { name: '.97 → .985 at 5:95', rates: () => [0.97, 0.985], split: () => 0.05 },
  ]
  return effects.map(({ name, rates, split }, index): Figure => {
    const dice = createDice(20_000 + index)
    const { after } = countBoth(toRuns(scale, 600), () => ({
      before: false,
      after: isMissed(dice, rates, split),
    }))
    return { name: `interval ever wrong: ${name}`, before: null, after, atMost: 0.05 }
  })
}

function isMissed(dice: Dice, rates: Effect['rates'], split: Split): boolean {
  const measured = createWeightedEffect()
  let sum = 0
  for (let index = 0; index < units; index++) {
    const controlShare = split(index, units)
    const [control, treatment] = rates(index)
    sum += treatment - control
    const arm = dice.next() < controlShare ? 'control' : 'treatment'
    addWeighted(measured, arm, controlShare, dice.next() < (arm === 'control' ? control : treatment) ? 1 : 0)
    if (countPairs(measured) < minimumPairs) continue
    const { difference, halfWidth } = toSequence(toEstimate(measured), alpha, rho2)
    if (Math.abs(difference - sum / (index + 1)) > halfWidth) return true
  }
  return false
}

export interface Speed {
  name: string
  /** Units an arm at the verdict. */
  median: number
  ninth: number
  wrong: number
}

/** Share of experiments that find an effect within 5,000 units an arm, and how soon. */
export function measurePower(scale: Scale): { figures: Figure[]; speeds: Speed[] } {
  const effects: [string, number, number, number][] = [
    ['.35 → .50', 0.35, 0.5, 0.99],
    ['.44 → .72', 0.44, 0.72, 0.99],
    ['.70 → .75', 0.7, 0.75, 0.99],
    ['.90 → .93', 0.9, 0.93, 0.98],
  ]
  const speeds: Speed[] = []
  const figures = effects.map(([name, control, treatment, atLeast], index): Figure => {
    const dice = createDice(30_000 + index)
    const found: number[] = []
    const runs = toRuns(scale, 600)
    let wrong = 0
    let before = 0
    for (let run = 0; run < runs; run++) {
      const { units: needed, sign, byOrder } = findEffect(dice, control, treatment)
      if (byOrder) before++
      if (sign < 0) wrong++
      if (sign > 0) found.push(needed / 2)
    }
    found.sort((a, b) => a - b)
    const at = (share: number): number => Math.round(found[Math.floor(share * found.length)] ?? Number.NaN)
    speeds.push({ name, median: at(0.5), ninth: at(0.9), wrong })
    return {
      name: `found within 5,000 units an arm: ${name}`,
      before: { hits: before, runs },
      after: { hits: found.length, runs },
      atLeast,
    }
  })
  return { figures, speeds }
}

function findEffect(dice: Dice, control: number, treatment: number): { units: number; sign: number; byOrder: boolean } {
  const measured = createWeightedEffect()
  const byOrder = effectByOrder(alpha, expectedUnits, minimumPairs)
  let [units_, sign] = [0, 0]
  for (let index = 0; index < 10_000 && !(sign !== 0 && byOrder.isDecided()); index++) {
    const arm = dice.next() < 0.5 ? 'control' : 'treatment'
    const value = dice.next() < (arm === 'control' ? control : treatment) ? 1 : 0
    byOrder.add(arm, value)
    addWeighted(measured, arm, 0.5, value)
    if (sign !== 0 || countPairs(measured) < minimumPairs) continue
    const { logE, difference } = toSequence(toEstimate(measured), alpha, rho2)
    if (logE > limit) [units_, sign] = [index + 1, Math.sign(difference)]
  }
  return { units: units_, sign, byOrder: byOrder.isDecided() }
}
