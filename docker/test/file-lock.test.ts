import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { withFileLock } from '../launcher/file-lock.mjs'

const folder = mkdtempSync(join(tmpdir(), 'sinew-lock-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('only one holder works at a time, and all get their turn', async () => {
  const path = join(folder, 'turns')
  let inside = 0
  let most = 0
  const turn = () =>
    withFileLock(path, async () => {
      most = Math.max(most, ++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside -= 1
      return 'done'
    })
  expect(await Promise.all([turn(), turn(), turn()])).toEqual(['done', 'done', 'done'])
  expect(most).toBe(1)
  expect(existsSync(path)).toBe(false)
})

test('the lock of a process that was killed is taken over', async () => {
  const path = join(folder, 'killed')
  const script = `
    import { withFileLock } from ${JSON.stringify(join(import.meta.dirname, '../launcher/file-lock.mjs'))}
    await withFileLock(${JSON.stringify(path)}, () => new Promise(() => { process.send('held'); setInterval(() => {}, 1000) }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await new Promise((resolve) => child.once('message', resolve))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('exit', resolve))
  expect(readFileSync(path, 'utf8')).toContain(String(child.pid))
  expect(await withFileLock(path, () => 'mine')).toBe('mine')
})

test('a pid that was given to a stranger does not hold the lock', async () => {
  const path = join(folder, 'stranger')
  // This very process, as it would look if it had started at another time.
  writeFileSync(path, `${process.pid} 1\n`)
  expect(await withFileLock(path, () => 'mine')).toBe('mine')
})

test('whoever waits is told, and can give up', async () => {
  const path = join(folder, 'waiting')
  const giveUp = new AbortController()
  const waited = new Promise<[number, unknown]>((resolve) => {
    void withFileLock(path, async () => {
      await expect(
        withFileLock(path, () => 'never', {
          onWait: (...told) => {
            resolve(told)
            giveUp.abort()
          },
          signal: giveUp.signal,
        }),
      ).rejects.toThrow(/abort/i)
    })
  })
  expect(await waited).toEqual([1, process.pid])
})

test('a failing work frees the lock', async () => {
  const path = join(folder, 'failing')
  await expect(withFileLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(path)).toBe(false)
})
