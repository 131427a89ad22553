/**
 * Experiments through the code that runs them: the unit's hash, the exposure table, the resolving of outcomes, the
 * evaluator, the state machine.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createExperimentActivities } from '../../activities/experiment.ts'
import { openHarness, type Harness } from '../learner-harness.ts'
import { openExperiments, type Experiments, type TestExchange, type TestExperiment } from './experiment-harness.ts'
import { createDice, upper99 } from './simulator.ts'

let harness: Harness
let experiments: Experiments
let now = 0
beforeAll(async () => {
  harness = await openHarness()
  experiments = openExperiments(harness.orm, harness.database)
})
afterAll(() => harness.close())
beforeEach(() => {
  now = Date.now()
})

const minute = 60_000
/** Everybody takes part at once, and a unit's outcome is taken after a minute. */
const quick = { ramp: [1], windowMs: minute, minimumRunMs: 1 }
const lookAt = (experiment: TestExperiment, afterMs: number) =>
  createExperimentActivities({
    database: harness.database,
    evaluateEveryMs: 1_000,
    now: () => now + afterMs,
  }).lookAtExperiment(experiment.id)
const events = (experiment: TestExperiment) =>
  harness.rows<{ to_state: string; person: string | null; cause: string; numbers: Record<string, unknown> }>(
    `select to_state, person, cause, numbers from experiment_events where experiment_id = '${experiment.id}' order by id`,
  )
const sessions = (from: number, count: number, every = 10): TestExchange[] =>
  Array.from({ length: count }, (_, index) => ({ session: `s-${from + index}`, at: now + (from + index) * every }))
const rest = (experiment: TestExperiment) =>
  sql`update experiments set ended_at = now() where id = ${experiment.id}::uuid`.execute(harness.database)

test('ST2: 400 experiments with equal arms through hash, exposure table and evaluator: at most 5 % end with a verdict', async () => {
  const seed = 2
  const dice = createDice(seed)
  const [runs, looks, unitsALook] = [400, 5, 90]
  const start = now
  let found = 0
  async function run(number: number): Promise<void> {
    const experiment = await experiments.open({ ...quick, expectedUnits: 300, maximumPairs: 1_000_000 })
    let verdict = false
    for (let step = 0; step < looks; step++) {
      const exchanges = Array.from({ length: unitsALook }, (_, index) => ({
        session: `run-${number}-${step * unitsALook + index}`,
        at: start + step * minute + index,
        verdict: dice.next() < 0.7 ? ('success' as const) : ('failure' as const),
      }))
      await experiments.record(experiment, exchanges)
      await createExperimentActivities({
        database: harness.database,
        evaluateEveryMs: 1_000,
        now: () => start + (step + 2) * minute,
      }).lookAtExperiment(experiment.id)
      const row = await experiments.row(experiment.id)
      verdict ||= row.evaluation.direction !== null || !['ramping', 'running'].includes(row.state)
    }
    const row = await experiments.row(experiment.id)
    if (!verdict) expect(row.evaluation.pairs).toBeGreaterThan(150)
    expect(row.evaluation.exposed.mixed).toBe(0)
    if (verdict) found++
    await rest(experiment)
  }
  for (let number = 0; number < runs; number += 8)
    await Promise.all(Array.from({ length: 8 }, (_, index) => run(number + index)))
  console.log(
    `ST2 seed=${seed}: ${found} of ${runs} (${((100 * found) / runs).toFixed(2)} %), upper 99 % bound ${(100 * upper99(found, runs)).toFixed(2)} %`,
  )
  expect(found / runs).toBeLessThanOrEqual(0.05)
  expect(upper99(found, runs)).toBeLessThanOrEqual(0.085)
}, 240_000)

test('ST18: exchanges that arrive twice, late and out of order leave the same units, values and numbers as in order and once', async () => {
  const exchanges = Array.from({ length: 300 }, (_, index): TestExchange => ({
    session: `again-${index % 120}`,
    at: now + index * 10,
    verdict: index % 3 === 0 ? 'failure' : 'success',
  }))
  const inOrder = await experiments.open(quick)
  const shuffled = await experiments.open(quick)
  // Both draw alike: the arms hang on the salt, and on nothing that differs between them.
  await sql`update experiments set salt = (select salt from experiments where id = ${inOrder.id}::uuid), pattern_id = pattern_id where id = ${shuffled.id}::uuid`.execute(
    harness.database,
  )
  const ids = await experiments.record(inOrder, exchanges)
  const dice = createDice(18)
  const mixed = [...exchanges, ...exchanges]
    .map((exchange, index) => ({ exchange, index: index % 300, order: dice.next() }))
    .sort((a, b) => a.order - b.order)
  const toId = (index: number): string => `${(ids[index] as string).slice(0, -6)}${index.toString(16).padStart(6, '0')}`
  for (let at = 0; at < mixed.length; at += 50) {
    await experiments.record(
      shuffled,
      mixed.slice(at, at + 50).map(({ exchange, index }) => ({ ...exchange, id: toId(index) })),
    )
    if (at === 300) await lookAt(shuffled, 2 * minute)
  }
  await lookAt(inOrder, 2 * minute)
  await lookAt(shuffled, 3 * minute)
  const [a, b] = [await experiments.row(inOrder.id), await experiments.row(shuffled.id)]
  expect(a.evaluation.pairs).toBeGreaterThan(40)
  expect(b.evaluation).toEqual(a.evaluation)
  const units = (experiment: TestExperiment) =>
    harness.rows(
      `select unit, arm, value, events, exposed_at from experiment_exposures where experiment_id = '${experiment.id}' order by exposed_at`,
    )
  expect(await units(shuffled)).toEqual(await units(inOrder))
  await Promise.all([rest(inOrder), rest(shuffled)])
})

test('F54: looks of any number, from learners that died in between, end at the numbers of a single one', async () => {
  const [often, once] = [await experiments.open(quick), await experiments.open(quick)]
  await sql`update experiments set salt = 'one' where id in (${often.id}::uuid, ${once.id}::uuid)`.execute(
    harness.database,
  )
  for (let step = 0; step < 5; step++) {
    const exchanges = sessions(step * 40, 40).map((exchange, index) => ({
      ...exchange,
      verdict: index % 4 === 0 ? ('failure' as const) : ('success' as const),
    }))
    await experiments.record(often, exchanges)
    await experiments.record(once, exchanges)
    // Two learners at once, as after a restart.
    await Promise.all([lookAt(often, step * 400 + minute), lookAt(often, step * 400 + minute)])
  }
  await lookAt(often, 5 * minute)
  await lookAt(once, 5 * minute)
  expect((await experiments.row(often.id)).evaluation).toEqual((await experiments.row(once.id)).evaluation)
  expect((await events(often)).map(({ to_state }) => to_state)).toEqual(
    (await events(once)).map(({ to_state }) => to_state),
  )
  await Promise.all([rest(often), rest(once)])
})

test('an outage of the treatment is rolled back long before a window closes, with its numbers, and its enhancement is withdrawn', async () => {
  const experiment = await experiments.open({ ramp: [1], windowMs: 24 * 60 * minute })
  await experiments.record(experiment, sessions(0, 60), (arm) =>
    arm === 'treatment' ? { verdict: 'none', status: 'error', httpStatus: 500 } : {},
  )
  expect(await lookAt(experiment, 1_000)).toEqual({ ended: true, waitMs: 0 })
  expect(await experiments.row(experiment.id)).toMatchObject({ state: 'rolled_back' })
  const rolledBack = (await events(experiment)).at(-1)
  expect(rolledBack).toMatchObject({ to_state: 'rolled_back', person: null, cause: 'the guardrail error was crossed' })
  expect(rolledBack?.numbers).toMatchObject({ guardrail: 'error', control: 0 })
  const [enhancement] = await harness.rows<{ state: string; failure: string }>(
    `select state, failure from enhancements where id = '${experiment.enhancementId}'`,
  )
  expect(enhancement).toEqual({ state: 'withdrawn', failure: 'its experiment ended: the guardrail error was crossed' })
  // A second look finds nothing to do.
  expect(await lookAt(experiment, 2_000)).toEqual({ ended: true, waitMs: 0 })
})

test('the ramp climbs by itself, a better treatment is won and waits for a person, its hold-back ends in an estimate and in serving everybody', async () => {
  const dice = createDice(3)
  const experiment = await experiments.open({
    ramp: [0.5, 1],
    stepMs: 1_000,
    stepUnits: 30,
    windowMs: minute,
    minimumRunMs: 1,
    holdback: 0.2,
    holdbackMs: 10 * minute,
  })
  const outcome = (arm: 'control' | 'treatment'): Partial<TestExchange> => ({
    verdict: dice.next() < (arm === 'treatment' ? 0.9 : 0.4) ? 'success' : 'failure',
    costUsd: (arm === 'treatment' ? 0.0011 : 0.001) * (0.8 + 0.4 * dice.next()),
  })
  await experiments.record(experiment, sessions(0, 400), outcome)
  await lookAt(experiment, 5_000)
  expect(await experiments.row(experiment.id)).toMatchObject({ state: 'running', step: 1 })
  await experiments.record(experiment, sessions(400, 400), outcome)
  await lookAt(experiment, 10_000 + minute)
  const won = await experiments.row(experiment.id)
  expect(won).toMatchObject({ state: 'won', ended_at: null })
  expect((await events(experiment)).map(({ to_state, person }) => [to_state, person])).toEqual([
    ['proposed', 'tester'],
    ['ramping', 'tester'],
    ['running', null],
    ['won', null],
  ])

  const act = await experiments.repository.act(
    experiment.id,
    'reviewer',
    () => ({ to: 'promoted', cause: 'promoted' }),
    { kind: 'signal', workflowId: `experiment/${experiment.id}`, name: 'nudged', argument: {} },
  )
  expect(act).toEqual({ kind: 'done' })
  const promoted = await experiments.row(experiment.id)
  expect(promoted).toMatchObject({ state: 'promoted', version: 2, promoted_by: 'reviewer' })
  expect(promoted.salt).not.toBe(won.salt)
  const promotedAt = new Date(promoted.promoted_at).getTime()
  await experiments.record(
    experiment,
    sessions(2_000, 600).map((exchange, index) => ({ ...exchange, at: promotedAt + index })),
    outcome,
  )
  await lookAt(experiment, promotedAt - now + 5 * minute)
  expect((await experiments.row(experiment.id)).holdback).toBeNull()
  expect(await lookAt(experiment, promotedAt - now + 12 * minute)).toEqual({ ended: true, waitMs: 0 })
  const over = await experiments.row(experiment.id)
  expect(over.ended_at).not.toBeNull()
  expect(over.holdback.heldBack + over.holdback.treated).toBe(600)
  expect(over.holdback.low).toBeLessThan(0.5)
  expect(over.holdback.high).toBeGreaterThan(0.5)
  expect(over.holdback.addedCostUsd).toBeCloseTo(0.0001, 4)
  expect(await harness.rows(`select state, mode from enhancements where id = '${experiment.enhancementId}'`)).toEqual([
    { state: 'approved', mode: 'serve' },
  ])
})

test('a unit waits for its exchanges to be scored, and one that comes late into a closed window opens it again', async () => {
  const experiment = await experiments.open(quick)
  const [open] = await experiments.record(experiment, [{ session: 'late', at: now, learned: false }])
  const value = async () =>
    (
      await harness.rows<{ value: number | null; resolved_at: string | null; events: object | null }>(
        `select value, resolved_at, events from experiment_exposures where experiment_id = '${experiment.id}'`,
      )
    )[0]
  await lookAt(experiment, 2 * minute)
  // What the answer's end told is known at once, the rest when it is scored.
  expect(await value()).toEqual({ value: null, resolved_at: null, events: { error: 0, refusal: 0, left: 0 } })
  await sql`update requests set learned_at = now(), verdict = 'success' where id = ${open}::uuid`.execute(
    harness.database,
  )
  await lookAt(experiment, 2 * minute)
  expect(await value()).toMatchObject({ value: 1, events: { error: 0, refusal: 0, left: 0, invalid_output: 0 } })
  await experiments.record(experiment, [
    { session: 'late', at: now + 1_000, verdict: 'failure' },
    { session: 'late', at: now + 10 * minute, verdict: 'failure' },
  ])
  await lookAt(experiment, 2 * minute)
  // The one within the window counts, the one after it does not.
  expect(await value()).toMatchObject({ value: 0.5 })
  await rest(experiment)
})

test('of two experiments of one pattern only one runs', async () => {
  const first = await experiments.open(quick)
  const second = { id: `${first.id.slice(0, -4)}ffff` }
  await experiments.repository.create({
    id: second.id,
    enhancementId: first.enhancementId,
    metric: 'success',
    settings: (await experiments.row(first.id)).settings,
    model: null,
    hypothesis: null,
    person: 'tester',
  })
  const start = () =>
    experiments.repository.act(second.id, 'tester', () => ({ to: 'ramping', cause: 'started' }), {
      kind: 'start',
      workflowId: `experiment/${second.id}`,
      name: 'experiment',
      argument: {},
    })
  expect(await start()).toEqual({ kind: 'occupied' })
  await experiments.repository.act(first.id, 'tester', () => ({ to: 'stopped', cause: 'stopped' }), {
    kind: 'signal',
    workflowId: `experiment/${first.id}`,
    name: 'nudged',
    argument: {},
  })
  // Its enhancement was withdrawn with the first one, and is tried again.
  expect(await start()).toEqual({ kind: 'done' })
  expect(await harness.rows(`select state, mode from enhancements where id = '${first.enhancementId}'`)).toEqual([
    { state: 'approved', mode: 'experiment' },
  ])
  await rest({ ...first, id: second.id })
})
