/** What the guardrails promise where the world moves; `npm run eval -- statistics` makes the full number of runs. */
import { expect, test } from 'vitest'
import { formatFigure, holds, toShare } from './measure.ts'
import { measureFalseRollBacks, measureTrueRollBacks } from './tests-of-harm.ts'

test('what hits both arms alike rolls back at most 1 % of harmless experiments, in a test and in a hold-back', () => {
  const figures = measureFalseRollBacks({ share: 0.06 })
  expect(figures.filter((figure) => !holds(figure)).map(formatFigure)).toEqual([])
  // The worlds are hard ones: pairs in the order of exposure are misled in them.
  expect(figures.filter(({ before }) => before !== null && toShare(before) > 0.1).length).toBeGreaterThan(5)
}, 120_000)

test('what harms is found as soon as before, also where few units are held back', () => {
  const figures = measureTrueRollBacks({ share: 0.1 })
  expect(figures.filter((figure) => !holds(figure)).map(formatFigure)).toEqual([])
}, 120_000)
