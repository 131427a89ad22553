/** The rules that turn numbers into decisions and words. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addValue,
  createMoments,
  toMeansEstimate,
  toRho2,
  toSequence,
  type Moments,
} from '../../domain/experiments/confidence-sequence.ts'
import { addUnit, createEProcess } from '../../domain/experiments/e-process.ts'
import { evaluate, type Evaluation } from '../../domain/experiments/evaluate.ts'
import { toFleetLimit } from '../../domain/experiments/fleet.ts'
import { estimateHoldback } from '../../domain/experiments/holdback.ts'
import { toUnitsNeeded } from '../../domain/experiments/planning.ts'
import { toSampleRatioLogFactor } from '../../domain/experiments/sample-ratio.ts'
import { toVerdict } from '../../domain/experiments/sentence.ts'
import { decideAct, decideArrow, experimentStates, type Standing } from '../../domain/experiments/states.ts'
import { orderExposures, type ExposureReport, type UnitOutcome } from '../../domain/experiments/units.ts'
import { hour, noBaseline, settings } from './settings.ts'
import { addWeighted, createWeightedEffect, toEstimate } from '../../domain/experiments/weighted-effect.ts'
import { createDice, unitOf } from './simulator.ts'

const of = (count: number, ones: number): Moments => ({ count, sum: ones, sumOfSquares: ones })

test('ST14: the reference vectors', () => {
  expect(toRho2(0.05, 2_000)).toBeCloseTo(0.0039680773, 9)
  const { difference, halfWidth, logE } = toSequence(
    toMeansEstimate(of(1_000, 700), of(1_000, 760)),
    0.05,
    toRho2(0.05, 2_000),
  )
  expect([difference, halfWidth, logE].map((value) => value.toFixed(6))).toEqual(['0.060000', '0.060155', '2.974704'])
  const process = createEProcess()
  for (let i = 0; i < 20; i++) {
    addUnit(process, 'control', 0.5, 0)
    addUnit(process, 'treatment', 0.5, (i % 2) as 0 | 1)
  }
  const expected = [6.9377021, 6.0652964, 46.5262763]
  const measured = [process.logE, toSampleRatioLogFactor(5_200, 4_800), toSampleRatioLogFactor(5_500, 4_500)]
  measured.forEach((value, index) => expect(Math.abs(value - (expected[index] as number))).toBeLessThan(1e-6))
})

test('the reference vectors of units that are weighted by their draw: a guardrail at 10:90, an effect across two splits', () => {
  const process = createEProcess()
  for (let i = 0; i < 100; i++)
    if (i % 10 === 0) addUnit(process, 'control', 0.1, 0)
    else addUnit(process, 'treatment', 0.1, i % 3 === 0 ? 1 : 0)
  expect(process.logE).toBeCloseTo(2.841952760626257, 9)
  const measured = createWeightedEffect()
  const arms = 'ctcttcctct'.split('').map((letter) => (letter === 'c' ? 'control' : 'treatment'))
  for (const [index, value] of [1, 0, 1, 1, 0, 1, 0, 0, 1, 1].entries())
    addWeighted(measured, arms[index] as 'control' | 'treatment', index < 5 ? 0.5 : 0.1, value)
  const { difference, variance, units: counted } = toEstimate(measured)
  expect(difference).toBeCloseTo(-0.7008622378992749, 9)
  expect(variance).toBeCloseTo(1.2411806594077737, 9)
  expect(counted).toBe(9)
})

const outcome = fc.record({
  arm: fc.constantFrom('control', 'treatment'),
  controlShare: fc.constant(0.5),
  value: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(0, 1) }, { weight: 1, arbitrary: fc.constant(null) }),
  events: fc.constant(null),
  costUsd: fc.constant(null),
}) satisfies fc.Arbitrary<UnitOutcome>

test('ST8: mirrored data of a metric to be minimised give the mirrored verdict, exactly', () => {
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 600 }), fc.integer({ min: 0, max: 100 }), (units, push) => {
      // Pushes the arms apart, so that verdicts are among the cases.
      const apart = units.map((unit, index) =>
        unit.value !== null && unit.arm === 'treatment' && index % 100 < push ? { ...unit, value: 1 } : unit,
      )
      const mirrored = apart.map((unit) => ({ ...unit, value: unit.value === null ? null : -unit.value }))
      const more = evaluate(apart, 0, settings, noBaseline)
      const less = evaluate(mirrored, 0, { ...settings, direction: 'minimise' }, noBaseline)
      expect([less.direction, less.sequence.logE, less.sequence.halfWidth]).toEqual([
        more.direction,
        more.sequence.logE,
        more.sequence.halfWidth,
      ])
      expect(Object.is(less.effect, more.effect) || less.effect === more.effect).toBe(true)
    }),
    { seed: 8, numRuns: 300 },
  )
})

test('ST18: outcomes delivered twice, late and in any order give what they give in order and once', () => {
  const dice = createDice(18)
  const reports: ExposureReport[] = Array.from({ length: 400 }, (_, index) => {
    const unit = `unit-${Math.floor(dice.next() * 150)}`
    return {
      unit,
      arm: Number(unit.slice(5)) % 2 === 0 || (unit === 'unit-7' && index % 2 === 0) ? 'control' : 'treatment',
      order: String(index).padStart(6, '0'),
    }
  })
  const once = orderExposures(reports)
  expect(once.mixed).toBe(1)
  expect(once.units.some(({ unit }) => unit === 'unit-7')).toBe(false)
  fc.assert(
    fc.property(fc.shuffledSubarray([...reports, ...reports], { minLength: 800 }), (delivered) => {
      expect(orderExposures(delivered)).toEqual(once)
    }),
    { seed: 18, numRuns: 100 },
  )
})

const standing: Standing = {
  state: 'running',
  step: 3,
  startedAt: 0,
  stepStartedAt: 0,
  stepFrom: { control: 0, treatment: 0 },
}
/** Equal costs, no events: nothing but the outcomes decides. */
const units = (
  pairs: number,
  control: number,
  treatment: number,
  events: UnitOutcome['events'] = { error: 0 },
): UnitOutcome[] =>
  Array.from({ length: pairs }, (_, index) => [
    unitOf('control', index % 10 < control * 10 ? 1 : 0, { events: { error: 0 } }),
    unitOf('treatment', index % 10 < treatment * 10 ? 1 : 0, { events }),
  ]).flat()
/** The evidence that the first experiment of a period needs, and one that nobody ever has. */
const first = toFleetLimit({ number: 1, wins: 0 }, settings.fleetLevel)
const never = Number.POSITIVE_INFINITY
const at = (evaluation: Evaluation, now: number, fleetLimit = first, from = standing) =>
  decideArrow(from, evaluation, settings, fleetLimit, now)

test('a win needs its evidence, its shortest run and the whole fleet; a loss and a roll-back need evidence alone', () => {
  const better = evaluate(units(500, 0.5, 0.8), 0, settings, noBaseline)
  expect(at(better, 25 * hour)).toMatchObject({ to: 'won', numbers: { pairs: 500 } })
  expect(at(better, 23 * hour)).toBeNull()
  expect(at(better, 25 * hour, never)).toBeNull()
  expect(at(evaluate(units(500, 0.8, 0.5), 0, settings, noBaseline), 1, never)).toMatchObject({ to: 'lost' })
  const harmful = evaluate(units(8, 0.5, 1, { error: 1 }), 0, settings, noBaseline)
  expect(at(harmful, 1, never)).toMatchObject({
    to: 'rolled_back',
    numbers: { guardrail: 'error', control: 0, treatment: 8 },
  })
  // Better by its metric, but with errors: safety comes first.
  expect(at(evaluate(units(500, 0.5, 0.8, { error: 1 }), 0, settings, noBaseline), 25 * hour)?.to).toBe('rolled_back')
})

test('what was won or promoted is still rolled back by a guardrail, and moves by nothing else', () => {
  const harmful = evaluate(units(20, 0.5, 0.5, { error: 1 }), 0, settings, noBaseline)
  for (const state of ['won', 'promoted'] as const) {
    expect(at(harmful, hour, first, { ...standing, state })?.to).toBe('rolled_back')
    expect(
      at(evaluate(units(500, 0.8, 0.5), 0, settings, noBaseline), 400 * hour, first, { ...standing, state }),
    ).toBeNull()
  }
})

test('an uneven split blocks, its units used up end it without effect, its time used up ends it without a verdict', () => {
  const lopsided = [...units(100, 0.5, 0.5), ...Array.from({ length: 500 }, () => unitOf('control', 1))]
  expect(at(evaluate(lopsided, 0, settings, noBaseline), hour)?.to).toBe('blocked_srm')
  expect(at(evaluate(units(5_000, 0.5, 0.5), 0, settings, noBaseline), hour)?.to).toBe('no_effect')
  expect(at(evaluate(units(100, 0.5, 0.5), 0, settings, noBaseline), 14 * 24 * hour)?.to).toBe('expired')
})

test('a step of the ramp needs its time and its units in both arms', () => {
  const ramping: Standing = { ...standing, state: 'ramping', step: 0 }
  const enough = evaluate(units(30, 0.5, 0.5), 0, settings, noBaseline)
  expect(at(enough, hour, first, ramping)).toMatchObject({
    to: 'ramping',
    step: 1,
    numbers: { share: 0.05, control: 30, treatment: 30 },
  })
  expect(at(enough, hour - 1, first, ramping)).toBeNull()
  expect(at(evaluate(units(29, 0.5, 0.5), 0, settings, noBaseline), hour, first, ramping)).toBeNull()
  // Those of the step before do not count again.
  expect(
    at(enough, 3 * hour, first, {
      ...ramping,
      step: 1,
      stepStartedAt: 2 * hour,
      stepFrom: { control: 30, treatment: 30 },
    }),
  ).toBeNull()
  expect(at(enough, hour, first, { ...ramping, step: 2 })).toMatchObject({ to: 'running', step: 3 })
})

test('promotion is only reached from a win, and only by a person', () => {
  for (const state of experimentStates) expect(decideAct(state, 'promote')).toBe(state === 'won' ? 'promoted' : null)
  expect(decideAct('running', 'rollback')).toBe('rolled_back')
  expect(decideAct('lost', 'start')).toBeNull()
})

test('cost: what may be added is no harm, more than that is, and without a price it is said to be unknown', () => {
  const dice = createDice(5)
  const costs = (factor: number): UnitOutcome[] =>
    Array.from({ length: 400 }, () => [
      unitOf('control', 1, { costUsd: 0.01 * (0.5 + dice.next()) }),
      unitOf('treatment', 1, { costUsd: factor * 0.01 * (0.5 + dice.next()) }),
    ]).flat()
  const meanCost = (rows: UnitOutcome[]) =>
    evaluate(rows, 0, settings, { ...noBaseline, unitCostP99Usd: 0.015 }).guardrails.find(
      ({ name }) => name === 'mean_cost',
    )
  expect(meanCost(costs(1.1))?.state).toBe('ok')
  expect(meanCost(costs(1.7))?.state).toBe('harm')
  expect(meanCost(units(100, 0.5, 0.5))).toMatchObject({ state: 'unknown', note: 'no price is known, so no cost' })
  const dear = evaluate(units(100, 0.5, 0.5), 0, settings, noBaseline).guardrails.find(({ name }) => name === 'dear')
  expect(dear).toMatchObject({ state: 'unknown', note: 'no price is known, so no cost' })
})

test('a win needs the more evidence the later its experiment starts, and the less the more wins there are', () => {
  const limit = (number: number, wins: number): number => toFleetLimit({ number, wins }, 0.05)
  const shares = Array.from({ length: 100_000 }, (_, index) => 20 * Math.exp(-limit(index + 1, 0)))
  // All shares together are the level, however many experiments there will be.
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(1)
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(0.99)
  expect(limit(1, 0)).toBeGreaterThanOrEqual(Math.log(20))
  expect(limit(9, 2)).toBeGreaterThan(limit(8, 2))
  expect(limit(9, 3)).toBeCloseTo(limit(9, 0) - Math.log(4), 12)
})

test('the hold-back gives the effect, its plain interval, and what a gain costs', () => {
  const dice = createDice(7)
  const rows: UnitOutcome[] = Array.from({ length: 20_000 }, (_, index) =>
    index % 20 === 0
      ? unitOf('control', dice.next() < 0.7 ? 1 : 0, { costUsd: 0.01 })
      : unitOf('treatment', dice.next() < 0.8 ? 1 : 0, { costUsd: 0.012 }),
  )
  const found = estimateHoldback(rows, settings, 'success')
  expect(found).toMatchObject({ heldBack: 1_000, treated: 19_000 })
  expect(found?.low).toBeLessThan(0.1)
  expect(found?.high).toBeGreaterThan(0.1)
  expect(found?.addedCostUsd).toBeCloseTo(0.002, 9)
  expect(found?.costPerGainUsd).toBeCloseTo(0.002 / (found?.effect ?? 0), 9)
  expect(estimateHoldback(rows.slice(0, 20), settings, 'success')).toBeNull()
})

test('before the start it is said what an effect takes: below two points more than 5,000 units per arm', () => {
  expect(toUnitsNeeded(0.7, 0.019, settings)).toBeNull()
  expect(toUnitsNeeded(0.7, 0.05, settings)).toBeLessThan(2_500)
  expect(toUnitsNeeded(0.7, 0.1, settings)).toBeLessThan(500)
})

test('ST17: whatever the state and the numbers, no verdict is worded outside the rule', () => {
  const verdictWords: Record<string, RegExp> = {
    won: /\bBetter\b/,
    promoted: /\bPromoted\b/,
    lost: /\bWorse\b/,
    no_effect: /\bNo effect\b/,
  }
  const number = fc.double({ min: -2, max: 2, noNaN: true })
  fc.assert(
    fc.property(
      fc.record({
        state: fc.constantFrom(...experimentStates),
        metric: fc.constantFrom('success', 'cost', 'latency', 'feedback:stars'),
        evaluation: fc.option(
          fc.record({
            exposed: fc.record({ control: fc.nat(9_999), treatment: fc.nat(9_999), mixed: fc.nat(9) }),
            pairs: fc.nat(6_000),
            sequence: fc.record({
              difference: number,
              halfWidth: fc.oneof(
                fc.constant(Number.POSITIVE_INFINITY),
                fc.double({ min: 0.001, max: 1, noNaN: true }),
              ),
              logE: number,
            }),
            sampleRatio: fc.record({ logFactor: number, alarm: fc.boolean() }),
            direction: fc.constantFrom('better', 'worse', null),
          }),
        ),
        ranMs: fc.nat(30 * 24 * hour),
        cause: fc.option(fc.constant('the guardrail error was crossed')),
        holdback: fc.option(
          fc.record({
            ended: fc.boolean(),
            estimate: fc.option(
              fc.record({
                heldBack: fc.nat(99),
                treated: fc.nat(999),
                effect: number,
                low: number,
                high: number,
                gainedUnits: number,
                addedCostUsd: fc.constant(null),
                addedCostInterval: fc.constant(null),
                costPerGainUsd: fc.constant(null),
              }),
            ),
          }),
        ),
      }),
      (facts) => {
        const view = toVerdict({ ...facts, settings })
        const said = `${view.sentence} ${view.note ?? ''}`
        for (const [state, words] of Object.entries(verdictWords))
          if (facts.state !== state) expect(said).not.toMatch(words)
        expect(said).not.toMatch(/significan|winner|proven|confiden/i)
        const thin =
          facts.evaluation === null ||
          facts.evaluation.pairs < settings.minimumPairs ||
          !Number.isFinite(facts.evaluation.sequence.halfWidth)
        const silent =
          thin ||
          facts.evaluation?.sampleRatio.alarm ||
          ['proposed', 'blocked_srm', 'stopped', 'rolled_back'].includes(facts.state)
        // Below 50 pairs, or with a split that is off, there are counts and no effect.
        expect(view.showEffect).toBe(!silent)
        expect(view.interval === null).toBe(Boolean(silent))
        if (silent) expect(said).not.toMatch(/points|%|USD|\bms\b/)
        if (view.tone === 'good') expect(['won', 'promoted']).toContain(facts.state)
        // The interval in words is the server's numbers, never without them.
        if (!silent) expect(view.sentence).toContain(view.interval as string)
        if (facts.state === 'promoted' && !silent && !facts.holdback?.ended) expect(view.note).toContain('optimistic')
      },
    ),
    { seed: 17, numRuns: 3_000 },
  )
})

test('the sentence of a running experiment reads as one', () => {
  const evaluation = evaluate(units(500, 0.5, 0.5), 0, settings, noBaseline)
  const running = {
    state: 'running',
    metric: 'success',
    evaluation,
    settings,
    ranMs: hour,
    cause: null,
    holdback: null,
  } as const
  expect(toVerdict(running).sentence).toMatch(
    /^Keep running: [+−]?0\.\d points, 95 % always-valid interval −\d+\.\d points … \+\d+\.\d points\.$/,
  )
  expect(toVerdict({ ...running, evaluation: evaluate(units(12, 0.5, 0.5), 0, settings, noBaseline) }).sentence).toBe(
    'Keep running: 12 units in control, 12 in treatment, 12 pairs with an outcome; nothing is said of the effect below 50 pairs.',
  )
})

test('values enter as they are: the running sums equal a second look at all of them', () => {
  const moments = createMoments()
  for (const value of [1, 0, 0.5, 3]) addValue(moments, value)
  expect(moments).toEqual({ count: 4, sum: 4.5, sumOfSquares: 10.25 })
})
