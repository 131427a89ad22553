import { expect, test } from 'vitest'
import { addValue, createMoments, type Moments } from '../domain/experiments/confidence-sequence.ts'
import { driftDefaults, findDrifts, toDriftMessage, type DriftWindows } from '../domain/findings/drift.ts'
import { createDice, type Dice } from './experiments/simulator.ts'

/** Sessions of one to five exchanges; some sessions are hard and some easy, so that their exchanges are alike. */
function draw(dice: Dice, sessions: number, rate: number): Moments {
  const moments = createMoments()
  for (let session = 0; session < sessions; session++) {
    const own = Math.min(1, Math.max(0, rate + 0.15 * dice.normal()))
    const size = 1 + Math.floor(dice.next() * 5)
    let worked = 0
    for (let exchange = 0; exchange < size; exchange++) if (dice.next() < own) worked++
    addValue(moments, worked / size)
  }
  return moments
}

const windows = (dice: Dice, patternId: string, before: number, now: number, recent = 150): DriftWindows => ({
  patternId,
  baseline: draw(dice, 1_000, before),
  recent: draw(dice, recent, now),
})
const rates = [0.1, 0.3, 0.5, 0.7, 0.9, 0.97]

test('where nothing changes nothing is found: 200 patterns, looked at every day of a month, in fewer than one month of twenty', () => {
  const months = 20
  let alarmed = 0
  for (let month = 0; month < months; month++) {
    const dice = createDice(1_000 + month)
    const patterns = Array.from({ length: 200 }, (_, index) => ({
      patternId: `p${index}`,
      rate: rates[index % rates.length] as number,
      baseline: draw(dice, 500, rates[index % rates.length] as number),
    }))
    let found = 0
    for (let day = 0; day < 30; day++) {
      // No fall is too small to count here: it is the test that is held to its word.
      found += findDrifts(
        patterns.map(({ patternId, rate, baseline }) => ({ patternId, baseline, recent: draw(dice, 40, rate) })),
        { ...driftDefaults, relativeFallMin: 0 },
      ).length
    }
    if (found > 0) alarmed++
  }
  expect(alarmed).toBeLessThanOrEqual(1)
}, 60_000)

test('falls are found among patterns that did not change, and only they', () => {
  let found = 0
  for (let run = 0; run < 20; run++) {
    const dice = createDice(run)
    const drifts = findDrifts([
      ...Array.from({ length: 97 }, (_, index) => windows(dice, `same-${index}`, 0.85, 0.85)),
      windows(dice, 'fell-1', 0.9, 0.65),
      windows(dice, 'fell-2', 0.6, 0.3),
      windows(dice, 'rose', 0.5, 0.8),
    ])
    expect(drifts.map(({ patternId }) => patternId).filter((id) => !id.startsWith('fell'))).toEqual([])
    found += drifts.length
  }
  expect(found).toBeGreaterThanOrEqual(38)
})

test('a pattern that always worked and now never does is found, although nothing varies', () => {
  const all = (count: number, value: number): Moments => ({ count, sum: count * value, sumOfSquares: count * value })
  const [drift] = findDrifts([{ patternId: 'broken', baseline: all(500, 1), recent: all(30, 0) }])
  expect(drift).toMatchObject({ patternId: 'broken', baselineRate: 1, recentRate: 0 })
  expect(toDriftMessage(drift!, 24)).toBe('success fell from 100 % to 0 % in the last 24 h (30 sessions, 500 before)')
})

test('too few sessions, and a fall too small to matter, are no finding', () => {
  const dice = createDice(7)
  expect(findDrifts([windows(dice, 'few', 0.9, 0.1, 29)])).toEqual([])
  expect(findDrifts([{ patternId: 'new', baseline: draw(dice, 49, 0.9), recent: draw(dice, 200, 0.1) }])).toEqual([])
  expect(
    findDrifts([{ patternId: 'small', baseline: draw(dice, 200_000, 0.9), recent: draw(dice, 100_000, 0.85) }]),
  ).toEqual([])
})
