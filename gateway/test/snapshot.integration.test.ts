/**
 * What is approved is served from the next request on, and whoever approved hears of it; PostgreSQL may come late, or
 * go.
 */
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openNotifications, type Notifications } from '../../db/notifications.ts'
import { migrate } from '../../db/orm.ts'
import { createTestDatabase, type TestDatabase } from '../../docker/test/database.ts'
import { openSnapshotSource, type SnapshotSource } from '../state/snapshot-source.ts'
import { createSnapshots, type Snapshots } from '../state/snapshot.ts'
import { until } from './harness.ts'

const patternId = '01a1fc00-0000-7000-8000-00000000000a'
const enhancementId = '01a1fc00-0000-7000-8000-00000000000b'
let database: TestDatabase
let client: Client
let snapshots: Snapshots
let source: SnapshotSource | null = null
let other: Notifications | null = null
const applied: string[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
  snapshots = createSnapshots(null)
  applied.length = 0
})
afterEach(async () => {
  await source?.close()
  await other?.close()
  await client.end()
  await database.drop()
  source = other = null
})

const open = (): void => {
  source = openSnapshotSource(database.url, snapshots, { info: () => {}, warn: () => {} })
  other = openNotifications(
    database.url,
    ['sinew_snapshot_applied'],
    (_channel, payload) => payload && applied.push(payload),
  )
}
const insert = async (): Promise<void> => {
  await client.query(
    `insert into prompt_patterns (id, team, pattern_hash, pattern_type, title, pattern_data, first_seen, last_seen) values ($1, 'team-a', 'abc', 'user', 't', '{}', now(), now())`,
    [patternId],
  )
  await client.query(
    `insert into enhancements (id, pattern_id, pattern_version, enhancement_type, state, mode, original_prompt, enhanced_prompt, source) values ($1, $2, 1, 'prompt', 'proposed', null, '{"system":null,"template":"{{input}}"}', '{"system":"s","template":null}', 'analyst')`,
    [enhancementId, patternId],
  )
}
const decide = async (state: string, mode: string | null): Promise<void> => {
  await client.query('update enhancements set state = $1, mode = $2, version = version + 1 where id = $3', [
    state,
    mode,
    enhancementId,
  ])
  await client.query(`select pg_notify('sinew_snapshot', $1)`, [enhancementId])
}

test('an approval is served, and confirmed with the same words only once it is', async () => {
  await migrate(database.url)
  await insert()
  open()
  await until('both listen', () => source?.connected && other?.connected && snapshots.current.version !== '')
  expect(snapshots.current.served.size).toBe(0)
  await decide('approved', 'serve')
  await until('the confirmation', () => applied.includes(enhancementId))
  expect(snapshots.current.served.get('team-a')?.byPattern.get(patternId)?.[0]).toMatchObject({
    enhancementId,
    patternId,
    enhanced: { system: 's', template: null },
  })
  await decide('approved', 'experiment')
  await until('it is served no more', () => snapshots.current.served.size === 0)
  await until('that is confirmed too', () => applied.length === 2)
  await decide('approved', 'serve')
  await until('it is served again', () => snapshots.current.served.size === 1)
  await decide('withdrawn', 'serve')
  await until('what is taken back is served no more', () => snapshots.current.served.size === 0)
  await until('and that is confirmed', () => applied.length === 4)
})

test('an approval that nobody could be told of is found when PostgreSQL’s tables appear', async () => {
  open()
  await until('the connection', () => source?.connected)
  await migrate(database.url)
  await insert()
  await decide('approved', 'serve')
  await until('it is served', () => snapshots.current.served.get('team-a')?.byPattern.has(patternId))
})

test('when PostgreSQL goes, the last known stay, and it is listened to again once it is back', async () => {
  await migrate(database.url)
  await insert()
  open()
  await until('both listen', () => source?.connected && other?.connected)
  await decide('approved', 'serve')
  await until('it is served', () => snapshots.current.served.size === 1)
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  )
  await until('the loss', () => !source?.connected)
  expect(snapshots.current.served.size).toBe(1)
  await until('the return', () => source?.connected)
})
