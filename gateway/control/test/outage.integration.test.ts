/** The admin while PostgreSQL is gone or silent: it says so at once, and goes on by itself afterwards. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAdmin, waitFor, type Admin } from './admin.ts'
import { openSwitch, type Switch } from './switch.ts'

let wire: Switch
let admin: Admin
beforeAll(async () => {
  admin = await startAdmin({
    through: async (databaseUrl) => {
      const url = new URL(databaseUrl)
      wire = await openSwitch(url.hostname, Number(url.port))
      url.host = `127.0.0.1:${wire.port}`
      return url.href
    },
    config: {
      claude: {
        baseUrl: 'https://analyst.test',
        apiKey: 'secret-analyst-key',
        model: 'claude-test',
        maxCallsPerDay: 50,
        maxTokensPerDay: 1000,
      },
    },
  })
})
afterAll(async () => {
  wire.set('open')
  await admin.close()
  await wire.close()
})

const works = async (): Promise<boolean> => (await admin.query('exchanges.list')).status === 200

test('status tells each part, the analyst by its host and its caps, and never a secret', async () => {
  await admin.seed.client.query(
    `insert into process_states values ('learner', '{"worker":{"state":"polling"},"journal":{"bytes":512,"oldestAt":"2026-01-01T00:00:00Z"},"shipper":{"lagMs":12}}', now())`,
  )
  await admin.seed.client.query(
    `insert into analyst_calls (id, model, tokens, created_at) values (gen_random_uuid(), 'm', 300, now()), (gen_random_uuid(), 'm', 100, now() - interval '2 days')`,
  )
  await admin.seed.client.query(
    `insert into quarantine (id, stage, place, error) values (gen_random_uuid(), 'record', '1:0', 'broken')`,
  )
  const { data } = await admin.query('system.status')
  expect(data.dependencies).toMatchObject({
    postgres: { state: 'up' },
    temporal: { state: 'down' },
    redis: { state: 'off' },
    gateway: { state: 'unknown' },
    learner: { state: 'up', detail: 'worker polling' },
  })
  expect(data).toMatchObject({
    journal: { depthBytes: 512 },
    shipper: { lagMs: 12, waitingWorkflows: { waiting: 0 }, waitingCommands: { waiting: 0 } },
    quarantined: 1,
    analyst: {
      configured: true,
      host: 'analyst.test',
      callsToday: 1,
      maxCallsPerDay: 50,
      tokensToday: 300,
      maxTokensPerDay: 1000,
    },
    providers: [{ name: 'sim', simulation: true }],
  })
  expect(JSON.stringify(data)).not.toContain('secret-analyst-key')
})

test('what is recorded and not learned is counted and aged, whether its workflow was started or not', async () => {
  const { client } = admin.seed
  const of = async (secondsAgo: number, startedSecondsAgo: number | null): Promise<string> => {
    const id = await admin.seed.exchange()
    await client.query(
      `update requests set finished_at = now() - make_interval(secs => $2), learned_at = null,
         workflow_started_at = now() - make_interval(secs => $3) where id = $1`,
      [id, secondsAgo, startedSecondsAgo],
    )
    return id
  }
  const read = async () => (await admin.query('system.status')).data.learning
  await client.query(`update requests set learned_at = now(), workflow_started_at = now()`)
  expect(await read()).toEqual({
    waiting: 0,
    oldestSeconds: null,
    startedNotEnded: 0,
    oldestRunningSeconds: null,
    state: 'up',
  })
  const lost = await of(500, 480)
  await of(300, 250)
  await of(90, null)
  const { oldestSeconds, oldestRunningSeconds, ...rest } = await read()
  expect(rest).toEqual({ waiting: 1, startedNotEnded: 2, state: 'stuck' })
  expect(oldestSeconds).toBeGreaterThanOrEqual(500)
  expect(oldestRunningSeconds).toBeGreaterThanOrEqual(480)
  // What was set aside waits for nobody.
  await client.query(
    `insert into quarantine (id, stage, exchange_id, place, error) values (gen_random_uuid(), 'workflow', $1, 'x', 'broken')`,
    [lost],
  )
  const later = await read()
  expect(later).toMatchObject({ startedNotEnded: 1 })
  expect(later.oldestRunningSeconds).toBeLessThan(480)
})

test('a learner that fell silent is stale', async () => {
  await admin.seed.client.query(`update process_states set seen_at = now() - interval '20 seconds'`)
  expect((await admin.query('system.status')).data.dependencies.learner).toMatchObject({
    state: 'stale',
    detail: expect.stringContaining('20 s'),
  })
})

test.each(['closed', 'silent'] as const)(
  'PostgreSQL %s: every procedure that needs it says so, the status says what is down, and all works again after',
  async (mode) => {
    expect(await works()).toBe(true)
    wire.set(mode)
    // What was true a moment ago is trusted for a second.
    await waitFor(async () => !(await works()), 'the outage is noticed')
    const refused = Promise.all([
      admin.query('exchanges.list'),
      admin.query('patterns.list'),
      admin.mutate('reanalysis.start', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }),
    ])
    expect((await admin.query('system.status')).data).toMatchObject({
      dependencies: { postgres: { state: 'down' }, learner: { state: 'unknown' } },
      quarantined: null,
    })
    for (const { status, error } of await refused) {
      expect([status, error?.data.code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
      expect(error?.message).toContain('PostgreSQL')
    }
    expect((await admin.query('session.me')).status).toBe(200)
    wire.set('open')
    // What hung in the silence is cut; a network that comes back does the same.
    wire.cut()
    await waitFor(works, 'it works again', 20_000)
  },
)
