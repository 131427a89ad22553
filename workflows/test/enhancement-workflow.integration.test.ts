import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decidedSignal, toEnhancementWorkflowId } from '../contract.ts'
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

async function useAnalyst(script: Script): Promise<{ claude: NonNullable<Harness['config']['claude']> }> {
  analyst = await startAnalyst(script)
  return { claude: { baseUrl: analyst.url, apiKey: 'k', model: 'm', maxCallsPerDay: 50, maxTokensPerDay: 1_000_000 } }
}

describe('an enhancement', () => {
  const weak = () => harness.write(20, () => ({ response: completion('') }))
  const stored = async () => (await harness.rows('select id, state, failure from enhancements'))[0]

  test('is proposed, waits through a restart of its worker, and ends with the decision', async () => {
    const config = await useAnalyst((_, response) => answer(response, proposal(goodProposal)))
    const first = await harness.startLearner({ config })
    await weak()
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
    await first.stop()
    const id = (await stored())?.id as string
    const second = await harness.startLearner({ config })
    const client = await harness.temporalClient()
    const handle = client.workflow.getHandle(toEnhancementWorkflowId(id))
    expect((await handle.describe()).status.name).toBe('RUNNING')
    await harness.rows(`update enhancements set state = 'approved', version = 2`)
    await harness.putCommand('signal', toEnhancementWorkflowId(id), decidedSignal, { state: 'approved', version: 2, person: 'reviewer' })
    expect(await handle.result()).toEqual({ state: 'approved' })
    expect(analyst?.calls).toHaveLength(1)
    await second.stop()
  })

  test('that was decided while its workflow was away ends all the same', async () => {
    const config = await useAnalyst((_, response) => answer(response, proposal(goodProposal)))
    const learner = await harness.startLearner({ config })
    await weak()
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
    const id = (await stored())?.id as string
    const client = await harness.temporalClient()
    const handle = client.workflow.getHandle(toEnhancementWorkflowId(id))
    await handle.terminate()
    await harness.rows(`update enhancements set state = 'rejected', version = 2`)
    await harness.putCommand('signal', toEnhancementWorkflowId(id), decidedSignal, { state: 'rejected', version: 2, person: 'reviewer' })
    await eventually(async () => expect(await harness.rows('select last_error from workflow_commands where done_at is not null')).toMatchObject([{ last_error: expect.stringContaining('not there any more') }]))
    await learner.stop()
  })

  test('of an analyst that talks nonsense fails in words after three attempts', async () => {
    const config = await useAnalyst((_, response) => answer(response, 'complete nonsense'))
    const learner = await harness.startLearner({ config })
    await weak()
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'failed', failure: expect.stringContaining('no usable proposal in 3 attempts') }))
    expect(analyst?.calls).toHaveLength(3)
    await learner.stop()
  })

  test('takes the first usable answer after an outage and nonsense', async () => {
    const config = await useAnalyst((call, response) => (call === 1 ? answer(response, {}, 529) : answer(response, call === 2 ? 'nonsense' : proposal(goodProposal))))
    const learner = await harness.startLearner({ config })
    await weak()
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
    expect(analyst?.calls).toHaveLength(3)
    await learner.stop()
  })
})

