import type { Client } from '@temporalio/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { jobNames } from '../contract.ts'
import { reconcileSchedules, toScheduleId } from '../learner/schedules.ts'
import { randomName } from './journal-input.ts'
import { eventually, openHarness, quiet, type Harness } from './learner-harness.ts'

let harness: Harness
let client: Client
let queue: string
beforeEach(async () => {
  harness = await openHarness()
  client = await harness.temporalClient()
  queue = `queue-${randomName()}`
})
afterEach(async () => {
  for (const job of jobNames)
    for (const name of [queue, harness.temporal.taskQueue])
      await client.schedule
        .getHandle(toScheduleId(name, job))
        .delete()
        .catch(() => {})
  await harness.close()
})

const describeJob = (job: (typeof jobNames)[number]) => client.schedule.getHandle(toScheduleId(queue, job)).describe()

test('schedules are made, found as they are, mended and taken away, and a pause stays', async () => {
  await reconcileSchedules(client, queue, [...jobNames], quiet)
  await reconcileSchedules(client, queue, [...jobNames], quiet)
  const drift = await describeJob('drift')
  expect(drift.action).toMatchObject({ workflowType: 'job', taskQueue: queue, args: [{ job: 'drift' }] })
  const handle = client.schedule.getHandle(toScheduleId(queue, 'drift'))
  await handle.pause('for the holidays')
  await handle.update((before) => ({
    ...before,
    action: before.action as never,
    spec: { intervals: [{ every: '7 days' }] },
  }))
  await reconcileSchedules(
    client,
    queue,
    jobNames.filter((job) => job !== 'retention'),
    quiet,
  )
  expect(await describeJob('drift')).toMatchObject({
    spec: { intervals: [{ every: drift.spec.intervals?.[0]?.every }] },
    state: { paused: true, note: 'for the holidays' },
  })
  await expect(describeJob('retention')).rejects.toThrow(/not found/i)
})

test('a schedule of an earlier version goes', async () => {
  const scheduleId = `sinew/${queue}/no-longer-there`
  await client.schedule.create({
    scheduleId,
    spec: { intervals: [{ every: '1 day' }] },
    action: { type: 'startWorkflow', workflowType: 'job', taskQueue: queue, args: [] },
  })
  await eventually(async () => {
    await reconcileSchedules(client, queue, ['drift'], quiet)
    await expect(client.schedule.getHandle(scheduleId).describe()).rejects.toThrow(/not found/i)
  })
})

test('where the namespace forbids schedules one line says so, and the learner works on', async () => {
  const lines: string[] = []
  const forbidden = {
    withDeadline: () => Promise.reject(Object.assign(new Error('Request unauthorized.'), { code: 7 })),
  } as unknown as Client
  await reconcileSchedules(forbidden, queue, ['drift'], {
    info: () => {},
    warn: (_: unknown, text?: string) => void lines.push(text ?? ''),
  } as never)
  expect(lines).toEqual([expect.stringContaining('does not permit schedules')])
})

test('a learner makes them, and a run of one writes what it finds', async () => {
  const learner = await harness.startLearner()
  queue = harness.temporal.taskQueue
  await eventually(async () => void (await describeJob('stale-enhancements')))
  await expect(describeJob('retention')).rejects.toThrow(/not found/i)
  await harness.rows(`insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, template_version, first_seen, last_seen)
    values ('01a00000-0000-7000-8000-000000000001', 'default', 'h', 'opening', 't', '{}', 2, now(), now())`)
  await harness.rows(`insert into enhancements (id, pattern_id, pattern_version, enhancement_type, state, original_prompt, source)
    values ('01a00000-0000-7000-8000-000000000002', '01a00000-0000-7000-8000-000000000001', 1, 'template', 'proposed', '{}', 'analyst')`)
  await client.schedule.getHandle(toScheduleId(queue, 'stale-enhancements')).trigger()
  await eventually(async () =>
    expect(await harness.rows('select kind, enhancement_id from findings')).toEqual([
      { kind: 'stale_enhancement', enhancement_id: '01a00000-0000-7000-8000-000000000002' },
    ]),
  )
  await learner.stop()
})
