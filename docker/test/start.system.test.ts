/**
 * What a user does first: `npm start` in a clone that was never started, below a folder only its owner may enter, with
 * a space in its path.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyProduct, type Clone } from './clone.ts'
import { processesOf, startWithNpm, type Supervised } from './supervised.ts'

const names = ['supervisor', 'gateway', 'learner', 'control', 'postgres', 'temporal']
const readyLine = /^sinew ready gateway=(\S+) admin=(\S+) temporal=(\S+)$/m
/** What the contract grants a second start. */
const secondStartLimitMs = 15_000

let clone: Clone
let product: Supervised
beforeAll(async () => {
  clone = copyProduct('my clone')
  product = startWithNpm(clone)
  await product.says(readyLine)
})
afterAll(async () => {
  try {
    process.kill(-product.pid, 'SIGTERM')
  } catch {
    // It has ended.
  }
  await product.exited
  clone.remove()
})

/** Lets the shell take the printed command apart, and sends what it would send. */
async function sendPrintedCommand(): Promise<Response> {
  const [, command = ''] = /try it +(curl .*)$/m.exec(product.output()) ?? []
  const words = execFileSync('/bin/sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${command}`])
    .toString()
    .split('\0')
  const headers = words.flatMap((word, index) =>
    words[index - 1] === '-H' ? [word.split(': ') as [string, string]] : [],
  )
  return fetch(words[0] ?? '', { method: 'POST', headers, body: words[words.indexOf('-d') + 1] ?? '' })
}

const answers = () =>
  sendPrintedCommand().then(
    ({ status }) => status,
    () => 0,
  )
const nothingIsLeft = () => expect.poll(() => processesOf(clone), { timeout: 30_000 }).toEqual([])

test('serving is said before ready, and the printed command is answered', async () => {
  const output = product.output()
  expect(output.indexOf('sinew serving gateway=')).toBeGreaterThan(-1)
  expect(output.indexOf('sinew serving gateway=')).toBeLessThan(output.search(readyLine))
  const response = await sendPrintedCommand()
  expect(response.status).toBe(200)
  expect(response.headers.get('x-sinew-exchange')).toBeTruthy()
})

test('the admin and the Temporal Web UI answer at the printed addresses', async () => {
  const [, , admin = '', temporal = ''] = readyLine.exec(product.output()) ?? []
  const page = await fetch(`${admin}/sign-in`)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<script')
  expect((await fetch(temporal)).status).toBe(200)
  expect(product.output()).toMatch(new RegExp(`${admin}/sign-in#token=\\S{32,}`))
})

test('every pid file names a living process by its own command line', () => {
  const commands = {
    supervisor: 'docker/supervisor/supervisor.ts',
    gateway: 'gateway/server.ts',
    learner: 'workflows/learner.ts',
    control: 'gateway/control.ts',
    postgres: 'postgres',
    temporal: 'start-dev',
  }
  for (const [name, part] of Object.entries(commands))
    expect(readFileSync(`/proc/${product.pidOf(name)}/cmdline`, 'utf8')).toContain(part)
})

test.each(names.slice(1))('%s comes back after kill -9, and requests are answered', async (name) => {
  const pid = product.pidOf(name)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => ![0, pid].includes(product.pidOf(name)), { timeout: 30_000 }).toBe(true)
  await expect.poll(answers, { timeout: 30_000 }).toBe(200)
})

test('SIGTERM stops it all; a second start is ready in under 15 s; a killed supervisor leaves nothing behind', async () => {
  process.kill(product.pid, 'SIGTERM')
  expect(await product.exited).toBe(0)
  await nothingIsLeft()
  const startedAt = performance.now()
  product = startWithNpm(clone)
  await product.says(readyLine)
  expect(performance.now() - startedAt).toBeLessThan(secondStartLimitMs)
  expect(await answers()).toBe(200)
  process.kill(product.pidOf('supervisor'), 'SIGKILL')
  await product.exited
  await nothingIsLeft()
})
