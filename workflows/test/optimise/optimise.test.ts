import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { nothingSpent, reserve, settle } from '../../domain/optimise/budget.ts'
import { findCauses, maxCauses } from '../../domain/optimise/causes.ts'
import {
  drawWeighted,
  findMembers,
  isImprovement,
  isMergeAccepted,
  toFronts,
  toParentWeights,
} from '../../domain/optimise/front.ts'
import { calibrateJudge, estimateGain, estimateWithLabels, toKappa } from '../../domain/optimise/judge-calibration.ts'
import { findLeaks, maxItems, maxKeyShare, selectMaterial, type Source } from '../../domain/optimise/material.ts'
import { findMergeAncestors, mergeParts, type Parts } from '../../domain/optimise/merge.ts'
import { drawOperator } from '../../domain/optimise/operators.ts'
import { decideScreening } from '../../domain/optimise/screen.ts'
import { findVeto, selectShown, toSignP, type Tried } from '../../domain/optimise/selection.ts'
import { findMissed, measureOptimiser } from './report.ts'

const exact = { right: 1, wrong: 0, noise: 0.01, flakiness: 0.01 }
const judge = { right: 0.7, wrong: 0.05, noise: 0.15, flakiness: 0.05 }

describe('on recorded scores the choices are those of gepa 0.1.4', () => {
  const recorded = JSON.parse(readFileSync(new URL('gepa-choices.json', import.meta.url), 'utf8')) as {
    accept: [number[], number[], boolean][]
    front: [number[][], number[], Record<string, number>][]
    merge: [Parts[], number[][], number[], [number, number, number[], [number, Parts] | null][]][]
  }

  test.each(recorded.accept)('accepting %j then %j: %j', (before, after, accepted) => {
    expect(isImprovement(before, after)).toBe(accepted)
  })

  test.each(recorded.front.map((one, index) => [index, ...one] as const))('front %i', (_, scores, members, led) => {
    const groups = scores.map((row) => new Map(row.map((score, group) => [String(group), score])))
    const means = scores.map((row, index) => row.reduce((sum, one) => sum + one, 0) / row.length + index * 1e-6)
    const fronts = toFronts(groups)
    expect(findMembers(fronts, means)).toEqual(members)
    expect(
      Object.fromEntries([...toParentWeights(fronts, means)].map(([one, weight]) => [String(one), weight])),
    ).toEqual(led)
  })

  test.each(recorded.merge.map((one, index) => [index, ...one] as const))(
    'merge %i',
    (_, parts, parents, means, pairs) => {
      const family = { parts, parents, means }
      for (const [one, other, ancestors, made] of pairs) {
        expect(findMergeAncestors(family, one, other)).toEqual(ancestors)
        if (made !== null) expect(mergeParts(family, one, other, made[0])).toEqual(made[1])
      }
    },
  )
})

test('a merge need only be as good as its better parent, and draws follow the weights', () => {
  expect(
    isMergeAccepted(
      [
        [1, 0],
        [0, 0],
      ],
      [0, 1],
    ),
  ).toBe(true)
  expect(
    isMergeAccepted(
      [
        [1, 1],
        [0, 0],
      ],
      [0, 1],
    ),
  ).toBe(false)
  const weights = new Map([
    ['a', 1],
    ['b', 3],
  ])
  expect([0, 0.24, 0.26, 0.99].map((random) => drawWeighted(weights, random))).toEqual(['a', 'a', 'b', 'b'])
  expect(drawWeighted(new Map(), 0.5)).toBeNull()
})

describe('the material', () => {
  const sources = Array.from({ length: 900 }, (_, number): Source => ({
    id: `exchange-${number}`,
    unit: `conversation-${number % 600}`,
    key: number % 2 === 0 ? 'loud' : `key-${number % 9}`,
    subgroup: String(number % 3),
    verdict: number % 4 === 0 ? 'failure' : 'success',
    text: number % 5 === 1 ? 'the very same long text about the harbour and its dues, sent again' : `request ${number}`,
  }))
  const items = selectMaterial(sources, 'seed')

  test('has one exchange of a conversation, no key above its share, every verdict, and is the same whenever it is drawn', () => {
    expect(new Set(items.map(({ unit }) => unit)).size).toBe(items.length)
    expect(items.filter(({ key }) => key === 'loud').length).toBeLessThanOrEqual(maxItems * maxKeyShare)
    expect(new Set(items.map(({ verdict }) => verdict)).size).toBe(2)
    expect(selectMaterial(sources, 'seed')).toEqual(items)
    expect(selectMaterial(sources, 'other')).not.toEqual(items)
  })

  test('puts near copies on one side, and a leak is named', () => {
    const copies = items.filter(({ text }) => text.startsWith('the very same'))
    expect(copies.length).toBeGreaterThan(1)
    expect(new Set(copies.map(({ split }) => split)).size).toBe(1)
    expect(findLeaks(items)).toEqual([])
    const [first] = items
    expect(findLeaks([...items, { ...first!, split: first!.split === 'sealed' ? 'train' : 'sealed' }])).toEqual([
      first!.unit,
    ])
  })

  test('is split half, three tenths and two tenths', () => {
    const many = Array.from({ length: 240 }, (_, number): Source => ({
      ...sources[1]!,
      id: `e${number}`,
      unit: `u${number}`,
      key: `k${number}`,
      text: '',
    }))
    const count = (split: string): number => selectMaterial(many, 's').filter((item) => item.split === split).length
    expect(Math.abs(count('train') - 120)).toBeLessThan(25)
    expect(Math.abs(count('sealed') - 48)).toBeLessThan(20)
  })
})

test('failures with alike reasons are one cause, the largest first, few in all', () => {
  const failures = [
    ...Array.from({ length: 5 }, (_, number) => ({
      id: `a${number}`,
      reason: `the invoice total is missing from the object`,
    })),
    ...Array.from({ length: 3 }, (_, number) => ({ id: `b${number}`, reason: 'the answer breaks off in the middle' })),
    { id: 'a9', reason: 'invoice total missing in the object' },
    { id: 'c', reason: null },
    ...Array.from({ length: 9 }, (_, number) => ({
      id: `d${number}`,
      reason: `${'xyzwvutsr'[number]}alpha ${'qwertyuio'[number]}beta`,
    })),
  ]
  const causes = findCauses(failures)
  expect(causes).toHaveLength(maxCauses)
  expect(causes[0]).toMatchObject({ count: 6, evidence: expect.arrayContaining(['a0', 'a9']) })
})

test('operators are drawn by what they have brought, and now and then by chance', () => {
  const past = new Map([
    ['examples', { tried: 4, accepted: 3 }],
    ['instruction', { tried: 4, accepted: 0 }],
  ] as const)
  expect(drawOperator(['instruction', 'examples'], past, { explore: 0.9, choice: 0 })).toBe('examples')
  expect(drawOperator(['instruction', 'examples'], past, { explore: 0.1, choice: 0 })).toBe('instruction')
})

describe('screening', () => {
  const outcome = (value: -1 | 0 | 1, judged = false) => ({ outcome: value, judged })
  test('starts with three, ends at once where nothing rises, and goes on while it is unclear', () => {
    expect(decideScreening([outcome(1), outcome(1)], exact)).toBe('more')
    expect(decideScreening([outcome(0), outcome(0), outcome(0)], exact)).toBe('out')
    expect(decideScreening([outcome(1), outcome(1), outcome(1)], exact)).toBe('on')
    expect(decideScreening([outcome(1, true), outcome(0, true), outcome(0, true)], judge)).toBe('more')
    expect(
      decideScreening(
        Array.from({ length: 14 }, (_, at) => outcome(at % 4 === 0 ? 1 : 0, true)),
        judge,
      ),
    ).toBe('out')
  })

  test('asks a child to do better than its parent did', () => {
    const mixed = [1, 1, 0].map((value) => outcome(value as 0 | 1))
    expect(decideScreening(mixed, exact)).toBe('on')
    expect(decideScreening(mixed, exact, 0.9)).toBe('out')
  })
})

describe('the judge', () => {
  const pair = (person: -1 | 0 | 1, answer: -1 | 0 | 1, candidateFirst = true) => ({
    person,
    judge: answer,
    candidateFirst,
  })
  const good = Array.from({ length: 60 }, (_, at) =>
    pair(([1, -1, 0] as const)[at % 3]!, ([1, -1, 0] as const)[at % 3]!, at % 2 === 0),
  )

  test('counts only with enough labels, agreement and no liking for a place', () => {
    expect(calibrateJudge(good, 0.05)).toMatchObject({ usable: true, why: null, pairs: 60 })
    expect(calibrateJudge(good.slice(0, 30), 0.05)).toMatchObject({ usable: false, why: 'only 30 of 40 labels' })
    expect(
      calibrateJudge(
        good.map((one, at) => ({ ...one, judge: ([1, 0, -1, 0] as const)[at % 4]! })),
        0.05,
      ).why,
    ).toMatch(/agrees/)
    const placed = Array.from({ length: 90 }, (_, at) => {
      const person = ([1, -1, 0] as const)[at % 3]!
      const first = at % 2 === 0
      return pair(person, person !== 0 ? person : at % 9 < 6 ? (first ? 1 : -1) : 0, first)
    })
    expect(calibrateJudge(placed, 0.05).why).toMatch(/prefers a place/)
  })

  test("κ is Cohen's", () => {
    // Worked by hand: agreement 0.7, by chance 0.5.
    const table = [
      ...Array<0>(20)
        .fill(0)
        .map(() => pair(1, 1)),
      ...Array<0>(5)
        .fill(0)
        .map(() => pair(1, 0)),
      ...Array<0>(10)
        .fill(0)
        .map(() => pair(0, 1)),
      ...Array<0>(15)
        .fill(0)
        .map(() => pair(0, 0)),
    ]
    expect(toKappa(table)).toBeCloseTo(0.4, 10)
    expect(toKappa([])).toBe(0)
  })

  test('that is wrong widens the interval of the estimate, and labels move it', () => {
    const judged = Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? 1 : 0))
    const right = Array.from({ length: 40 }, (_, at) => ({ person: at % 2, judge: at % 2 }))
    const off = right.map((one, at) => ({ ...one, judge: at % 4 === 0 ? 1 : one.judge }))
    const [one, other] = [estimateWithLabels(judged, right), estimateWithLabels(judged, off)]
    expect(one.gain).toBeCloseTo(0.5)
    expect(other.gain).toBeCloseTo(0.25)
    expect(other.high - other.low).toBeGreaterThan(one.high - one.low)
    const outcomes = Array.from({ length: 50 }, (_, at) => ({ outcome: at % 5 === 0 ? 1 : 0, judged: true }))
    expect(estimateGain(outcomes, judge, 60).gain).toBeCloseTo(0.2 / 0.65)
  })
})

describe('selection', () => {
  const tried = (outcome: -1 | 0 | 1, more: Partial<Tried> = {}): Tried => ({
    outcome,
    judged: false,
    subgroup: 'a',
    worked: false,
    ...more,
  })
  test('tests signs exactly, and what the checks say weighs more', () => {
    expect(toSignP([])).toBe(1)
    expect(toSignP(Array.from({ length: 5 }, () => tried(1)))).toBeCloseTo(1 / 32)
    expect(toSignP([tried(1), tried(-1, { judged: true })])).toBeLessThan(toSignP([tried(1), tried(-1)]))
  })

  test('shows what gains, with its interval, corrected for all that were validated', () => {
    const sealed = Array.from({ length: 40 }, (_, at) => tried(at % 8 === 0 ? 1 : 0))
    const finalist = { candidate: 3, validation: [], sealed }
    expect(selectShown([finalist], exact, 60, 1)).toMatchObject([{ candidate: 3, gain: 0.125 }])
    expect(selectShown([finalist], exact, 60, 4)).toEqual([])
  })

  test('vetoes what a subgroup loses by, or what had worked', () => {
    const losses = [
      ...Array.from({ length: 10 }, () => tried(-1, { subgroup: 'b' })),
      ...Array.from({ length: 30 }, () => tried(1)),
    ]
    expect(findVeto(losses, exact)).toBe('it is worse for b')
    expect(
      findVeto(
        Array.from({ length: 40 }, (_, at) => tried(at < 20 ? -1 : 1, { worked: at < 20, subgroup: String(at) })),
        exact,
      ),
    ).toBe('it loses what worked')
    expect(
      findVeto(
        Array.from({ length: 40 }, () => tried(1)),
        exact,
      ),
    ).toBeNull()
  })
})

test('a budget is reserved before a call and settled after it; nothing fits past its limits', () => {
  const limits = { calls: 2, usd: 1, tokens: 100 }
  const one = { calls: 1, usd: 0.4, tokens: 60 }
  const first = reserve(limits, nothingSpent, one)
  expect(first).not.toBeNull()
  expect(reserve(limits, first!, one)).toBeNull()
  const settled = settle(first!, one, { calls: 1, usd: 0.1, tokens: 20 })
  expect(settled).toEqual({ calls: 1, usd: 0.1, tokens: 20, reserved: { calls: 0, usd: 0, tokens: 0 } })
  expect(reserve(limits, settled, one)).not.toBeNull()
  // A call that was lost keeps what was reserved for it.
  expect(settle(first!, one)).toMatchObject({ calls: 1, tokens: 60 })
})

test('in small seeded worlds the search stays within its calls, keeps the seal and lets no contract-breaker pass unseen', () => {
  const report = measureOptimiser({ seeds: 1, nullSeeds: 1, maxCalls: 150, maxProposals: 24 })
  expect(report).toMatchObject({ nullPromotions: 0, unflagged: 0, sealedEarly: 0 })
  expect(report.calls).toBeLessThanOrEqual(150)
  expect(report.breakers).toBeGreaterThan(0)
  expect(findMissed(report)).not.toContain('at least 1.5 times one proposal')
})
