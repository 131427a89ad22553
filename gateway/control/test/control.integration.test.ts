/** The control process as it is started: its configuration, its start without PostgreSQL, and its end. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../docker/test/database.ts'
import { call, waitFor } from './admin.ts'
import { openSwitch } from './switch.ts'

interface Control {
  child: ChildProcess
  url: string
  stderr(): string
  exit: Promise<number | null>
}

let database: TestDatabase
let folder: string
const running: ChildProcess[] = []
const root = resolve(import.meta.dirname, '../../..')
const token = 'admin-token-0123456789abcdef0123456789'
beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  if (folder) rmSync(folder, { recursive: true, force: true })
})
afterAll(() => database.drop())

function spawnControl(
  env: Record<string, string>,
  dataDir?: string,
): { child: ChildProcess; stdout: () => string; stderr: () => string; exit: Promise<number | null> } {
  folder = dataDir ?? mkdtempSync(join(tmpdir(), 'sinew-control-'))
  const child = spawn(process.execPath, ['gateway/control.ts'], {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      SINEW_DATA_DIR: folder,
      SINEW_ADMIN_TOKEN: token,
      ADMIN_PORT: '0',
      PORT: '0',
      DATABASE_URL: database.url,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)))
  return { child, stdout: () => stdout, stderr: () => stderr, exit: new Promise((done) => child.once('exit', done)) }
}

async function startControl(env: Record<string, string> = {}): Promise<Control> {
  const { child, stdout, stderr, exit } = spawnControl(env)
  const url = await waitFor(
    () => /"url":"(http[^"]+?)\/?"/.exec(stdout())?.[1],
    `control serves; it said ${stderr()}`,
    20_000,
  )
  return { child, url, stderr, exit }
}

const ask = (control: Control, procedure: string): ReturnType<typeof call> =>
  call(`${control.url}/trpc/${procedure}`, { headers: { authorization: `Bearer ${token}` } })

test('it prepares the database, serves, and ends with 0 although a stream is open', async () => {
  const control = await startControl()
  await waitFor(async () => (await ask(control, 'exchanges.list')).status === 200, 'the database is prepared', 20_000)
  expect(await (await fetch(`${control.url}/healthz`)).json()).toEqual({ ok: true })
  const stream = await fetch(`${control.url}/trpc/exchanges.live`, { headers: { authorization: `Bearer ${token}` } })
  const ended = stream.text()
  control.child.kill('SIGTERM')
  // Cut after its grace the process would end too, but with its stream broken off.
  expect(await control.exit).toBe(0)
  await ended
})

test('it serves at once while PostgreSQL is away, says what is missing, and works when it comes', async () => {
  const target = new URL(database.url)
  const wire = await openSwitch(target.hostname, Number(target.port))
  wire.set('closed')
  target.host = `127.0.0.1:${wire.port}`
  const control = await startControl({ DATABASE_URL: target.href })
  const { status, error } = await ask(control, 'patterns.list')
  expect([status, error?.data.code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
  expect((await ask(control, 'system.status')).data.dependencies.postgres.state).toBe('down')
  wire.set('open')
  await waitFor(async () => (await ask(control, 'patterns.list')).status === 200, 'it works', 20_000)
  control.child.kill('SIGTERM')
  expect(await control.exit).toBe(0)
  await wire.close()
})

test('every problem of the configuration is printed with its path, and nothing starts', async () => {
  const bad = mkdtempSync(join(tmpdir(), 'sinew-control-'))
  const path = join(bad, 'sinew.yaml')
  writeFileSync(path, 'colour: red\njournal: { recording: maybe }\n')
  const { stderr, stdout, exit } = spawnControl(
    { SINEW_CONFIG: path, ADMIN_PORT: '99999', TEMPORAL_ADDRESS: 'nowhere' },
    bad,
  )
  expect(await exit).toBe(1)
  for (const name of ['colour', 'journal.recording', 'ADMIN_PORT', 'TEMPORAL_ADDRESS'])
    expect(stderr()).toMatch(new RegExp(`^${name}: .+`, 'm'))
  expect(stdout()).toBe('')
})

test('without a database it says which variable to set', async () => {
  const { stderr, exit } = spawnControl({ DATABASE_URL: '' })
  expect(await exit).toBe(1)
  expect(stderr()).toMatch(/^DATABASE_URL: /)
})

test('a port that is taken is an error that names its variable', async () => {
  const control = await startControl()
  const first = folder
  const { stderr, exit } = spawnControl({ ADMIN_PORT: new URL(control.url).port })
  expect(await exit).toBe(1)
  expect(stderr()).toMatch(/^ADMIN_PORT: .* taken/)
  rmSync(first, { recursive: true, force: true })
})

test('a second one on the same data folder is refused', async () => {
  await startControl()
  const { stderr, exit } = spawnControl({}, folder)
  expect(await exit).toBe(1)
  expect(stderr()).toMatch(/^SINEW_DATA_DIR: .*already works/)
})
