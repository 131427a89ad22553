/** The embedded PostgreSQL is killed, copied, moved and half made; it always comes back with its data. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, expect, test } from 'vitest'
import { planPostgres } from '../local/postgres.ts'
import type { Running } from '../process/running.ts'

const places: string[] = []
const running: Running[] = []
afterAll(async () => {
  for (const program of running) program.kill()
  await Promise.all(running.map(({ exited }) => exited))
  for (const place of places) rmSync(place, { recursive: true, force: true })
})

function makeDataDir(name = 'data dir'): string {
  const parent = mkdtempSync(join(tmpdir(), 'sinew-postgres-'))
  places.push(parent)
  return join(parent, name)
}

async function start(dataDir: string): Promise<{ url: string; program: Running; lines: string[] }> {
  const lines: string[] = []
  const plan = await planPostgres({ dataDir, report: (_, message) => lines.push(message), fsync: false })
  const note = join(dataDir, 'postgres-home')
  if (existsSync(note)) places.push(readFileSync(note, 'utf8').trim())
  const program = await plan.launch()
  running.push(program)
  await Promise.race([
    program.ready,
    program.exited.then((reason) => Promise.reject(new Error(`${reason}: ${lines.join('; ')}`))),
  ])
  return { url: plan.url, program, lines }
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Where the data is: below the data folder, or in the folder it names. */
function homeOf(dataDir: string): string {
  const note = join(dataDir, 'postgres-home')
  return existsSync(note) ? readFileSync(note, 'utf8').trim() : dataDir
}

test('a first start makes the database, closed to others; a kill loses nothing, and the address stays', async () => {
  const dataDir = makeDataDir()
  const first = await start(dataDir)
  await query(first.url, 'create table kept as select 1 as n')
  expect(new URL(first.url).pathname).toBe('/sinew')
  expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600)
  process.kill(first.program.pid, 'SIGKILL')
  await first.program.exited
  const second = await start(dataDir)
  expect(second.url).toBe(first.url)
  expect(await query(second.url, 'select n from kept')).toEqual([{ n: 1 }])
  expect(second.lines).toEqual([])
  second.program.end()
  expect(await second.program.exited).toBe('exit code 0')
})

test('a server whose supervisor is gone is stopped, and another takes its place', async () => {
  const dataDir = makeDataDir()
  const orphan = await start(dataDir)
  await query(orphan.url, 'create table kept as select 1 as n')
  const next = await start(dataDir)
  expect(await orphan.program.exited).toBe('exit code 0')
  expect(await query(next.url, 'select n from kept')).toEqual([{ n: 1 }])
})

test('a first start that was cut off in the middle leaves nothing in the way', async () => {
  const dataDir = makeDataDir()
  await start(dataDir).then(({ program }) => {
    program.end()
    return program.exited
  })
  const home = homeOf(dataDir)
  // As a kill during the making leaves it: no database, and a part of one beside its place.
  renameSync(join(home, 'postgres'), join(home, 'postgres.making-0000'))
  const again = await start(dataDir)
  expect(existsSync(join(home, 'postgres.making-0000'))).toBe(false)
  expect(await query(again.url, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('a pid file that names a stranger does not keep the server from starting', async () => {
  const dataDir = makeDataDir()
  const first = await start(dataDir)
  first.program.end()
  await first.program.exited
  writeFileSync(join(homeOf(dataDir), 'postgres/postmaster.pid'), `${process.pid}\n`)
  const second = await start(dataDir)
  expect(await query(second.url, 'select 1 as n')).toEqual([{ n: 1 }])
})

// Only root needs a folder elsewhere: everybody else's server runs as themselves.
test.runIf(process.getuid?.() === 0)(
  'below a folder only root may enter, the data goes to a folder of its own, which a copy does not share and a move takes along',
  async () => {
    const dataDir = makeDataDir()
    const first = await start(dataDir)
    const home = homeOf(dataDir)
    expect(home).not.toBe(dataDir)
    await query(first.url, 'create table kept as select 1 as n')
    const copy = `${dataDir}-copy`
    cpSync(dataDir, copy, { recursive: true })
    const other = await start(copy)
    expect(homeOf(copy)).not.toBe(home)
    await expect(query(other.url, 'select n from kept')).rejects.toThrow('relation "kept" does not exist')
    for (const { program } of [first, other]) program.end()
    await Promise.all([first.program.exited, other.program.exited])
    const moved = `${dataDir}-moved`
    renameSync(dataDir, moved)
    const again = await start(moved)
    expect(homeOf(moved)).toBe(home)
    expect(await query(again.url, 'select n from kept')).toEqual([{ n: 1 }])
  },
)

test.runIf(process.getuid?.() === 0)(
  'in a folder that everybody may enter, the data stays inside, readable by nobody else',
  async () => {
    const parent = mkdtempSync('/var/tmp/sinew-postgres-')
    places.push(parent)
    chmodSync(parent, 0o755)
    const dataDir = join(parent, 'data')
    mkdirSync(dataDir)
    await start(dataDir)
    expect(existsSync(join(dataDir, 'postgres-home'))).toBe(false)
    expect(statSync(join(dataDir, 'postgres')).mode & 0o077).toBe(0)
  },
)
