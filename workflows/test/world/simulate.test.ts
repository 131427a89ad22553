import { expect, test } from 'vitest'
import { findProposalFault } from '../../domain/enhancements/apply-enhancement.ts'
import { findPattern, isEnhanced, toProposal } from './proposals.ts'
import { simulate, type SimulatedExperiment } from './simulate.ts'
import { wholeSettings } from './settings.ts'
import { toAnswer, toSession } from './traffic.ts'
import { createWorld, lifts, wholeWorld } from './truth.ts'

const options = { settings: wholeSettings, sessions: 20_000, sessionsPerSecond: 25, lookEvery: 1_500 }
const seeds = Array.from({ length: 20 }, (_, index) => 100 + index)

test('over 20 worlds at most 5 % of what is promoted should not have been, and at least 9 of 10 real improvements are', () => {
  const all: SimulatedExperiment[][] = seeds.map((seed) => simulate(createWorld(seed), options))
  const promoted = all.flat().filter(({ state }) => state === 'promoted')
  const wrong = promoted.filter(({ pattern }) => pattern.lift <= 0)
  expect(promoted.length).toBeGreaterThan(150)
  expect(wrong.length / promoted.length).toBeLessThanOrEqual(0.05)
  expect((promoted.length - wrong.length) / (seeds.length * wholeWorld.improvable)).toBeGreaterThanOrEqual(0.9)
  // What harms is not only left out, it is stopped.
  const harmful = all.flat().filter(({ pattern }) => pattern.kind === 'harmful')
  expect(
    harmful.filter(({ state }) => state === 'rolled_back' || state === 'lost').length / harmful.length,
  ).toBeGreaterThanOrEqual(0.95)
}, 120_000)

test('a world is what its seed says: forty applications, ten of which can be improved by 35 to 80 %', () => {
  const world = createWorld(7)
  expect(createWorld(7)).toEqual(world)
  expect(createWorld(8)).not.toEqual(world)
  expect(
    Map.groupBy(world.patterns, ({ kind }) => kind)
      .entries()
      .map(([kind, list]) => [kind, list.length])
      .toArray(),
  ).toEqual([
    ['improvable', 10],
    ['harmful', 5],
    ['costly', 5],
    ['healthy', 20],
  ])
  expect(new Set(world.patterns.map(({ task }) => task)).size).toBe(40)
  for (const { kind, rate, lift } of world.patterns) {
    if (kind === 'improvable') expect(lift).toBeGreaterThanOrEqual(lifts.least)
    if (kind === 'improvable') expect(lift).toBeLessThanOrEqual(lifts.most)
    if (kind === 'improvable') expect(rate * (1 + lift)).toBeLessThanOrEqual(0.9)
    if (kind === 'harmful') expect(lift).toBeLessThan(0)
  }
})

test('a request is answered the same way whenever it comes, and works as often as its truth says', () => {
  const world = createWorld(3)
  const pattern = world.patterns[0]!
  const rate = (enhanced: boolean): number => {
    let good = 0
    for (let number = 0; number < 4_000; number++) {
      const { texts, model } = toSession({ ...world, patterns: [pattern] }, number)
      const proposal = toProposal(pattern, { system: pattern.task.system, template: '{{input}}' })!
      const prompt = enhanced
        ? `${proposal.system ?? proposal.template}\n${texts()[0]}`
        : `${pattern.task.system ?? ''}\n${texts()[0]}`
      const answer = toAnswer(world, `s${number}`, model, prompt)
      expect(toAnswer(world, `s${number}`, model, prompt)).toEqual(answer)
      if (answer.kind === 'good') good++
    }
    return good / 4_000
  }
  expect(rate(false)).toBeCloseTo(pattern.rate, 1)
  expect(rate(true)).toBeCloseTo(pattern.rate * (1 + pattern.lift), 1)
})

test('every proposal is a valid one for its pattern, and is recognised in the prompts that carry it', () => {
  for (const pattern of createWorld(1).patterns) {
    const original =
      pattern.task.system === null
        ? { system: null, template: `${pattern.task.opening} {{input}}` }
        : { system: pattern.task.system, template: '{{input}}' }
    const proposal = toProposal(pattern, original)
    expect(findPattern(createWorld(1), `${original.system ?? ''} ${original.template}`)).toEqual(pattern)
    if (pattern.kind === 'healthy') {
      expect(proposal).toBeNull()
      continue
    }
    const enhanced = { system: proposal!.system, template: proposal!.template }
    expect(findProposalFault(original, enhanced)).toBeNull()
    const text = `${enhanced.system ?? original.system ?? ''} ${enhanced.template ?? original.template}`
    expect(isEnhanced(pattern, text)).toBe(true)
    expect(findPattern(createWorld(1), text)).toEqual(pattern)
    expect(isEnhanced(pattern, `${original.system ?? ''} ${original.template}`)).toBe(false)
  }
})
