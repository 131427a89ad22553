/** A person switches the analyst on and off while the learner runs. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSettingRepository } from '../../db/repositories/analyst/settings.ts'
import type { AnalystSetting } from '../../db/words/analyst.ts'
import type { ProviderConfig } from '../../db/words/provider.ts'
import { analystSwitchedSignal, toEnhancementWorkflowId } from '../contract.ts'
import { answer, goodProposal, proposal, startAnalyst, type AnalystStandIn, type Script } from './analyst-stand-in.ts'
import { completion } from './journal-input.ts'
import { eventually, openHarness, type Harness } from './learner-harness.ts'

let harness: Harness
let analyst: AnalystStandIn | null = null
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(async () => {
  await analyst?.close()
  analyst = null
  await harness.close()
})

/** A learner whose configuration has a provider that could be the analyst, and names none. */
async function startLearner(script: Script): Promise<void> {
  analyst = await startAnalyst(script)
  const provider: ProviderConfig = {
    name: 'claude-api',
    kind: 'anthropic-compatible',
    dialect: 'anthropic',
    baseUrl: analyst.url,
    apiKey: 'provider-key',
    models: [],
    timeouts: { connectMs: 1_000, firstByteMs: 1_000, idleMs: 1_000 },
  }
  await harness.startLearner({ config: { providers: [provider] } })
}

const switchTo = (value: AnalystSetting | null): Promise<void> =>
  createSettingRepository(harness.orm).switchAnalyst(value, 'reviewer', (id) => ({
    kind: 'signal',
    workflowId: toEnhancementWorkflowId(id),
    name: analystSwitchedSignal,
    argument: {},
  }))
const on = { provider: 'claude-api', model: 'chosen-model' }
const fail = (count: number) => harness.write(count, () => ({ response: completion('') }))
const learned = async () => (await harness.rows('select id from requests where learned_at is not null')).length
/**
 * Of the pattern that its exchanges count for in the end: the prompts' opening, or the template that is found for them.
 */
const suggestions = async () =>
  (await harness.rows('select suggestions from prompt_patterns where merged_into is null order by frequency desc'))[0]
    ?.suggestions
const stored = async () => (await harness.rows('select id, state from enhancements'))[0]

test('off, nothing leaves; switched on, the next exchange of a pattern that had no analyst brings its proposal, without a restart', async () => {
  await startLearner((_, response) => answer(response, proposal(goodProposal)))
  await fail(25)
  await eventually(async () => expect(await learned()).toBe(25))
  await eventually(async () => expect(await suggestions()).toMatchObject([{ code: 'no_analyst' }]))
  expect([await stored(), analyst?.calls]).toEqual([undefined, []])
  await switchTo(on)
  await fail(1)
  await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
  await eventually(async () => expect(await suggestions()).toEqual([]))
  expect(analyst?.calls.map(({ body }) => body.model)).toEqual(['chosen-model'])
  expect(JSON.stringify(analyst?.calls[0]?.headers)).toContain('provider-key')
  await eventually(async () =>
    expect((await harness.rows(`select state -> 'analyst' as analyst from process_states`))[0]?.analyst).toMatchObject({
      model: 'chosen-model',
      maxCallsPerDay: 50,
      maxTokensPerDay: 200_000,
    }),
  )
})

test('switched off, a pattern that proves weak is not asked about', async () => {
  await startLearner((_, response) => answer(response, proposal(goodProposal)))
  await switchTo(on)
  await switchTo(null)
  await fail(25)
  await eventually(async () => expect(await learned()).toBe(25))
  await eventually(async () => expect(await suggestions()).toMatchObject([{ code: 'no_analyst' }]))
  expect([await stored(), analyst?.calls]).toEqual([undefined, []])
})

test('switched off while a proposal is drafted, the draft waits; switched on, it is asked for at once', async () => {
  await startLearner((call, response) =>
    call === 1 ? void switchTo(null).then(() => answer(response, {}, 529)) : answer(response, proposal(goodProposal)),
  )
  await switchTo(on)
  await fail(20)
  const client = await harness.temporalClient()
  await eventually(async () => {
    const { events } = await client.workflow
      .getHandle(toEnhancementWorkflowId(String((await stored())?.id)))
      .fetchHistory()
    expect(events?.some((event) => event.timerStartedEventAttributes)).toBe(true)
  })
  expect(await stored()).toMatchObject({ state: 'drafting' })
  expect(analyst?.calls).toHaveLength(1)
  await switchTo({ ...on, model: 'another-model' })
  await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
  expect(analyst?.calls.map(({ body }) => body.model)).toEqual(['chosen-model', 'another-model'])
})
