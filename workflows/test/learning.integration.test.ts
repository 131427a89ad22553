import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExchangeResult } from '../contract.ts'
import { createLearnActivities, learnGroup, type LearnDependencies } from '../activities/learn.ts'
import { createReanalysisActivities } from '../activities/reanalyse.ts'
import { anyAnalyst } from './analyst-stand-in.ts'
import { chat, completion, type ExchangeInput } from './journal-input.ts'
import { openHarness, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
let dependencies: LearnDependencies
beforeEach(async () => {
  harness = await openHarness()
  dependencies = {
    database: harness.database,
    thresholds: { minExchanges: 20, maxSuccessRate: 0.7 },
    resolveAnalyst: async () => anyAnalyst,
  }
})
afterEach(() => harness.close())

async function record(count: number, input: (index: number) => ExchangeInput = () => ({})): Promise<string[]> {
  const ids = await harness.write(count, input)
  await shipAll(harness)
  return ids
}

const empty: ExchangeInput = { response: completion('') }
const patterns = () =>
  harness.rows(
    'select title, frequency::int, successes::int, failures::int, success_rate, suggestions, pattern_type, pattern_data from prompt_patterns order by title',
  )
const enhancements = () =>
  harness.rows(
    'select id, state, applied::int, applied_successes::int as successes, applied_failures::int as failures, original_prompt, source from enhancements',
  )

describe('learning', () => {
  test('counts every exchange exactly once, however often and however many at once learn it', async () => {
    const ids = await record(60, (index) => (index % 3 === 0 ? empty : {}))
    const workers = Array.from({ length: 4 }, () => createLearnActivities(dependencies, () => 1))
    const results = await Promise.all(
      [...ids, ...ids, ...[...ids].reverse()].map((id, index) => workers[index % 4]!.learn(id)),
    )
    expect(await patterns()).toMatchObject([{ frequency: 60, successes: 40, failures: 20 }])
    expect(new Set(results.map((result) => result.patternId)).size).toBe(1)
    expect(
      await harness.rows('select id from requests where learned_at is null or workflow_started_at is null'),
    ).toEqual([])
  })

  test('gives ids and a verdict, and stores the reason', async () => {
    const [id] = await record(1, () => ({ outcome: { status: 'error', httpStatus: 422 }, response: '{"error":{}}' }))
    const [result] = (await learnGroup(dependencies, [id as string])).values()
    expect(result).toEqual({ patternId: expect.any(String), verdict: 'none', enhancementId: null })
    expect(await harness.rows('select verdict_reason from requests')).toEqual([
      { verdict_reason: 'the provider answered 422' },
    ])
  })

  test('of an exchange that is not there is tried again for a while, and then ends', async () => {
    await expect(createLearnActivities(dependencies, () => 1).learn(v7())).rejects.toThrow('not in PostgreSQL')
    expect(await createLearnActivities(dependencies, () => 120).learn(v7())).toEqual({
      patternId: null,
      verdict: 'none',
      enhancementId: null,
    })
  })

  test('an exchange without a verdict makes its pattern more frequent and neither better nor worse', async () => {
    const ids = await record(30, () => ({ outcome: { status: 'error', httpStatus: 429 }, response: '{}' }))
    await learnGroup(dependencies, ids)
    expect(await patterns()).toMatchObject([{ frequency: 30, successes: 0, failures: 0, success_rate: null }])
    expect(await enhancements()).toEqual([])
  })

  test('one prompt is one pattern in every wire format, and its answers are read by theirs', async () => {
    const text = 'Summarise this text: hello'
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'A summary.' }] }]
    const inputs: ExchangeInput[] = [
      { request: chat(text) },
      {
        intent: { endpoint: '/v1/responses' },
        request: JSON.stringify({ model: 'gpt-4o', input: text }),
        response: JSON.stringify({ status: 'completed', output }),
      },
      {
        intent: { endpoint: '/v1/responses' },
        request: JSON.stringify({ model: 'gpt-4o', input: text }),
        response: JSON.stringify({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output }),
      },
      {
        intent: { endpoint: '/v1/messages', dialect: 'anthropic' },
        request: chat(text),
        response: JSON.stringify({ content: [{ type: 'text', text: 'A summary.' }], stop_reason: 'end_turn' }),
      },
    ]
    await learnGroup(dependencies, await record(4, (index) => inputs[index] as ExchangeInput))
    expect(await patterns()).toMatchObject([{ frequency: 4, successes: 3, failures: 1 }])
    expect(
      await harness.rows("select stop_reason from responses where stop_reason = 'max_output_tokens'"),
    ).toHaveLength(1)
  })

  test('a call that passes through is recorded and judged by its status, and belongs to no pattern', async () => {
    const embeds = {
      intent: { endpoint: '/v1/embeddings' },
      request: JSON.stringify({ model: 'e', input: 'Summarise this text: hello' }),
      response: JSON.stringify({ data: [], usage: { prompt_tokens: 8 } }),
    }
    const [good, bad] = await record(2, (index) =>
      index === 0 ? embeds : { ...embeds, outcome: { status: 'error', httpStatus: 400 } },
    )
    const results = await learnGroup(dependencies, [good as string, bad as string])
    expect([good, bad].map((id) => results.get(id as string))).toEqual([
      { patternId: null, verdict: 'success', enhancementId: null },
      { patternId: null, verdict: 'none', enhancementId: null },
    ])
    expect(await patterns()).toEqual([])
    expect(
      await harness.rows('select input_tokens, content, messages from responses join requests using (id) limit 1'),
    ).toEqual([{ input_tokens: 8, content: null, messages: null }])
  })

  test('teams share their patterns where they are set to', async () => {
    const ids = await record(4, (index) => ({ intent: { team: index % 2 === 0 ? 'red' : 'blue', patternTeam: '*' } }))
    await learnGroup(dependencies, ids)
    expect(await harness.rows('select team, frequency::integer from prompt_patterns')).toEqual([
      { team: '*', frequency: 4 },
    ])
    expect(await harness.rows('select distinct team from pattern_queue')).toEqual([{ team: '*' }])
    expect(await harness.rows('select distinct team from requests order by team')).toEqual([
      { team: 'blue' },
      { team: 'red' },
    ])
  })

  test('teams do not share patterns', async () => {
    const ids = await record(4, (index) => ({ intent: { team: index % 2 === 0 ? 'red' : 'blue' } }))
    await learnGroup(dependencies, ids)
    expect(await patterns()).toMatchObject([{ frequency: 2 }, { frequency: 2 }])
  })

  test('what PostgreSQL refuses five times is set aside, and its workflow ends', async () => {
    const [id] = await record(1)
    await harness.rows(
      `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$`,
    )
    await harness.rows(`create trigger refuse before insert on prompt_patterns for each row execute function refuse()`)
    await expect(createLearnActivities(dependencies, () => 4).learn(id as string)).rejects.toThrow('poison')
    expect(await createLearnActivities(dependencies, () => 5).learn(id as string)).toMatchObject({ verdict: 'none' })
    expect(await harness.rows('select stage, exchange_id from quarantine')).toEqual([
      { stage: 'workflow', exchange_id: id },
    ])
  })
})

describe('a weak pattern', () => {
  test('gives rise to one enhancement, and to no second one for the same template version', async () => {
    const ids = await record(30, () => empty)
    const started: ExchangeResult[] = []
    // Several at once, but no more than there are connections: a transaction that waits for one too long is given up.
    for (let first = 0; first < ids.length; first += 6) {
      const results = await Promise.all(ids.slice(first, first + 6).map((id) => learnGroup(dependencies, [id])))
      const all = results.flatMap((group) => [...group.values()])
      started.push(...all.filter(({ enhancementId }) => enhancementId !== null))
    }
    expect(started).toHaveLength(1)
    expect(await enhancements()).toMatchObject([
      {
        id: started[0]?.enhancementId,
        state: 'drafting',
        source: 'analyst',
        original_prompt: { system: null, template: expect.any(String) },
      },
    ])
  })

  test('learned again gives the draft again, should its workflow not have been started', async () => {
    const ids = await record(20, () => empty)
    const first = await learnGroup(dependencies, ids)
    const again = await learnGroup(dependencies, ids)
    const draft = [...first.values()].find((result) => result.enhancementId !== null)?.enhancementId
    expect(draft).toBeDefined()
    expect(again.get(ids[0] as string)?.enhancementId).toBe(draft)
  })

  test('is not weak before it is frequent enough', async () => {
    await learnGroup(dependencies, await record(19, () => empty))
    expect(await enhancements()).toEqual([])
  })

  test('without an analyst says so once, and no more when there is one', async () => {
    await learnGroup({ ...dependencies, resolveAnalyst: async () => null }, await record(30, () => empty))
    await learnGroup({ ...dependencies, resolveAnalyst: async () => null }, await record(5, () => empty))
    expect((await patterns())[0]?.suggestions).toEqual([
      { code: 'no_analyst', message: 'no analyst configured', at: expect.any(String) },
    ])
    expect(await enhancements()).toEqual([])
    await learnGroup(dependencies, await record(1, () => empty))
    expect((await patterns())[0]?.suggestions).toEqual([])
    expect(await enhancements()).toHaveLength(1)
  })

  test('a new draft has its workflow started, also when the exchange that gave rise to it is in another pattern by then', async () => {
    const [first] = await record(20, () => empty)
    await learnGroup(
      dependencies,
      (await harness.rows('select id from requests')).map(({ id }) => id as string),
    )
    const [{ id }] = (await enhancements()) as [{ id: string }]
    // The answer was lost, and meanwhile a template was found and got all of the exchanges.
    const template = v7()
    await harness.rows(`insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, first_seen, last_seen)
      values ('${template}', 'default', 'found', 'template', 'Found', '{}', now(), now())`)
    await harness.rows(`update requests set pattern_id = '${template}'`)
    await learnGroup(dependencies, [first as string])
    expect(
      await harness.rows(`select workflow_id from workflow_commands where kind = 'start' and done_at is null`),
    ).toEqual([{ workflow_id: `enhancement/${id}` }])
  })

  test('counts what an enhancement did where it was applied', async () => {
    await learnGroup(dependencies, await record(20, () => empty))
    const [{ id }] = (await enhancements()) as [{ id: string }]
    const ids = await record(5, (index) => ({ ...(index === 0 ? empty : {}), intent: { enhancementId: id } }))
    await Promise.all([learnGroup(dependencies, ids), learnGroup(dependencies, ids)])
    expect(await enhancements()).toMatchObject([{ applied: 5, successes: 4, failures: 1 }])
  })
})

describe('a reanalysis', () => {
  const start = async (filter: object = {}): Promise<string> => {
    const id = v7()
    await harness.rows(
      `insert into reanalyses (id, started_by, filter, state) values ('${id}', 'reviewer', '${JSON.stringify(filter)}', 'queued')`,
    )
    return id
  }
  const progress = () => harness.rows('select state, total::int, done::int, failed::int from reanalyses')

  /** `askers`: so many ask for each page at the same moment. */
  async function workSlices(
    activities: ReturnType<typeof createReanalysisActivities>,
    id: string,
    askers = 1,
  ): Promise<string> {
    for (const slice of await activities.planReanalysis(id)) {
      for (let states: string[] = []; !states.includes('over');) {
        const steps = Array.from({ length: askers }, () => activities.reanalysePart(id, { slice }))
        states = (await Promise.all(steps)).map(({ state }) => state)
      }
    }
    return activities.finishReanalysis(id)
  }

  test('of unchanged exchanges changes no count, also when a page is asked for at once by two', async () => {
    await learnGroup(dependencies, await record(50, (index) => (index % 2 === 0 ? empty : {})))
    const before = await patterns()
    const activities = createReanalysisActivities({ ...dependencies, pageSize: 7, sliceSize: 20, prices: {} })
    const id = await start()
    await activities.beginReanalysis(id)
    expect(await workSlices(activities, id, 2)).toBe('completed')
    expect(await progress()).toEqual([{ state: 'completed', total: 50, done: 50, failed: 0 }])
    expect(await patterns()).toEqual(before)
  })

  test('moves exchanges whose pattern or outcome reads otherwise now, with their counts', async () => {
    const ids = await record(6)
    await learnGroup(dependencies, ids)
    // As an earlier version might have learned it: another pattern, another verdict.
    await harness.rows(`insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, frequency, failures, first_seen, last_seen)
      values ('${v7()}', 'default', 'old', 'opening', 'Old', '{}', 2, 2, now(), now())`)
    await harness.rows(
      `update requests set pattern_id = (select id from prompt_patterns where title = 'Old'), verdict = 'failure' where id in ('${ids[0]}', '${ids[1]}')`,
    )
    await harness.rows(`update prompt_patterns set frequency = 4, successes = 4 where title <> 'Old'`)
    const activities = createReanalysisActivities({ ...dependencies, pageSize: 200, sliceSize: 20, prices: {} })
    const id = await start()
    await activities.beginReanalysis(id)
    expect(await workSlices(activities, id)).toBe('completed')
    expect(await patterns()).toMatchObject([
      { title: 'Old', frequency: 0, successes: 0, failures: 0 },
      { frequency: 6, successes: 6, failures: 0 },
    ])
  })

  test('reads the outcome from the stored answer, not from what was once made of it', async () => {
    const ids = await record(2)
    await learnGroup(dependencies, ids)
    await harness.rows(`update responses set content = null, refusal = true`)
    const activities = createReanalysisActivities({ ...dependencies, pageSize: 200, sliceSize: 20, prices: {} })
    const id = await start()
    await activities.beginReanalysis(id)
    expect(await workSlices(activities, id)).toBe('completed')
    expect(await patterns()).toMatchObject([{ frequency: 2, successes: 2 }])
  })

  test('covers what its filter names, and nothing else', async () => {
    await record(3, () => ({ intent: { model: 'small' } }))
    await record(4, () => ({ intent: { model: 'big' }, request: chat('Other words at the start') }))
    const activities = createReanalysisActivities({ ...dependencies, pageSize: 200, sliceSize: 20, prices: {} })
    const id = await start({
      model: 'big',
      from: new Date(Date.now() - 3_600_000).toISOString(),
      to: new Date(Date.now() + 3_600_000).toISOString(),
    })
    await activities.beginReanalysis(id)
    expect(await workSlices(activities, id)).toBe('completed')
    expect(await progress()).toEqual([{ state: 'completed', total: 4, done: 4, failed: 0 }])
    expect(await patterns()).toMatchObject([{ frequency: 4 }])
    const past = await start({ to: new Date(Date.now() - 3_600_000).toISOString() })
    await activities.beginReanalysis(past)
    expect(await harness.rows(`select total::int from reanalyses where id = '${past}'`)).toEqual([{ total: 0 }])
  })

  test('that is over stays over', async () => {
    await record(3)
    const activities = createReanalysisActivities({ ...dependencies, pageSize: 1, sliceSize: 20, prices: {} })
    const id = await start()
    await activities.beginReanalysis(id)
    await activities.planReanalysis(id)
    expect(await activities.reanalysePart(id, { slice: 0 })).toMatchObject({ state: 'more' })
    await activities.setReanalysisState(id, 'cancelled')
    expect(await activities.reanalysePart(id, { slice: 0 })).toMatchObject({ state: 'over' })
    expect(await activities.finishReanalysis(id)).toBe('cancelled')
    expect(await activities.setReanalysisState(id, 'running')).toBe('cancelled')
    expect(await progress()).toEqual([{ state: 'cancelled', total: 3, done: 1, failed: 0 }])
  })
})
