/** Estimates, fleets, weakness, costs and replays; `npm run eval -- statistics` makes the full number of runs. */
import { expect, test } from 'vitest'
import { formatFigure, holds, type Figure, type Scale } from './measure.ts'
import {
  measureFleets,
  measureHoldback,
  measureReplays,
  measureUnitCosts,
  measureWeakness,
} from './tests-of-estimates.ts'

test.each<[string, (scale: Scale) => Figure[], number]>([
  ['the hold-back’s interval holds the effect in 94 of 100, also where nearly all succeed', measureHoldback, 0.05],
  [
    'of fleets of experiments without effect at most 5 % ever have a win, and real effects are won',
    measureFleets,
    0.03,
  ],
  ['a pattern that works is hardly ever called weak, one that fails soon is', measureWeakness, 0.1],
  ['a fourfold cost is seen however many exchanges a unit holds, and none where there is none', measureUnitCosts, 0.1],
  ['a replay of a proposal without effect is no merit of it', measureReplays, 0.25],
])(
  '%s',
  (_, measure, share) => {
    expect(
      measure({ share })
        .filter((figure) => !holds(figure))
        .map(formatFigure),
    ).toEqual([])
  },
  120_000,
)
