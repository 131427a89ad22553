import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isLive } from '../process/running.ts'
import { makeClone } from './clone.ts'
import { startSupervised } from './supervised.ts'

/** Says what it was started with, and ends as its arguments ask. */
const echo = `
console.log(JSON.stringify({ pid: process.pid, node: process.version, cwd: process.cwd(), args: process.argv.slice(2), cache: Boolean(process.env.NODE_COMPILE_CACHE) }))
if (process.argv[2] === 'exit') process.exit(Number(process.argv[3]))
process.on('SIGTERM', () => process.exit(5))
process.on('disconnect', () => process.exit(6))
console.log('waiting')
setInterval(() => {}, 1000)
`
const clone = makeClone('clone', { gateway: echo })
afterAll(() => clone.remove())
const launch = (...args: string[]) => startSupervised(clone, {}, ['docker/start.mjs', ...args])
const firstLine = (text: string) =>
  JSON.parse(text.split('\n')[0] ?? '') as { pid: number; node: string; cwd: string; args: string[]; cache: boolean }

test('a command runs on the pinned Node, in the clone, with its arguments and a compile cache, and its exit code is passed on', async () => {
  const { output, exited } = launch('gateway', 'exit', '7', 'with space')
  expect(await exited).toBe(7)
  const pinned = (
    JSON.parse(readFileSync(join(clone.root, 'package.json'), 'utf8')) as { dependencies: { node: string } }
  ).dependencies.node
  expect(firstLine(output())).toMatchObject({
    node: `v${pinned}`,
    cwd: clone.root,
    args: ['exit', '7', 'with space'],
    cache: true,
  })
})

test.each([
  ['an unknown command', ['fly'], /fly is not a command[^]*start[^]*test[^]*gateway[^]*bench/],
  ['no command', [], /which command\?[^]*npm start, npm test/],
  ['the name of an object’s own member', ['constructor'], /constructor is not a command/],
])('%s is told what there is', async (_, args, words) => {
  const { output, exited } = launch(...args)
  expect(await exited).toBe(1)
  expect(output()).toMatch(words)
})

test('a command whose part is not here says so', async () => {
  rmSync(join(clone.root, 'gateway/control.ts'))
  const { output, exited } = launch('control')
  expect(await exited).toBe(1)
  expect(output()).toContain('control is not here yet: gateway/control.ts is missing')
})

test('a signal reaches the command, whose exit code counts', async () => {
  const { pid, says, exited } = launch('gateway')
  await says(/waiting/)
  process.kill(pid, 'SIGTERM')
  expect(await exited).toBe(5)
})

test('a command that is ended by a signal counts as a shell counts it', async () => {
  const { says, exited, output } = launch('gateway')
  await says(/waiting/)
  process.kill(firstLine(output()).pid, 'SIGKILL')
  expect(await exited).toBe(128 + 9)
})

test('a launcher whose npm was killed stops its command', async () => {
  // npm's place is taken by a shell that starts the launcher and waits.
  const shell = spawn('/bin/sh', ['-c', `${JSON.stringify(process.execPath)} docker/start.mjs gateway & wait`], {
    cwd: clone.root,
    env: { PATH: process.env.PATH ?? '', npm_lifecycle_event: 'gateway' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  await new Promise<void>((resolve) =>
    shell.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()).includes('waiting') && resolve()),
  )
  shell.kill('SIGKILL')
  await expect.poll(() => isLive(firstLine(text).pid, 'gateway/server.ts'), { timeout: 30_000 }).toBe(false)
})
