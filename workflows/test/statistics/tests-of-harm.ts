/** False and true roll-backs of the guardrails, looked at after every unit. */
import { addUnit, createEProcess, isHarmful } from '../../domain/experiments/e-process.ts'
import { createDice, type Dice } from '../experiments/simulator.ts'
import { settings } from '../experiments/settings.ts'
import { harmByOrder } from './by-order.ts'
import { countBoth, toRuns, type Figure, type Scale } from './measure.ts'
import * as worlds from './worlds.ts'

const { guardrailAlpha } = settings

function rollBack(dice: Dice, values: number[], controlShare: number): { before: boolean; after: boolean } {
  const process = createEProcess()
  const byOrder = harmByOrder(guardrailAlpha)
  let after = false
  for (const value of values) {
    const arm = dice.next() < controlShare ? 'control' : 'treatment'
    byOrder.add(arm, value)
    addUnit(process, arm, controlShare, value as 0 | 1)
    after ||= isHarmful(process, guardrailAlpha)
  }
  return { before: byOrder.isHarmful(), after }
}

/** Events of both arms alike: an error in an outage, an answer slower than before. */
const moving: [string, number, worlds.World][] = [
  ['steady 1 %', 4_000, worlds.steady(0.01)],
  ['outage of 20 of 4,000', 4_000, worlds.outage(0.01, 20, 1)],
  ['outage of 50 of 4,000', 4_000, worlds.outage(0.01, 50, 1)],
  ['outage of 100 of 4,000', 4_000, worlds.outage(0.01, 100, 1)],
  ['outage of 200 of 4,000', 4_000, worlds.outage(0.01, 200, 1)],
  ['outage of 200 of 20,000', 20_000, worlds.outage(0.01, 200, 1)],
  ['a slow hour: 400 of 4,000 at 60 %', 4_000, worlds.outage(0.05, 400, 0.6)],
  ['day and night, 2 to 30 %', 8_000, worlds.dayAndNight(0.3, 0.02)],
  ['a provider gets faster: 20 → 2 %', 8_000, worlds.change(0.2, 0.02)],
  ['a provider gets slower: 5 → 30 %', 8_000, worlds.change(0.05, 0.3)],
]

export function measureFalseRollBacks(scale: Scale): Figure[] {
  return ([0.5, 0.1, 0.05] as const).flatMap((controlShare) =>
    moving.map(([name, units, world], index): Figure => {
      const dice = createDice(40_000 + 1_000 * controlShare + index)
      const { before, after } = countBoth(toRuns(scale, 1_000), () => rollBack(dice, world(dice, units), controlShare))
      return { name: `guardrail, ${100 * controlShare} % control: ${name}`, before, after, atMost: 0.01 }
    }),
  )
}

/** Share of real harms that are rolled back within so many units of both arms. */
export function measureTrueRollBacks(scale: Scale): Figure[] {
  const harms: [string, number, number, number, number][] = [
    ['2 → 100 % within 20 units', 0.02, 1, 0.5, 20],
    ['1 → 10 % within 500 units', 0.01, 0.1, 0.5, 500],
    ['1 → 5 % within 1,600 units', 0.01, 0.05, 0.5, 1_600],
    ['1 → 5 % within 10,000 units of a hold-back of 5 %', 0.01, 0.05, 0.05, 10_000],
  ]
  return harms.map(([name, control, treatment, controlShare, units], index): Figure => {
    const dice = createDice(50_000 + index)
    const { after } = countBoth(toRuns(scale, 1_000), () => ({
      before: false,
      after: isFound(dice, control, treatment, controlShare, units),
    }))
    return { name: `harm found: ${name}`, before: null, after, atLeast: 0.8 }
  })
}

function isFound(dice: Dice, control: number, treatment: number, controlShare: number, units: number): boolean {
  const process = createEProcess()
  for (let unit = 0; unit < units; unit++) {
    const arm = dice.next() < controlShare ? 'control' : 'treatment'
    addUnit(process, arm, controlShare, dice.next() < (arm === 'control' ? control : treatment) ? 1 : 0)
    if (isHarmful(process, guardrailAlpha)) return true
  }
  return false
}
