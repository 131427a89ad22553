/**
 * What is said of a pattern: how much a key weighs, how certain a rate is, what kind of work it is, whether it is used
 * more.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toInterval, weighKeys, type KeyCounts } from '../domain/patterns/key-share.ts'
import { isWeak } from '../domain/patterns/pattern.ts'
import { classifyPattern } from '../domain/patterns/pattern-kind.ts'
import { readTrend } from '../domain/patterns/pattern-trend.ts'
import { findSimilar, toComparable } from '../domain/patterns/similar-patterns.ts'

const keys = (...counts: [successes: number, failures: number][]): KeyCounts[] =>
  counts.map(([successes, failures], index) => ({ keyName: `key ${index}`, successes, failures }))

describe('a key', () => {
  test('weighs at most a fifth where five or more keys use the pattern, whatever they count', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.nat(10_000), fc.nat(10_000)).filter(([a, b]) => a + b > 0),
          { minLength: 5, maxLength: 30 },
        ),
        (counts) => {
          const { successes, failures, cap } = weighKeys(keys(...counts))
          const largest = Math.max(...counts.map(([a, b]) => a + b))
          const heaviest = Math.min(largest, cap ?? largest)
          expect(heaviest).toBeLessThanOrEqual(0.2 * (successes + failures) * (1 + 1e-9))
          // No larger cap would do: whoever is capped weighs exactly a fifth, unless every key counts the same.
          if (cap !== null && counts.some(([a, b]) => a + b > cap))
            expect(heaviest).toBeGreaterThanOrEqual(0.2 * (successes + failures) * (1 - 1e-9))
        },
      ),
      { seed: 3 },
    )
  })

  test('counts in full where there are fewer than five, and where none is above a fifth', () => {
    expect(weighKeys(keys([90, 10]))).toEqual({ successes: 90, failures: 10, cap: null })
    expect(weighKeys(keys([90, 10], [1, 0], [0, 1], [2, 2]))).toMatchObject({ successes: 93, failures: 13, cap: null })
    expect(weighKeys(keys([5, 0], [0, 5], [5, 0], [0, 5], [5, 0]))).toEqual({ successes: 15, failures: 10, cap: null })
  })

  test('that fails a thousand times cannot make a prompt weak that works for everybody else', () => {
    const others: [number, number][] = [
      [30, 1],
      [25, 2],
      [40, 0],
      [35, 2],
      [28, 1],
    ]
    const thresholds = { minExchanges: 20, maxSuccessRate: 0.7 }
    expect(isWeak(keys([0, 1000], ...others), thresholds)).toBe(false)
    expect(isWeak(keys([0, 1000]), thresholds)).toBe(true)
    expect(isWeak(keys([3, 16]), thresholds)).toBe(false)
    expect(isWeak([], thresholds)).toBe(false)
    // Sixty of a hundred may be chance at a bound of seventy; four hundred and eighty of eight hundred are not.
    expect(isWeak(keys([60, 40]), thresholds)).toBe(false)
    expect(isWeak(keys([480, 320]), thresholds)).toBe(true)
  })
})

test('a rate has the interval of Wilson, with the values of his formula', () => {
  expect(toInterval(0, 0)).toBeNull()
  const { rate, low, high } = toInterval(8, 2) as NonNullable<ReturnType<typeof toInterval>>
  expect([rate, low, high].map((value) => Number(value.toFixed(4)))).toEqual([0.8, 0.4902, 0.9433])
  expect(toInterval(10, 0)?.high).toBeCloseTo(1, 9)
})

test.each([
  [null, 'Translate the text below into French: {{input}}', 'translation'],
  [null, 'Summarise this for me: {{input}}', 'summary'],
  [null, 'Extract the invoice number and the total as JSON.\n\n{{input}}', 'extraction'],
  [null, 'Classify the sentiment as positive or negative: {{input}}', 'classification'],
  [null, 'Write a function in Python that {{input}}', 'code'],
  [null, 'Context: {{context}}\nQuestion: {{question}}', 'question answering'],
  [null, 'Review the following contract clause: {{input}}', 'review'],
  [null, 'Write a polite letter to {{input}}', 'writing'],
  [null, 'Rewrite this more formally: {{input}}', 'rewriting'],
  ['You are a helpful assistant of the harbour office.', '{{input}}', 'chat'],
  [null, 'Where is {{input}}', 'other'],
] as const)('kind of %j %j: %s', (system, template, kind) => {
  const classified = classifyPattern({ system, template }, '')
  expect(classified.kind).toBe(kind)
  expect(classified.reason).toMatch(kind === 'other' ? /none of its fixed words/ : /its (prompt|system prompt) says “/)
})

test('what offers tools is an agent, and says which', () => {
  expect(classifyPattern({ system: null, template: 'Translate {{input}}' }, 'tools search weather')).toEqual({
    kind: 'agent',
    reason: 'it offers tools: search weather',
  })
})

test('a trend is told where it is more than chance', () => {
  const days = (...counts: number[]) =>
    counts.map((exchanges, index) => ({
      day: new Date(Date.UTC(2026, 0, 31 - index)).toISOString().slice(0, 10),
      exchanges,
    }))
  const today = '2026-01-31'
  expect(readTrend(days(5, 5, 5), today)).toEqual({ recent: 15, before: 0, direction: 'new' })
  expect(readTrend(days(...Array(7).fill(40), ...Array(7).fill(10)), today).direction).toBe('rising')
  expect(readTrend(days(...Array(7).fill(2), ...Array(7).fill(30)), today).direction).toBe('falling')
  expect(readTrend(days(...Array(7).fill(11), ...Array(7).fill(10)), today).direction).toBe('steady')
})

test('similar patterns are found by their words, and families by likeness from one to the next', () => {
  const pattern = (id: string, template: string) => ({ id, templates: [toComparable({ system: null, template })] })
  const patterns = [
    pattern('a', 'Summarise the harbour report below in two short sentences for a busy reader: {{input}}'),
    pattern('b', 'Summarise the harbour report below in two short sentences for a busy captain: {{input}}'),
    pattern('c', 'Write a poem about {{input}} that rhymes and makes sailors laugh'),
  ]
  const { similar, family } = findSimilar('a', patterns)
  expect(similar.map(({ id }) => id)).toEqual(['b'])
  expect(similar[0]?.similarity).toBeGreaterThan(0.6)
  expect(family).toEqual(['b'])
  expect(findSimilar('c', patterns)).toEqual({ similar: [], family: [] })
})
