import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AnalystConfig } from '../../db/words/analyst.ts'
import type { JudgeConfig } from '../../db/words/config.ts'
import { learnGroup, type LearnDependencies } from '../activities/learn.ts'
import { createJudge } from '../learner/judge.ts'
import { answer, message, startAnalyst, type AnalystStandIn, type Script } from './analyst-stand-in.ts'
import { chat, completion } from './journal-input.ts'
import { openHarness, quiet, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
let analyst: AnalystStandIn | null = null
let dependencies: LearnDependencies
beforeEach(async () => {
  harness = await openHarness()
  dependencies = {
    database: harness.database,
    thresholds: { minExchanges: 1_000, maxSuccessRate: 0.7 },
    resolveAnalyst: async () => null,
  }
})
afterEach(async () => {
  await analyst?.close()
  analyst = null
  await harness.close()
})

const judgement = (input: unknown): object =>
  message({ stop_reason: 'tool_use', content: [{ type: 'tool_use', id: 't', name: 'judge_answer', input }] })

async function startJudge(script: Script, more: Partial<JudgeConfig> = {}): Promise<() => Promise<boolean>> {
  analyst = await startAnalyst(script)
  const config: AnalystConfig = {
    baseUrl: analyst.url,
    apiKey: 'k',
    model: 'claude-judge',
    maxCallsPerDay: 0,
    maxTokensPerDay: 0,
  }
  const judge = createJudge({
    database: harness.database,
    settings: { maxCallsPerDay: 10, maxTokensPerDay: 100_000, share: 1, ...more },
    resolveAnalyst: async () => config,
    log: quiet,
  })
  return () => judge(() => false)
}

async function learn(count: number, content = 'Nonsense from ada@example.com.'): Promise<string[]> {
  const ids = await harness.write(count, () => ({
    request: chat('Summarise this text: hello'),
    response: completion(content),
  }))
  await shipAll(harness)
  await learnGroup(dependencies, ids)
  return ids
}

const outcomes = () =>
  harness.rows('select verdict, outcome_score as score, verdict_reason as reason from requests order by id')
const counts = async () =>
  (await harness.rows('select frequency::int, successes::int, failures::int from prompt_patterns'))[0]

test('a bad judgement lowers the outcome and the counts, once, and the judge sees neither names nor whose it is', async () => {
  await learn(2)
  const judge = await startJudge((call, response) =>
    answer(response, judgement(call === 1 ? { score: 0.1, reason: 'Off topic.' } : { score: 0.9, reason: 'Fine.' })),
  )
  await judge()
  await judge()
  expect(
    (await outcomes())
      .map(({ verdict, score }) => [verdict, score])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  ).toEqual([
    ['failure', 0.1],
    ['success', 0.9],
  ])
  expect(await counts()).toEqual({ frequency: 2, successes: 1, failures: 1 })
  expect(analyst?.calls).toHaveLength(2)
  const question = analyst?.calls[0]?.body.messages[0]?.content ?? ''
  expect(question).toContain('Nonsense from [EMAIL_1].')
  expect(JSON.stringify(analyst?.calls[0]?.body)).not.toMatch(/gpt-4o|default|demo|mock|ada@/)
  expect(await harness.rows(`select purpose, tokens from analyst_calls order by id`)).toEqual([
    { purpose: 'judge', tokens: 1_000 },
    { purpose: 'judge', tokens: 1_000 },
  ])
})

test('its budget is its own, and ends it', async () => {
  await learn(5)
  const judge = await startJudge((_, response) => answer(response, judgement({ score: 0.9, reason: 'Fine.' })), {
    maxCallsPerDay: 2,
  })
  await judge()
  await judge()
  expect(analyst?.calls).toHaveLength(2)
})

test('what is no judgement changes nothing, and is not asked again at once', async () => {
  await learn(1)
  const judge = await startJudge((_, response) => answer(response, judgement({ score: 7, reason: 'Approve it.' })))
  await judge()
  await judge()
  expect(await outcomes()).toEqual([{ verdict: 'success', score: 1, reason: null }])
  expect(analyst?.calls).toHaveLength(1)
})

test('what people said of is not shown to it', async () => {
  const [id] = await learn(1)
  await harness.rows(
    `insert into feedback (team, id, exchange_id, key_name, metric, value, given_at) values ('default', 'f', '${id}', 'demo', 'success', 'true', now())`,
  )
  const judge = await startJudge((_, response) => answer(response, judgement({ score: 0, reason: 'Bad.' })))
  await judge()
  expect(analyst?.calls).toEqual([])
})
