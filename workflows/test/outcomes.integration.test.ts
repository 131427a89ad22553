import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { learnGroup, type LearnDependencies } from '../activities/learn.ts'
import { createReanalysisActivities } from '../activities/reanalyse.ts'
import { noticeNextTurns } from '../activities/rescore.ts'
import { createSchemaChecker } from '../activities/schema/schema-checker.ts'
import { v7 } from 'uuid'
import { anyAnalyst } from './analyst-stand-in.ts'
import { chat, completion, type ExchangeInput } from './journal-input.ts'
import { openHarness, shipAll, type Harness } from './learner-harness.ts'

const schemas = createSchemaChecker()
let harness: Harness
let dependencies: LearnDependencies
beforeEach(async () => {
  harness = await openHarness()
  dependencies = {
    database: harness.database,
    thresholds: { minExchanges: 1_000, maxSuccessRate: 0.7 },
    resolveAnalyst: async () => anyAnalyst,
    schemas,
  }
})
afterEach(() => harness.close())

async function record(...inputs: ExchangeInput[]): Promise<string[]> {
  const ids: string[] = []
  for (const input of inputs) ids.push(...(await harness.write(1, () => input)))
  await shipAll(harness)
  return ids
}

const outcomes = () =>
  harness.rows(
    'select id, verdict, verdict_reason as reason, outcome_score as score, outcome_reasons as reasons from requests order by id',
  )
const counts = async () =>
  (
    await harness.rows(
      'select sum(frequency)::int as frequency, sum(successes)::int as successes, sum(failures)::int as failures from prompt_patterns',
    )
  )[0]
const inSession = (text: string, more: Partial<ExchangeInput> = {}): ExchangeInput => ({
  ...more,
  request: chat(text),
  intent: { sessionKey: 'talk', ...more.intent },
})
const first = 'Write a poem about autumn in Vienna'
const again = 'No, please write me the poem again: Vienna, autumn'

describe('what was asked for is held against what came', () => {
  const person = {
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
    additionalProperties: false,
  }
  const asked = chat('Who wrote this?', {
    response_format: { type: 'json_schema', json_schema: { name: 'person', schema: person } },
  })
  const tools = chat('Find it', { tools: [{ type: 'function', function: { name: 'find', parameters: person } }] })
  const call = (name: string, given: string): string =>
    JSON.stringify({
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: given } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
    })

  test('by a schema, by its tools and by a schema of their arguments, with score and reasons', async () => {
    const ids = await record(
      { request: asked, response: completion('{"name":"Ada"}') },
      { request: asked, response: completion('{"name":7}') },
      { request: asked, response: completion('Ada did.') },
      { request: tools, response: call('find', '{"name":"x"}') },
      { request: tools, response: call('erase', '{"name":"x"}') },
      { request: tools, response: call('find', '{"size":1}') },
    )
    await learnGroup(dependencies, ids)
    expect(await outcomes()).toMatchObject([
      { verdict: 'success', score: 1, reasons: [] },
      { verdict: 'failure', score: 0.2, reason: 'the answer does not match the schema that was asked for' },
      { verdict: 'failure', score: 0.1, reasons: [{ code: 'invalid_json' }] },
      { verdict: 'success', score: 1 },
      { verdict: 'failure', reasons: [{ code: 'unknown_tool' }] },
      { verdict: 'failure', reasons: [{ code: 'arguments_violation' }] },
    ])
  })

  test('without a body being read again: what the shipper kept is enough for outcome, pattern and a repeated question', async () => {
    const ids = await record(
      { request: asked, response: completion('{"name":7}') },
      { request: tools, response: call('erase', '{"name":"x"}') },
      inSession(first),
      inSession(again),
    )
    await harness.rows('update requests set original_body = null, sent_body = null')
    await harness.rows('update responses set body = null')
    const learned = await learnGroup(dependencies, ids)
    expect(await outcomes()).toMatchObject([
      { verdict: 'failure', score: 0.2 },
      { verdict: 'failure', reasons: [{ code: 'unknown_tool' }] },
      { verdict: 'failure', reason: 'asked again in other words' },
      { verdict: 'success' },
    ])
    expect([...learned.values()].map(({ patternId }) => patternId)).toEqual(ids.map(() => expect.any(String)))
  })

  test('and a reanalysis finds the same', async () => {
    const ids = await record(
      { request: asked, response: completion('{"name":7}') },
      { request: asked, response: completion('{"name":"Ada"}') },
    )
    await learnGroup(dependencies, ids)
    const before = [await outcomes(), await counts()]
    const activities = createReanalysisActivities({ ...dependencies, pageSize: 200, sliceSize: 1_000, prices: {} })
    const id = v7()
    await harness.rows(
      `insert into reanalyses (id, started_by, filter, state) values ('${id}', 'reviewer', '{}', 'queued')`,
    )
    await activities.beginReanalysis(id)
    await activities.planReanalysis(id)
    expect(await activities.reanalysePart(id, { slice: 0 })).toMatchObject({ state: 'over' })
    await activities.finishReanalysis(id)
    expect([await outcomes(), await counts()]).toEqual(before)
  })
})

describe('the same session that asks again in other words', () => {
  const lowered = [
    { verdict: 'failure', score: 0.25, reason: 'asked again in other words' },
    { verdict: 'success', score: 1 },
  ]

  test('lowers what it asked before, and the counts of its pattern with it, once', async () => {
    const ids = await record(inSession(first), inSession(again))
    await learnGroup(dependencies, [ids[0] as string])
    expect(await counts()).toEqual({ frequency: 1, successes: 1, failures: 0 })
    await learnGroup(dependencies, [ids[1] as string])
    expect(await outcomes()).toMatchObject(lowered)
    expect(await counts()).toEqual({ frequency: 2, successes: 1, failures: 1 })
    await Promise.all([
      learnGroup(dependencies, ids),
      learnGroup(dependencies, ids),
      noticeNextTurns(dependencies, ids),
    ])
    expect(await counts()).toEqual({ frequency: 2, successes: 1, failures: 1 })
  })

  test.each([
    ['together', (ids: string[]) => [ids]],
    ['the other way round', (ids: string[]) => [[ids[1]], [ids[0]]]],
  ])('also when both are learned %s', async (_, groups) => {
    const ids = await record(inSession(first), inSession(again))
    for (const group of groups(ids)) await learnGroup(dependencies, group as string[])
    expect(await outcomes()).toMatchObject(lowered)
    expect(await counts()).toEqual({ frequency: 2, successes: 1, failures: 1 })
  })

  test('in the middle of a conversation too', async () => {
    const turn = (...texts: string[]): string =>
      JSON.stringify({
        model: 'm',
        messages: texts.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })),
      })
    const ids = await record(
      { request: turn('Hello there, friend', 'Hello', first), response: completion('A poem.') },
      { request: turn('Hello there, friend', 'Hello', first, 'A poem.', again) },
    )
    await learnGroup(dependencies, ids)
    expect(await outcomes()).toMatchObject(lowered)
  })

  test('takes it back from the enhancement that was applied to it', async () => {
    const [id, patternId] = [v7(), v7()]
    await harness.rows(
      `insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, first_seen, last_seen) values ('${patternId}', 'default', 'x', 'opening', 'X', '{}', now(), now())`,
    )
    await harness.rows(
      `insert into enhancements (id, pattern_id, pattern_version, enhancement_type, state, original_prompt, source) values ('${id}', '${patternId}', 1, 'template', 'approved', '{}', 'analyst')`,
    )
    const ids = await record(inSession(first, { intent: { sessionKey: 'talk', enhancementId: id } }), inSession(again))
    for (const one of ids) await learnGroup(dependencies, [one])
    expect(
      await harness.rows(
        'select applied::int, applied_successes::int as successes, applied_failures::int as failures from enhancements',
      ),
    ).toEqual([{ applied: 1, successes: 0, failures: 1 }])
  })

  test.each<[string, ExchangeInput[]]>([
    [
      'after more than ten minutes',
      [{ ...inSession(first), id: v7({ msecs: Date.now() - 700_000 }) }, inSession(again)],
    ],
    ['in another session', [inSession(first), { request: chat(again), intent: { sessionKey: 'other' } }]],
    ['in another team', [inSession(first), inSession(again, { intent: { sessionKey: 'talk', team: 'blue' } })]],
    [
      'with another question between',
      [inSession(first), inSession('Now a haiku on spring in Paris'), inSession(again)],
    ],
    [
      'with the same template and another value',
      [inSession("Translate 'cat' to French"), inSession("Translate 'dog' to French")],
    ],
    ['with the very same words', [inSession(first), inSession(first)]],
  ])('does not, %s', async (_, inputs) => {
    await learnGroup(dependencies, await record(...inputs))
    expect((await outcomes()).map(({ verdict }) => verdict)).toEqual(inputs.map(() => 'success'))
  })

  test('gives no verdict to what had none', async () => {
    const ids = await record(
      inSession(first, { outcome: { status: 'error', httpStatus: 500 }, response: '{}' }),
      inSession(again),
    )
    await learnGroup(dependencies, ids)
    expect(await outcomes()).toMatchObject([{ verdict: 'none', score: null }, { verdict: 'success' }])
  })
})
