import { expect, test } from 'vitest'
import { toAllowedCalls, toCallUsd, toPageSize, toRestMs, toSeconds } from '../domain/reanalysis/reanalysis-budget.ts'

test('a call is priced at the dearer of its prices, and without a price its cost is unknown', () => {
  expect(toCallUsd(10_000, { input: 3, output: 15 })).toBeCloseTo(0.15, 12)
  expect(toCallUsd(10_000, undefined)).toBeNull()
})

test.each([
  ['no cap allows all', 7, 0.1, {}, 7],
  ['the number of calls', 7, 0.1, { maxClaudeCalls: 3 }, 3],
  ['none at all', 7, 0.1, { maxClaudeCalls: 0 }, 0],
  ['dollars, rounded down to whole calls', 7, 0.1, { maxUsd: 0.35 }, 3],
  ['dollars that are enough to the cent', 7, 0.1, { maxUsd: 0.3 }, 3],
  ['the tighter of both', 7, 0.1, { maxUsd: 0.35, maxClaudeCalls: 2 }, 2],
  ['dollars where the price is unknown', 7, null, { maxUsd: 100 }, 0],
  ['dollars where a call costs nothing', 7, 0, { maxUsd: 0 }, 7],
])('calls are capped by %s', (_, wanted, callUsd, caps, allowed) => {
  expect(toAllowedCalls(wanted, callUsd, caps)).toBe(allowed)
})

test('time follows from the measured rate, or from the cap where that is slower', () => {
  expect(toSeconds(1_000, 500, {})).toBe(2)
  expect(toSeconds(1_000, 500, { maxPerSecond: 10 })).toBe(100)
  expect(toSeconds(1_000, null, { maxPerSecond: 10 })).toBe(100)
  expect(toSeconds(1_000, null, {})).toBeNull()
  expect(toSeconds(0, null, {})).toBe(0)
})

test('pages and rests together keep to the rate', () => {
  for (const maxPerSecond of [0.1, 1, 3, 50, 1_000]) {
    const size = toPageSize(200, { maxPerSecond })
    expect(size).toBeGreaterThanOrEqual(1)
    expect(size).toBeLessThanOrEqual(Math.max(1, Math.min(200, maxPerSecond)))
    const tookMs = 5
    expect((size * 1_000) / (tookMs + toRestMs(size, tookMs, { maxPerSecond }))).toBeLessThanOrEqual(
      maxPerSecond * 1.0001,
    )
  }
  expect(toPageSize(200, {})).toBe(200)
  expect(toRestMs(200, 5, {})).toBe(0)
})
