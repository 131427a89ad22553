import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Feedback } from '../../db/journal/records.ts'
import { dropUnknown, findRatedExchanges } from '../../db/repositories/outcomes/feedback.ts'
import { learnGroup, type LearnDependencies } from '../activities/learn.ts'
import { applyFeedback } from '../learner/feedback.ts'
import { append, openTestJournal } from './journal-input.ts'
import { eventually, openHarness, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
let dependencies: LearnDependencies
beforeEach(async () => {
  harness = await openHarness()
  dependencies = {
    database: harness.database,
    thresholds: { minExchanges: 1_000, maxSuccessRate: 0.7 },
    resolveAnalyst: async () => null,
  }
})
afterEach(() => harness.close())

async function give(...given: Partial<Feedback>[]): Promise<void> {
  const writer = openTestJournal(harness.journal)
  for (const one of given) {
    await append(writer, {
      kind: 'feedback',
      feedback: {
        id: v7(),
        exchangeId: v7(),
        team: 'default',
        keyName: 'demo',
        metric: 'success',
        value: false,
        comment: null,
        at: Date.now(),
        ...one,
      },
    })
  }
  await writer.close()
}

const applyAll = async (): Promise<void> =>
  applyFeedback(harness.database, {}, await findRatedExchanges(harness.database, 100))
const outcomes = () =>
  harness.rows('select verdict, verdict_reason as reason, outcome_score as score from requests order by id')
const counts = async () =>
  (await harness.rows('select frequency::int, successes::int, failures::int from prompt_patterns'))[0]
const stored = () => harness.rows('select id, applied_at is not null as applied from feedback order by id')

test('feedback on what was learned changes its outcome and the counts of its pattern, once', async () => {
  const ids = await harness.write(3)
  await give({ id: 'a', exchangeId: ids[1] as string })
  await shipAll(harness)
  await learnGroup(dependencies, [ids[0] as string])
  expect(await findRatedExchanges(harness.database, 100)).toEqual([])
  await learnGroup(dependencies, ids)
  await applyAll()
  expect(await outcomes()).toMatchObject([
    { verdict: 'success' },
    { verdict: 'failure', score: 0, reason: 'feedback: it did not work' },
    { verdict: 'success' },
  ])
  expect(await counts()).toEqual({ frequency: 3, successes: 2, failures: 1 })
  await give(
    { id: 'b', exchangeId: ids[2] as string, value: 0.1 },
    { id: 'c', exchangeId: ids[2] as string, metric: 'latency', value: 0 },
  )
  await shipAll(harness)
  await Promise.all([applyAll(), applyAll()].map((applying) => applying.catch(() => {})))
  await applyAll()
  expect(await counts()).toEqual({ frequency: 3, successes: 1, failures: 2 })
  expect(await stored()).toEqual(['a', 'b', 'c'].map((id) => ({ id, applied: true })))
})

test('feedback that comes before its exchange is kept, and applied when it appears', async () => {
  const id = v7()
  await give({ exchangeId: id })
  await shipAll(harness)
  await dropUnknown(harness.database, 86_400)
  await harness.write(1, () => ({ id }))
  await shipAll(harness)
  await learnGroup(dependencies, [id])
  expect(await outcomes()).toMatchObject([{ verdict: 'failure', reason: 'feedback: it did not work' }])
  expect(await counts()).toEqual({ frequency: 1, successes: 0, failures: 1 })
})

test('feedback whose exchange has not come within a day is dropped, and what was applied stays', async () => {
  const ids = await harness.write(1)
  await give({ id: 'applied', exchangeId: ids[0] as string }, { id: 'old' }, { id: 'new' })
  await shipAll(harness)
  await learnGroup(dependencies, ids)
  await applyAll()
  await harness.rows(`update feedback set recorded_at = now() - interval '25 hours' where id <> 'new'`)
  expect(await dropUnknown(harness.database, 86_400)).toBe(1)
  expect((await stored()).map(({ id }) => id)).toEqual(['applied', 'new'])
})

test("of another team's exchange nothing is taken", async () => {
  const ids = await harness.write(1)
  await give({ exchangeId: ids[0] as string, team: 'blue' })
  await shipAll(harness)
  await learnGroup(dependencies, ids)
  await applyAll()
  expect(await outcomes()).toMatchObject([{ verdict: 'success', score: 1 }])
  expect(await stored()).toMatchObject([{ applied: false }])
})

test('a journal that is read twice stores each feedback once, and the first of an id stands', async () => {
  await give({ id: 'same', value: true }, { id: 'same', value: false }, { id: 'same', team: 'blue', value: false })
  await shipAll(harness)
  rmSync(join(harness.journal, 'position.json'), { force: true })
  await shipAll(harness)
  expect(await harness.rows('select team, value from feedback order by team')).toEqual([
    { team: 'blue', value: false },
    { team: 'default', value: true },
  ])
})

test('feedback that PostgreSQL refuses is set aside, and the rest is stored', async () => {
  await give({ id: 'good' }, { id: 'bad', exchangeId: 'not-an-id' }, { id: 'fine' })
  await shipAll(harness)
  expect((await stored()).map(({ id }) => id)).toEqual(['fine', 'good'])
  expect(await harness.rows('select stage, octet_length(payload) > 0 as kept from quarantine')).toEqual([
    { stage: 'record', kept: true },
  ])
})

test('a learner does all of it by itself', async () => {
  const learner = await harness.startLearner()
  const [id] = await harness.write(1)
  await eventually(async () => expect(await outcomes()).toMatchObject([{ verdict: 'success' }]))
  await give({ exchangeId: id as string })
  await eventually(async () => expect(await outcomes()).toMatchObject([{ verdict: 'failure', score: 0 }]))
  expect(await counts()).toEqual({ frequency: 1, successes: 0, failures: 1 })
  await learner.stop()
})
