import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changedSignal, decidedSignal, toEnhancementWorkflowId } from '../contract.ts'
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
    await harness.putCommand('signal', toEnhancementWorkflowId(id), decidedSignal, {
      state: 'approved',
      version: 2,
      person: 'reviewer',
    })
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
    await harness.putCommand('signal', toEnhancementWorkflowId(id), decidedSignal, {
      state: 'rejected',
      version: 2,
      person: 'reviewer',
    })
    await eventually(async () =>
      expect(
        await harness.rows(`select last_error from workflow_commands where kind = 'signal' and done_at is not null`),
      ).toMatchObject([{ last_error: expect.stringContaining('does not exist any more') }]),
    )
    await learner.stop()
  })

  test('of an analyst that talks nonsense fails in words after three attempts', async () => {
    const config = await useAnalyst((_, response) => answer(response, 'complete nonsense'))
    const learner = await harness.startLearner({ config })
    await weak()
    await eventually(async () =>
      expect(await stored()).toMatchObject({
        state: 'failed',
        failure: expect.stringContaining('no usable proposal in 3 attempts'),
      }),
    )
    expect(analyst?.calls).toHaveLength(3)
    await learner.stop()
  })

  test('takes the first usable answer after an outage and nonsense', async () => {
    const config = await useAnalyst((call, response) =>
      call === 1 ? answer(response, {}, 529) : answer(response, call === 2 ? 'nonsense' : proposal(goodProposal)),
    )
    const learner = await harness.startLearner({ config })
    await weak()
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
    expect(analyst?.calls).toHaveLength(3)
    await learner.stop()
  })
})

describe('an enhancement that waits for a person', () => {
  const settings = (more: object) => ({
    learning: { ...harness.config.learning, enhance: { ...harness.config.learning.enhance, ...more } },
  })
  const stored = async () =>
    (
      await harness.rows(
        'select id, state, version, failure, reminded_at is not null as reminded, snoozed_until from enhancements',
      )
    )[0]
  const hours = (ms: number): number => ms / 3_600_000

  async function start(more: object) {
    const config = {
      ...(await useAnalyst((_, response) => answer(response, proposal(goodProposal)))),
      ...settings(more),
    }
    const learner = await harness.startLearner({ config })
    await harness.write(20, () => ({ response: completion('') }))
    await eventually(async () => expect(await stored()).toMatchObject({ id: expect.any(String) }))
    const id = (await stored())?.id as string
    const client = await harness.temporalClient()
    return { learner, id, handle: client.workflow.getHandle(toEnhancementWorkflowId(id)) }
  }

  test('is reminded of, and expires when nobody decides; its workflow ends with it', async () => {
    const { learner, handle } = await start({ remindAfterHours: hours(1_500), expireAfterHours: hours(5_000) })
    // On a slow machine it may be over by the time one looks; the reminder stays on it.
    await eventually(async () => expect(await stored()).toMatchObject({ reminded: true }))
    expect(await handle.result()).toEqual({ state: 'expired' })
    expect(await stored()).toMatchObject({ state: 'expired', version: 2, failure: 'nobody decided in time' })
    await learner.stop()
  })

  test('comes back from a snooze by its own timer, through a restart of its worker, and is decided then', async () => {
    const { learner, id, handle } = await start({})
    await eventually(async () => expect(await stored()).toMatchObject({ state: 'proposed' }))
    await harness.rows(
      `update enhancements set state = 'snoozed', version = 2, snoozed_until = now() + interval '4 seconds'`,
    )
    await harness.putCommand('signal', toEnhancementWorkflowId(id), changedSignal, { version: 2, person: 'reviewer' })
    await eventually(async () =>
      expect(await harness.rows('select id from workflow_commands where done_at is null')).toEqual([]),
    )
    await learner.stop()
    const second = await harness.startLearner()
    await eventually(async () =>
      expect(await stored()).toMatchObject({ state: 'proposed', version: 3, snoozed_until: null }),
    )
    await harness.rows(`update enhancements set state = 'rejected', version = 4`)
    await harness.putCommand('signal', toEnhancementWorkflowId(id), decidedSignal, {
      state: 'rejected',
      version: 4,
      person: 'reviewer',
    })
    expect(await handle.result()).toEqual({ state: 'rejected' })
    await second.stop()
  })

  test('that a person wrote waits just so, without asking the analyst', async () => {
    const { learner } = await start({})
    const [{ pattern_id: patternId }] = (await harness.rows('select pattern_id from enhancements')) as [
      { pattern_id: string },
    ]
    const id = v7()
    await harness.rows(`insert into enhancements (id, pattern_id, pattern_version, enhancement_type, state, original_prompt, enhanced_prompt, source, requested_by, proposed_at)
      values ('${id}', '${patternId}', 1, 'template', 'proposed', '{}', '{}', 'reviewer', 'reviewer', now())`)
    await harness.putCommand('start', toEnhancementWorkflowId(id), 'enhancement', { enhancementId: id })
    const handle = (await harness.temporalClient()).workflow.getHandle(toEnhancementWorkflowId(id))
    await eventually(async () => expect((await handle.describe()).status.name).toBe('RUNNING'))
    await harness.rows(`update enhancements set state = 'approved' where id = '${id}'`)
    await harness.putCommand('signal', toEnhancementWorkflowId(id), decidedSignal, {
      state: 'approved',
      version: 2,
      person: 'reviewer',
    })
    expect(await handle.result()).toEqual({ state: 'approved' })
    await eventually(async () =>
      expect(await harness.rows(`select id from enhancements where state = 'proposed'`)).toHaveLength(1),
    )
    expect(analyst?.calls).toHaveLength(1)
    await learner.stop()
  })
})
