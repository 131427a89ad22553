/** Who takes part in an experiment, seen from one gateway. */
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { ServedExperiment } from '../../db/words/experiment.ts'
import { findExperiment, takePart, type Participant } from '../pipeline/rewrite/experiment.ts'
import { groupExperiments } from '../state/served.ts'
import { createExposedUnits } from '../state/exposed-units.ts'
import { createSnapshots } from '../state/snapshot.ts'
import { readPrompt } from '../../workflows/domain/exchanges/prompt.ts'
import { fingerprintPrompt } from '../../workflows/domain/patterns/fingerprint.ts'
import { callerKey, closeAll, makeFolder, startGateway, startUpstream, type TestGateway } from './harness.ts'

afterEach(closeAll)

const experiment: ServedExperiment = {
  experimentId: '01a1fc00-0000-7000-8000-000000000001',
  version: 1,
  enhancementId: '01a1fc00-0000-7000-8000-000000000002',
  patternId: 'p',
  openingHash: '0123456789abcdef',
  team: 'default',
  salt: 'salt',
  share: 0.5,
  controlShare: 0.5,
  model: null,
  original: { system: null, template: 'x' },
  enhanced: { system: 'y', template: null },
}
const caller = (index: number): Participant => ({
  team: 'default',
  keyName: 'demo',
  sessionKey: `session-${index}`,
  endUser: null,
  opening: `Hello, this is caller ${index}`,
  requestedModel: 'm',
})

test('the unit is the session, else the end user, else the conversation by its opening; of another team it is another unit', () => {
  const all = { ...experiment, share: 1 }
  const unit = (participant: Partial<Participant>, of = all): string | undefined =>
    takePart(of, { ...caller(1), ...participant }, createExposedUnits(), true)?.unit
  expect(unit({})).toMatch(/^[0-9a-f]{32}$/)
  expect(unit({ endUser: 'someone', keyName: 'another' })).toBe(unit({}))
  expect(unit({ sessionKey: null, endUser: 'a' })).not.toBe(unit({ sessionKey: null, endUser: 'b' }))
  expect(unit({ sessionKey: null, endUser: null, keyName: 'a' })).not.toBe(
    unit({ sessionKey: null, endUser: null, keyName: 'b' }),
  )
  expect(unit({ sessionKey: null })).not.toBe(unit({ sessionKey: null }, { ...all, patternId: 'q' }))
  expect(unit({ team: 'other' })).not.toBe(unit({}))
  // Without any name each conversation of a key is a unit, told by its beginning, its end and its length.
  const unnamed = { sessionKey: null, endUser: null }
  const long = 'x'.repeat(10_000)
  const openings = ['a', 'b', `${long}1`, `${long}2`, `1${long}`, `2${long}`, long, `x${long}`]
  expect(new Set(openings.map((opening) => unit({ ...unnamed, opening }))).size).toBe(openings.length)
  expect(unit({ ...unnamed, opening: 'a' })).toBe(unit({ ...unnamed, opening: 'a' }))
})

test('requests for another model than the one that was fixed take no part', () => {
  const fixed = { ...experiment, share: 1, model: 'm' }
  expect(takePart(fixed, caller(1), createExposedUnits(), true)).not.toBeNull()
  expect(takePart(fixed, { ...caller(1), requestedModel: 'n' }, createExposedUnits(), true)).toBeNull()
})

test('F55: a gateway that has heard of nobody exposes no new unit, and those it has exposed stay in their arms', () => {
  const exposed = createExposedUnits()
  const before = Array.from({ length: 400 }, (_, index) => takePart(experiment, caller(index), exposed, true)?.arm)
  const during = Array.from({ length: 800 }, (_, index) => takePart(experiment, caller(index), exposed, false)?.arm)
  expect(during.slice(0, 400)).toEqual(before)
  expect(during.slice(400).filter((arm) => arm !== undefined)).toEqual([])
  // Nor does a share that has grown: nothing new joins before contact is back.
  const grown = Array.from(
    { length: 800 },
    (_, index) => takePart({ ...experiment, share: 1 }, caller(index), exposed, false)?.arm,
  )
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
  const own = groupExperiments([experiment]).get('default')
  if (own === undefined) throw new Error('the team has an experiment')
  expect(findExperiment(own, 'p', null)).toBe(experiment)
  expect(findExperiment(own, null, '0123456789abcdef')).toBe(experiment)
  expect(findExperiment(own, 'q', 'fedcba9876543210')).toBeNull()
  expect([...groupExperiments([experiment]).keys()]).toEqual(['default'])
})

test('a snapshot knows since when PostgreSQL was not heard of, also over a restart', () => {
  const dataDir = makeFolder()
  const first = createSnapshots(dataDir)
  expect(first.ageMs).toBe(Number.POSITIVE_INFINITY)
  first.replace('1', { enhancements: [], experiments: [experiment], rules: [] })
  expect(first.ageMs).toBeLessThan(60_000)
  // Two minutes pass while no gateway runs.
  const then = new Date(Date.now() - 120_000)
  utimesSync(join(dataDir, 'snapshot.json'), then, then)
  const second = createSnapshots(dataDir)
  expect(second.current.experiments.get('default')?.byPattern.get('p')).toEqual(experiment)
  expect(second.ageMs).toBeGreaterThan(119_000)
  // The same answer again is contact all the same.
  second.replace('1', { enhancements: [], experiments: [experiment], rules: [] })
  expect(second.ageMs).toBeLessThan(60_000)
  expect(createSnapshots(dataDir).ageMs).toBeLessThan(60_000)
})

const body = '{"model":"m", "messages":[{"role":"user","content":"Summarise this text please: The harbour opens."}]}'
const template = fingerprintPrompt(readPrompt('chat', JSON.parse(body)))
const everybody: ServedExperiment = {
  ...experiment,
  openingHash: template?.hash ?? null,
  share: 1,
  original: template?.template ?? experiment.original,
  enhanced: { system: 'Be brief.', template: null },
}

async function ask(gateway: TestGateway, session: string): Promise<void> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'x-sinew-session': session },
    body,
  })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
}

test('through a gateway: control goes byte for byte, treatment gets the enhanced prompt, a session keeps its arm, and the journal says so', async () => {
  const dataDir = makeFolder()
  createSnapshots(dataDir).replace('1', { enhancements: [], experiments: [everybody], rules: [] })
  const upstream = await startUpstream((_request, response) => void response.end('{}'))
  const gateway = await startGateway({
    dataDir,
    keys: [{ name: 'demo', key: callerKey, team: 'default' }],
    providers: [{ name: 'oa', baseUrl: `${upstream.origin}/v1`, models: ['m'] }],
  })
  for (let turn = 0; turn < 2; turn++) for (let session = 0; session < 12; session++) await ask(gateway, `s-${session}`)
  const treated = body.replace('[{', '[{"role":"system","content":"Be brief."},{')
  const arms = gateway.journal.intents().map(({ intent, request, sent }) => {
    expect(request.toString()).toBe(body)
    expect(sent?.toString() ?? body).toBe(intent.experiment?.arm === 'treatment' ? treated : body)
    expect(intent.enhancementId).toBe(intent.experiment?.arm === 'treatment' ? everybody.enhancementId : null)
    expect(intent.experiment).toMatchObject({ id: everybody.experimentId, version: 1 })
    return intent.experiment?.arm
  })
  expect(arms.slice(0, 12)).toEqual(arms.slice(12))
  expect(new Set(arms)).toEqual(new Set(['control', 'treatment']))
  expect(upstream.seen.map(({ body: sent }) => sent.toString())).toEqual(
    arms.map((arm) => (arm === 'treatment' ? treated : body)),
  )
})

test('F55: a gateway that starts with a snapshot of long ago exposes nobody', async () => {
  const dataDir = makeFolder()
  createSnapshots(dataDir).replace('1', { enhancements: [], experiments: [everybody], rules: [] })
  const then = new Date(Date.now() - 61_000)
  utimesSync(join(dataDir, 'snapshot.json'), then, then)
  const upstream = await startUpstream((_request, response) => void response.end('{}'))
  const gateway = await startGateway({
    dataDir,
    keys: [{ name: 'demo', key: callerKey, team: 'default' }],
    providers: [{ name: 'oa', baseUrl: `${upstream.origin}/v1`, models: ['m'] }],
  })
  for (let session = 0; session < 12; session++) await ask(gateway, `s-${session}`)
  expect(gateway.journal.intents().map(({ intent, sent }) => [intent.experiment, sent])).toEqual(
    Array.from({ length: 12 }, () => [undefined, null]),
  )
})
