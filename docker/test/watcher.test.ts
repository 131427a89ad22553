import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isLive } from '../process/running.ts'

/** A supervisor that starts a program with a child of its own, has it watched, and says all three pids. */
const supervisor = (target: string, afterwards: string): string => `
  import { spawn } from 'node:child_process'
  import { endWithSupervisor } from ${JSON.stringify(join(import.meta.dirname, '../process/watcher.ts'))}
  const program = spawn('/bin/sh', ['-c', 'sleep 1000 & echo $!; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  program.stdout.once('data', (child) => {
    const release = endWithSupervisor(${target})
    ${afterwards}
    process.send({ program: program.pid, child: Number(child) })
  })
  setInterval(() => {}, 1000)`

async function start(script: string) {
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const pids = await new Promise<{ program: number; child: number }>((resolve) =>
    process_.once('message', (message) => resolve(message as { program: number; child: number })),
  )
  return { process: process_, ...pids }
}

test('a program ends when its supervisor is killed', async () => {
  const { process: supervised, program, child } = await start(supervisor('program.pid', ''))
  expect(isLive(program, '/bin/sh')).toBe(true)
  supervised.kill('SIGKILL')
  await expect.poll(() => isLive(program, '/bin/sh'), { timeout: 30_000 }).toBe(false)
  process.kill(child, 'SIGKILL')
})

test('a program that is watched as a group ends with everything it started', async () => {
  const { process: supervised, program, child } = await start(supervisor('-program.pid', ''))
  supervised.kill('SIGKILL')
  await expect.poll(() => isLive(program, '/bin/sh') || isLive(child, 'sleep'), { timeout: 30_000 }).toBe(false)
})

test('a watcher that was let go leaves the program alone', async () => {
  const { process: supervised, program, child } = await start(supervisor('program.pid', 'release()'))
  const exited = new Promise((resolve) => supervised.once('exit', resolve))
  supervised.kill('SIGKILL')
  await exited
  expect(isLive(program, '/bin/sh')).toBe(true)
  process.kill(-program, 'SIGKILL')
  await expect.poll(() => isLive(program, '/bin/sh') || isLive(child, 'sleep')).toBe(false)
})
