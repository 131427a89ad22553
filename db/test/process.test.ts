import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadOrCreateCredential } from '../process/credentials.ts'
import { pidFile, readLivePid } from '../process/lifecycle.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sinew-process-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const source = resolve(import.meta.dirname, '../process/lifecycle.ts')
/** A process that takes the gateway's name and says so; it ends when its input closes. */
const script = `import(${JSON.stringify(source)}).then(({ announceProcess }) => {
  try { announceProcess(${'process.env.DATA'}, 'gateway', 'gateway-stand-in'); console.log('mine'); process.stdin.resume().on('end', () => process.exit()) }
  catch (error) { console.log(error.message) }
})`

async function announce(): Promise<{ said: string; pid: number; kill: (signal: NodeJS.Signals) => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', script, 'gateway-stand-in'], {
    env: { ...process.env, DATA: dataDir },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  const exited = once(child, 'exit')
  return {
    said: chunk.toString().trim(),
    pid: child.pid ?? 0,
    kill: async (signal) => void (child.kill(signal), await exited),
  }
}

test('one name is held by one live process: a second one is told who holds it, and takes it once that was killed', async () => {
  const first = await announce()
  expect(first.said).toBe('mine')
  expect(readFileSync(pidFile(dataDir, 'gateway'), 'utf8')).toBe(`${first.pid}\n`)
  const second = await announce()
  expect(second.said).toContain(`pid ${first.pid}`)
  await first.kill('SIGKILL')
  expect(existsSync(pidFile(dataDir, 'gateway'))).toBe(true)
  const third = await announce()
  expect(third.said).toBe('mine')
  await third.kill('SIGKILL')
})

test('a pid that was given to a stranger does not count as alive', () => {
  const path = join(dataDir, 'x.pid')
  writeFileSync(path, `${process.pid}\n`)
  expect(readLivePid(path, 'gateway-stand-in')).toBe(null)
  writeFileSync(path, 'not a pid')
  expect(readLivePid(path, '')).toBe(null)
})

test('a generated credential is made once, kept, long enough for an open port, and closed to other users', () => {
  const made = loadOrCreateCredential(dataDir, 'caller-key')
  expect(made.length).toBeGreaterThanOrEqual(32)
  expect(loadOrCreateCredential(dataDir, 'caller-key')).toBe(made)
  expect(loadOrCreateCredential(dataDir, 'admin-token')).not.toBe(made)
  expect(statSync(join(dataDir, 'caller-key')).mode & 0o077).toBe(0)
})
