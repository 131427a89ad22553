/** What keeps an experiment safe: the split's check, the guardrails, the correction over all experiments. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { assignArm, isExposed, toFraction } from '../../domain/experiments/assignment.ts'
import { addUnit, createEProcess, isHarmful } from '../../domain/experiments/e-process.ts'
import { toFleetLimit } from '../../domain/experiments/fleet.ts'
import { sampleRatioLimit, toSampleRatioLogFactor } from '../../domain/experiments/sample-ratio.ts'
import { sha256Hex } from '../../domain/experiments/sha256.ts'
import { createDice, median, type Dice } from './simulator.ts'
import { settings } from './settings.ts'

/** Units at the first alarm, looked at every ten of them; 0 = none. */
function splitAlarm(dice: Dice, share: number, most: number): number {
  let control = 0
  for (let units = 1; units <= most; units++) {
    if (dice.next() < share) control++
    if (units % 10 === 0 && toSampleRatioLogFactor(control, units - control) > sampleRatioLimit) return units
  }
  return 0
}

test('ST9: an honest split is hardly ever blamed, 55 to 45 is found within 3,000 units', () => {
  const seed = 901
  const dice = createDice(seed)
  const runs = 1_000
  const alarms = Array.from({ length: runs }, () => splitAlarm(dice, 0.5, 20_000)).filter(Boolean).length
  const detections = Array.from({ length: 200 }, () => splitAlarm(dice, 0.55, 20_000))
  const middle = median(detections)
  console.log(
    `ST9 seed=${seed}: false alarms ${alarms} of ${runs}, 55/45 found after ${middle} (median), slowest ${Math.max(...detections)}`,
  )
  expect(alarms / runs).toBeLessThanOrEqual(0.005)
  expect(detections.every(Boolean)).toBe(true)
  expect(middle).toBeLessThanOrEqual(3_000)
})

/** Units of the larger arm until the guardrail rolls back; 0 = it did not. */
function rollBack(dice: Dice, control: number, treatment: number, most: number): number {
  const process = createEProcess()
  for (let unit = 1; unit <= 2 * most; unit++) {
    const arm = dice.next() < 0.5 ? 'control' : 'treatment'
    addUnit(process, arm, 0.5, dice.next() < (arm === 'control' ? control : treatment) ? 1 : 0)
    if (isHarmful(process, settings.guardrailAlpha)) return Math.max(process.units.control, process.units.treatment)
  }
  return 0
}

test('ST10: errors from 2 to 100 % are rolled back within 10 units per arm, equal arms in at most 1 % of runs', () => {
  const seed = 1001
  const dice = createDice(seed)
  const outages = Array.from({ length: 1_000 }, () => rollBack(dice, 0.02, 1, 100))
  const runs = 1_200
  const falseOnes = Array.from({ length: runs }, () => rollBack(dice, 0.02, 0.02, 2_500)).filter(Boolean).length
  const p90 = [...outages].sort((a, b) => a - b)[900] as number
  console.log(
    `ST10 seed=${seed}: an outage is stopped after ${median(outages)} units per arm (90 %: ${p90}, slowest ${Math.max(...outages)}); false roll-backs ${falseOnes} of ${runs}`,
  )
  expect(median(outages)).toBeLessThanOrEqual(10)
  expect(p90).toBeLessThanOrEqual(10)
  expect(outages.every(Boolean)).toBe(true)
  expect(falseOnes / runs).toBeLessThanOrEqual(0.01)
})

test('ST11: of 190 experiments without effect and 10 with one, the ones called wins are the true ones', () => {
  const seed = 1101
  const dice = createDice(seed)
  const repeats = 8
  let falseShare = 0
  let fewestTrue = 10
  for (let count = 0; count < repeats; count++) {
    // The true ones lie anywhere among the others, one started after the other.
    const places = Array.from({ length: 200 }, (_, index) => ({ real: index < 10, at: dice.next() })).sort(
      (a, b) => a.at - b.at,
    )
    let [right, wrong] = [0, 0]
    for (const [index, { real }] of places.entries()) {
      const process = createEProcess()
      for (let unit = 0; unit < 5_000; unit++) {
        const arm = dice.next() < 0.5 ? 'control' : 'treatment'
        addUnit(process, arm, 0.5, dice.next() < (real && arm === 'treatment' ? 0.8 : 0.7) ? 1 : 0)
      }
      if (process.logE < toFleetLimit({ number: index + 1, wins: right + wrong }, settings.fleetLevel)) continue
      if (real) right++
      else wrong++
    }
    falseShare += wrong / Math.max(1, right + wrong) / repeats
    fewestTrue = Math.min(fewestTrue, right)
  }
  console.log(
    `ST11 seed=${seed}: mean share of false discoveries ${(100 * falseShare).toFixed(2)} %, true ones at least ${fewestTrue} of 10`,
  )
  expect(falseShare).toBeLessThanOrEqual(0.05)
  expect(fewestTrue).toBeGreaterThanOrEqual(9)
})

test('ST12: 200,000 units split evenly, independently between salts, and a growing share moves nobody', () => {
  const count = 200_000
  const steps = [0.01, 0.05, 0.25, 0.5, 1]
  let control = 0
  let product = 0
  let other = 0
  let moves = 0
  const exposedAt = steps.map(() => 0)
  for (let index = 0; index < count; index++) {
    const unit = `unit-${index}`
    const here = assignArm({ salt: 'salt-a', controlShare: 0.5 }, unit) === 'control' ? 1 : 0
    const there = assignArm({ salt: 'salt-b', controlShare: 0.5 }, unit) === 'control' ? 1 : 0
    control += here
    other += there
    product += here * there
    let before = false
    steps.forEach((share, step) => {
      const now = isExposed({ salt: 'salt-a', share }, unit)
      if (before && !now) moves++
      if (now) exposedAt[step] = (exposedAt[step] as number) + 1
      before = now
    })
  }
  const [a, b] = [control / count, other / count]
  const correlation = (product / count - a * b) / Math.sqrt(a * (1 - a) * b * (1 - b))
  const z = Math.abs(control - count / 2) / Math.sqrt(count / 4)
  console.log(
    `ST12: ${control} of ${count} in control (z ${z.toFixed(2)}), correlation between salts ${correlation.toFixed(4)}, moves ${moves}, exposed ${exposedAt.join(' ')}`,
  )
  // p > 0.001 two-sided.
  expect(z).toBeLessThan(3.2905)
  expect(Math.abs(correlation)).toBeLessThan(0.01)
  expect(moves).toBe(0)
  steps.forEach((share, step) => expect(Math.abs((exposedAt[step] as number) / count - share)).toBeLessThan(0.005))
})

test('the hash is SHA-256, whatever the text holds, and the number is its first 48 bits', () => {
  for (const text of [
    '',
    'abc',
    'a'.repeat(55),
    'a'.repeat(56),
    'a'.repeat(64),
    'a'.repeat(1_000),
    'Grüße, 世界 🌍',
    'half \ud83d of a pair',
    'salt:unit',
  ]) {
    const digest = createHash('sha256').update(text).digest()
    expect(sha256Hex(text)).toBe(digest.toString('hex'))
    expect(toFraction(text)).toBe(digest.readUIntBE(0, 6) / 2 ** 48)
  }
})
