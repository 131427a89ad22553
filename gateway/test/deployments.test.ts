/** Which deployment is asked, when it rests, and how often a request may be sent again. */
import { describe, expect, test } from 'vitest'
import type { AliasConfig, Balance } from '../../db/words/alias.ts'
import { readRetryAfter } from '../pipeline/failover-verdicts.ts'
import { withAliases } from '../providers/aliases.ts'
import { Health } from '../providers/health.ts'
import { createResolveModel, type Alias, type Choice } from '../providers/resolve-model.ts'
import { RetryBudget } from '../providers/retry-budget.ts'

function createClock(): { now: () => number; pass(ms: number): void } {
  let time = 1_000_000
  return { now: () => time, pass: (ms) => void (time += ms) }
}

describe('the health of a deployment', () => {
  test('five failures in a row make it rest for 30 s, each further rest is longer, up to five minutes', () => {
    const clock = createClock()
    const health = new Health(clock.now)
    for (let call = 0; call < 4; call++) health.fail()
    expect(health.resting).toBe(false)
    const rests: number[] = []
    for (let round = 0; round < 12; round++) {
      // After a rest one failure is enough.
      health.fail()
      rests.push(health.restedAt - clock.now())
      clock.pass(health.restedAt - clock.now())
      expect(health.resting).toBe(false)
    }
    expect(rests).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300].map((seconds) => seconds * 1000))
  })

  test('after its rest one call tries it while the others stay away; success makes it well', () => {
    const clock = createClock()
    const health = new Health(clock.now)
    for (let call = 0; call < 5; call++) health.fail()
    clock.pass(30_000)
    expect(health.resting).toBe(false)
    health.ask()
    expect(health.resting).toBe(true)
    health.succeed(80)
    expect(health.resting).toBe(false)
    for (let call = 0; call < 4; call++) health.fail()
    expect(health.resting).toBe(false)
  })

  test('one that fails half the time rests within 20 calls, and again for longer when it comes back no better', () => {
    const clock = createClock()
    const health = new Health(clock.now)
    const countUntilRest = (): number => {
      for (let call = 1; call <= 100; call++) {
        if (call % 2 === 0) health.fail()
        else health.succeed(10)
        if (health.resting) return call
      }
      return Number.POSITIVE_INFINITY
    }
    expect(countUntilRest()).toBeLessThanOrEqual(20)
    const first = health.restedAt - clock.now()
    clock.pass(first)
    expect(countUntilRest()).toBeLessThanOrEqual(20)
    expect(health.restedAt - clock.now()).toBeGreaterThan(first)
  })

  test('one that fails one call in ten is never kept away', () => {
    const health = new Health(createClock().now)
    for (let call = 0; call < 1_000; call++) {
      if (call % 10 === 0) health.fail()
      else health.succeed(10)
      expect(health.resting).toBe(false)
    }
  })

  test('a trial whose end nobody tells does not keep it away for ever', () => {
    const clock = createClock()
    const health = new Health(clock.now)
    for (let call = 0; call < 5; call++) health.fail()
    clock.pass(30_000)
    health.ask()
    clock.pass(10_000)
    expect(health.resting).toBe(false)
  })

  test('a wait that the provider asks for is kept, up to a minute, and is no failure', () => {
    const clock = createClock()
    const health = new Health(clock.now)
    health.wait(3_600_000)
    clock.pass(59_999)
    expect(health.resting).toBe(true)
    clock.pass(1)
    expect(health.resting).toBe(false)
  })
})

describe('the budget of further calls', () => {
  test('lets a few through, then a share of all calls of the last ten seconds', () => {
    const clock = createClock()
    const budget = new RetryBudget(0.2, clock.now)
    const takeAll = (): number => {
      let taken = 0
      while (taken < 10_000 && budget.take()) taken++
      return taken
    }
    expect(takeAll()).toBe(30)
    for (let call = 0; call < 1_000; call++) budget.count()
    expect(takeAll()).toBe(170)
    clock.pass(9_000)
    expect(takeAll()).toBe(0)
    clock.pass(2_000)
    expect(takeAll()).toBe(30)
  })

  test('a share of nothing lets none through', () => {
    const budget = new RetryBudget(0)
    for (let call = 0; call < 100; call++) budget.count()
    expect(budget.take()).toBe(false)
  })
})

const choice = (name: string): Choice => ({ name, dialect: 'openai', models: [], wiresOf: () => ['chat'] })
const caller = { dialect: 'openai', wire: 'chat' } as const

function openAlias(balance: Balance, weights: number[], now?: () => number): Alias<Choice> {
  const config: AliasConfig = {
    name: 'smart',
    balance,
    deployments: weights.map((weight, index) => ({ model: `p${index}/m`, weight })),
  }
  const resolve = withAliases(createResolveModel(weights.map((_, index) => choice(`p${index}`))), [config], now)
  const decision = resolve('smart', caller)
  if ('code' in decision || decision.alias === undefined) throw new Error('no alias')
  return decision.alias
}

const namesOf = (alias: Alias<Choice>, affinity: string | null): string[] =>
  alias.order(caller, affinity).map(({ target }) => target.name)

describe('the order of deployments', () => {
  test('by weight: sessions fall as the weights say, and one that drops out moves only its own', () => {
    const alias = openAlias('weighted', [3, 1])
    const sessions = Array.from({ length: 4_000 }, (_, index) => `session ${index}`)
    const before = sessions.map((session) => namesOf(alias, session)[0])
    // 3 in 4, with five standard deviations of 0.7 %.
    expect(Math.abs(before.filter((name) => name === 'p0').length / sessions.length - 0.75)).toBeLessThan(0.035)
    const three = openAlias('weighted', [3, 1, 2])
    const placed = sessions.map((session) => namesOf(three, session)[0])
    const [, second] = three.order(caller, null).toSorted((a, b) => a.target.name.localeCompare(b.target.name))
    for (let call = 0; call < 5; call++) second?.health.fail()
    const moved = sessions.filter((session, index) => placed[index] !== namesOf(three, session)[0])
    expect(moved.length).toBe(placed.filter((name) => name === 'p1').length)
  })

  test('by latency: the quickest comes first, but a session stays where it was while that is well', () => {
    const alias = openAlias('latency', [1, 1])
    const [first, second] = alias.order(caller, null)
    first?.health.succeed(100)
    second?.health.succeed(200)
    expect(namesOf(alias, 'a')).toEqual(['p0', 'p1'])
    second?.health.succeed(1)
    second?.health.succeed(1)
    second?.health.succeed(1)
    second?.health.succeed(1)
    expect([namesOf(alias, 'a'), namesOf(alias, 'b')]).toEqual([
      ['p0', 'p1'],
      ['p1', 'p0'],
    ])
    for (let call = 0; call < 5; call++) first?.health.fail()
    expect(namesOf(alias, 'a')).toEqual(['p1'])
  })

  test('those that rest are left out, but never the last one', () => {
    const clock = createClock()
    const alias = openAlias('priority', [1, 1, 1], clock.now)
    const all = alias.order(caller, null)
    for (const { health } of all) {
      for (let call = 0; call < 5; call++) health.fail()
      clock.pass(1_000)
    }
    expect(namesOf(alias, null)).toEqual(['p0'])
  })
})

test('the wait that a provider asks for is read from every form of it', () => {
  const inAMinute = new Date(Date.now() + 60_000).toUTCString()
  expect(readRetryAfter({ 'retry-after': '7' })).toBe(7_000)
  expect(readRetryAfter({ 'retry-after-ms': '250', 'retry-after': '7' })).toBe(250)
  expect(Math.round(readRetryAfter({ 'retry-after': inAMinute }) / 10_000)).toBe(6)
  expect(readRetryAfter({ 'retry-after': 'soon' })).toBe(10_000)
  expect(readRetryAfter({})).toBe(10_000)
})
