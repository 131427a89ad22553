import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { appendExchange, openTestJournal, type ExchangeInput } from './journal-input.ts'
import { eventually, openHarness, type Harness } from './learner-harness.ts'

let harness: Harness
const children: ChildProcess[] = []
beforeEach(async () => {
  harness = await openHarness()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await harness.close()
})

const learned = () =>
  harness.rows('select id from requests where learned_at is not null and workflow_started_at is not null order by id')
const frequency = async () =>
  (await harness.rows('select sum(frequency)::int as frequency from prompt_patterns'))[0]?.frequency

function launch(script: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  children.push(child)
  return child
}

async function startChild(): Promise<ChildProcess> {
  const { config, temporal, url } = harness
  const child = launch('./learner-child.ts', [JSON.stringify({ config, temporal, databaseUrl: url })])
  await once(child, 'message')
  return child
}

test('a learner says of itself when it last learned something, and whether Temporal answers', async () => {
  const reported = async () =>
    (await harness.rows(`select state from process_states where name = 'learner'`))[0]?.state ?? {}
  const child = await startChild()
  await eventually(async () => expect(await reported()).toMatchObject({ temporal: { state: 'up' } }))
  expect(await reported()).toMatchObject({ learning: { lastLearnedAt: null } })
  await harness.write(1)
  await eventually(async () => expect((await reported()).learning.lastLearnedAt).toMatch(/^\d{4}-\d\d-\d\dT/))
  child.kill('SIGTERM')
  await once(child, 'exit')
})

test('learners that are killed in the middle, again and again, lose nothing and count nothing twice', async () => {
  const writer = openTestJournal(harness.journal)
  const ids: string[] = []
  const writeSixty = (input?: ExchangeInput) =>
    Promise.all(Array.from({ length: 60 }, async () => ids.push(await appendExchange(writer, input))))
  for (let round = 0; round < 3; round++) {
    const child = await startChild()
    const writing = writeSixty()
    // Killed while some of this round's have gone each step of the way and some have not.
    await eventually(async () => expect((await learned()).length).toBeGreaterThan(round * 20))
    child.kill('SIGKILL')
    await Promise.all([writing, once(child, 'exit')])
  }
  const last = await startChild()
  await eventually(async () => expect((await learned()).map(({ id }) => id)).toEqual(ids.sort()), 45_000)
  expect(await frequency()).toBe(180)
  expect(await harness.rows('select id from responses')).toHaveLength(180)
  expect(await harness.rows('select id from quarantine')).toEqual([])
  await writer.close()
  last.kill('SIGTERM')
  expect(await once(last, 'exit')).toEqual([0, null])
})

describe('the learner process', () => {
  const run = async (env: Record<string, string>): Promise<{ code: number | null; errors: string }> => {
    const child = launch('../learner.ts', [], env)
    let errors = ''
    child.stderr?.on('data', (part: Buffer) => (errors += part.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, errors }
  }

  test('prints every problem of its configuration and starts nothing', async () => {
    const { code, errors } = await run({
      SINEW_DATA_DIR: harness.dataDir,
      DATABASE_URL: 'mysql://x',
      TEMPORAL_PORT: '99999999',
      TEMPORAL_ADDRESS: 'nowhere',
    })
    expect(code).toBe(1)
    for (const path of ['DATABASE_URL', 'TEMPORAL_PORT', 'TEMPORAL_ADDRESS']) expect(errors).toContain(`${path}: `)
  })

  test('without a database names the variable', async () => {
    expect(await run({ SINEW_DATA_DIR: harness.dataDir, TEMPORAL_ADDRESS: inject('temporalAddress') })).toEqual({
      code: 1,
      errors: expect.stringContaining('DATABASE_URL: is not set'),
    })
  })

  test("finds the supervisor's PostgreSQL by the data folder, and ships while Temporal is away", async () => {
    mkdirSync(join(harness.dataDir, 'run'), { recursive: true })
    writeFileSync(join(harness.dataDir, 'run', 'database-url'), `${harness.url}\n`)
    const writer = openTestJournal(harness.journal)
    const id = await appendExchange(writer)
    // Port 1 is nobody's.
    const child = launch('../learner.ts', [], { SINEW_DATA_DIR: harness.dataDir, TEMPORAL_ADDRESS: '127.0.0.1:1' })
    await eventually(async () =>
      expect(await harness.rows('select id from requests where finished_at is not null')).toEqual([{ id }]),
    )
    await eventually(async () =>
      expect((await harness.rows(`select state from process_states where name = 'learner'`))[0]?.state).toMatchObject({
        temporal: { state: 'down' },
        worker: { state: 'connecting' },
        outbox: { pendingStarts: 1 },
      }),
    )
    await writer.close()
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })
})
