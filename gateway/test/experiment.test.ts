/** Who takes part in an experiment, seen from one gateway. */
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { ServedExperiment } from '../../db/types.ts'
import { findExperiment, groupExperiments, takePart, type Participant } from '../pipeline/experiment.ts'
import { createExposedUnits } from '../state/exposed-units.ts'
import { createSnapshots } from '../state/snapshot.ts'
import { closeAll, makeFolder } from './harness.ts'

afterEach(closeAll)

const experiment: ServedExperiment = {
  experimentId: '01a1fc00-0000-7000-8000-000000000001', version: 1, enhancementId: '01a1fc00-0000-7000-8000-000000000002', patternId: 'p', patternHash: 'h', team: 'default',
  salt: 'salt', share: 0.5, controlShare: 0.5, model: null, original: { system: null, template: 'x' }, enhanced: { system: 'y', template: null },
}
const caller = (index: number): Participant => ({ team: 'default', keyName: 'demo', sessionKey: `session-${index}`, endUser: null, requestedModel: 'm' })

test('the unit is the session, else the end user, else the key with the pattern; of another team it is another unit', () => {
  const all = { ...experiment, share: 1 }
  const unit = (participant: Partial<Participant>, of = all): string | undefined => takePart(of, { ...caller(1), ...participant }, createExposedUnits(), true)?.mark.unit
  expect(unit({})).toMatch(/^[0-9a-f]{32}$/)
  expect(unit({ endUser: 'someone', keyName: 'another' })).toBe(unit({}))
  expect(unit({ sessionKey: null, endUser: 'a' })).not.toBe(unit({ sessionKey: null, endUser: 'b' }))
  expect(unit({ sessionKey: null, endUser: null, keyName: 'a' })).not.toBe(unit({ sessionKey: null, endUser: null, keyName: 'b' }))
  expect(unit({ sessionKey: null })).not.toBe(unit({ sessionKey: null }, { ...all, patternId: 'q' }))
  expect(unit({ team: 'other' })).not.toBe(unit({}))
})

test('requests for another model than the one that was fixed take no part', () => {
  const fixed = { ...experiment, share: 1, model: 'm' }
  expect(takePart(fixed, caller(1), createExposedUnits(), true)).not.toBeNull()
  expect(takePart(fixed, { ...caller(1), requestedModel: 'n' }, createExposedUnits(), true)).toBeNull()
})

test('F55: a gateway that has heard of nobody exposes no new unit, and those it has exposed stay in their arms', () => {
  const exposed = createExposedUnits()
  const before = Array.from({ length: 400 }, (_, index) => takePart(experiment, caller(index), exposed, true)?.mark.arm)
  const during = Array.from({ length: 800 }, (_, index) => takePart(experiment, caller(index), exposed, false)?.mark.arm)
  expect(during.slice(0, 400)).toEqual(before)
  expect(during.slice(400).filter((arm) => arm !== undefined)).toEqual([])
  // Nor does a share that has grown: nothing new joins before contact is back.
  const grown = Array.from({ length: 800 }, (_, index) => takePart({ ...experiment, share: 1 }, caller(index), exposed, false)?.mark.arm)
  expect(grown).toEqual(during)
  expect(new Set(before)).toEqual(new Set(['control', 'treatment', undefined]))
})

test('of too many units the one that was seen longest ago is forgotten, and then counts as new', () => {
  const units = createExposedUnits(3)
  for (const drawn of [0.1, 0.2, 0.3]) units.add(drawn)
  units.add(0.1)
  units.add(0.4)
  expect([0.1, 0.2, 0.3, 0.4].map((drawn) => units.has(drawn))).toEqual([true, false, true, true])
})

test('an experiment is found by its pattern, or by the hash of a prompt that has none yet, and only within its team', () => {
  const teams = groupExperiments([experiment])
  expect(findExperiment(teams.get('default'), 'p', null)).toBe(experiment)
  expect(findExperiment(teams.get('default'), null, 'h')).toBe(experiment)
  expect(findExperiment(teams.get('default'), 'q', 'i')).toBeNull()
  expect(findExperiment(teams.get('other'), 'p', 'h')).toBeNull()
})

test('a snapshot knows since when PostgreSQL was not heard of, also over a restart', () => {
  const dataDir = makeFolder()
  const first = createSnapshots(dataDir)
  expect(first.ageMs).toBe(Number.POSITIVE_INFINITY)
  first.replace('1', { enhancements: [], experiments: [experiment] })
  expect(first.ageMs).toBeLessThan(60_000)
  // Two minutes pass while no gateway runs.
  const then = new Date(Date.now() - 120_000)
  utimesSync(join(dataDir, 'snapshot.json'), then, then)
  const second = createSnapshots(dataDir)
  expect(second.current.experiments.get('default')?.byPattern.get('p')).toEqual(experiment)
  expect(second.ageMs).toBeGreaterThan(119_000)
  // The same answer again is contact all the same.
  second.replace('1', { enhancements: [], experiments: [experiment] })
  expect(second.ageMs).toBeLessThan(60_000)
  expect(createSnapshots(dataDir).ageMs).toBeLessThan(60_000)
})
