import { expect, test } from 'vitest'
import {
  formatAge,
  formatBytes,
  formatCompact,
  formatMs,
  formatProvider,
  formatRate,
  formatTime,
  formatUsd,
} from '../data/format.ts'

test.each([
  [formatMs, null, '—'],
  [formatMs, 0, '< 0.1 ms'],
  [formatMs, 0.42, '0.4 ms'],
  [formatMs, 12.4, '12 ms'],
  [formatMs, 1_234, '1.23 s'],
  [formatMs, 45_678, '45.7 s'],
  [formatMs, 125_000, '2 min 5 s'],
  [formatAge, 0, '0 s'],
  [formatAge, 7_200_000, '2 h 0 min'],
  [formatAge, 400_000_000, '4 d 15 h'],
  [formatUsd, null, '—'],
  [formatUsd, 0, '$0'],
  [formatUsd, 1e-7, '$1.0e-7'],
  [formatUsd, 0.0000013, '$1.3e-6'],
  [formatUsd, 0.0000999, '$0.00010'],
  [formatUsd, 0.00214, '$0.0021'],
  [formatUsd, 0.5, '$0.50'],
  [formatUsd, 1234.5, '$1,234.50'],
  [formatRate, null, '—'],
  [formatRate, 0, '0 %'],
  [formatRate, 0.004, '0.4 %'],
  [formatRate, 0.567, '57 %'],
  [formatRate, 1, '100 %'],
  [formatBytes, 999, '999 B'],
  [formatBytes, 48_213, '48 kB'],
  [formatBytes, 3e12, '3.0 TB'],
  [formatCompact, null, '—'],
  [formatCompact, 9_999, '9,999'],
  [formatCompact, 1e12, '1T'],
] as [(value: number | null) => string, number | null, string][])('%o of %s is %s', (format, value, text) => {
  expect(format(value)).toBe(text)
})

test('today shows the clock, another day its date', () => {
  const now = new Date(2026, 2, 4, 10, 0, 0)
  expect(formatTime(new Date(2026, 2, 4, 9, 8, 7).toISOString(), now)).toBe('09:08:07')
  expect(formatTime(new Date(2026, 2, 3, 9, 8, 7).toISOString(), now)).toBe('03 Mar 09:08')
})

test('the simulation goes by its name', () => {
  expect(formatProvider('sim')).toBe('simulation')
})
