import { v7 } from 'uuid'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AppliedRule } from '../../db/words/rule.ts'
import { learnGroup, type LearnDependencies } from '../activities/learn.ts'
import { openHarness, shipAll, type Harness } from './learner-harness.ts'

let harness: Harness
let dependencies: LearnDependencies
beforeEach(async () => {
  harness = await openHarness()
  dependencies = {
    database: harness.database,
    thresholds: { minExchanges: 20, maxSuccessRate: 0.7 },
    resolveAnalyst: async () => null,
  }
})
afterEach(() => harness.close())

test('how often a rule was used is counted from the records, once for each exchange', async () => {
  const [request, answer, failing] = [v7(), v7(), v7()]
  for (const [index, id] of [request, answer, failing].entries()) {
    await harness.rows(
      `insert into transformations (id, rule_name, rule_trigger, rule_logic, rule_order, active) values ('${id}', 'rule ${index}', '{"condition":""}', '{"edits":[]}', ${index}, true)`,
    )
  }
  const say = (id: string, result: AppliedRule['result']): AppliedRule => ({ id, version: 1, result })
  const ids = await harness.write(6, (index) => ({
    intent: {
      at: Date.UTC(2026, 0, 1, 0, 0, index),
      ...(index < 4 && {
        decision: {
          rules: [say(request as string, index === 3 ? 'unchanged' : 'applied'), say(failing as string, 'error')],
        },
      }),
    },
    outcome: index === 5 ? { change: { rules: [say(answer as string, 'applied')] } } : {},
  }))
  await shipAll(harness)
  await learnGroup(dependencies, ids)
  await learnGroup(dependencies, ids)
  expect(
    await harness.rows(
      'select usage_count::int as used, error_count::int as failed, extract(second from last_used)::int as last from transformations order by rule_order',
    ),
  ).toEqual([
    { used: 3, failed: 0, last: 2 },
    { used: 1, failed: 0, last: 5 },
    { used: 0, failed: 4, last: null },
  ])
})
