import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { decidePauseMs, keepRunning, type Keeper } from '../supervisor/keeper.ts'
import { signalProcess, waitForExit, type Running } from '../process/running.ts'

const backoff = { firstMs: 1, maxMs: 8, healthyMs: 60_000 }

/** A program that lives until it is told to end, or ends at once. */
function launchStandIn(script: string): Promise<Running> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
  return new Promise((resolve) => {
    child.once('spawn', () => {
      const pid = child.pid as number
      const ready = new Promise<Record<string, never>>((done) => child.stdout.once('data', () => done({})))
      resolve({
        pid,
        ready,
        exited: waitForExit(child),
        end: () => signalProcess(pid, 'SIGTERM'),
        kill: () => signalProcess(pid, 'SIGKILL'),
      })
    })
  })
}

const living = `console.log('ready'); setInterval(() => {}, 1000)`
const deaf = `process.on('SIGTERM', () => {}); ${living}`

test('pauses double up to their limit', () => {
  expect([0, 1, 2, 3, 4, 60].map((failures) => decidePauseMs(failures, backoff))).toEqual([1, 2, 4, 8, 8, 8])
})

test('a program that is killed comes back with another pid, and says so', async () => {
  const pids: number[] = []
  const lines: string[] = []
  let keeper: Keeper | undefined
  await new Promise<void>((resolve) => {
    keeper = keepRunning({
      name: 'stand-in',
      backoff,
      report: (name, message) => lines.push(`${name}: ${message}`),
      launch: async () => {
        const running = await launchStandIn(living)
        pids.push(running.pid)
        return running
      },
      onReady: () => (pids.length === 1 ? signalProcess(pids[0] as number, 'SIGKILL') : resolve()),
    })
  })
  await keeper?.stop(5000)
  expect(new Set(pids).size).toBe(2)
  expect(lines).toEqual(['stand-in: ended by SIGKILL; starting it again'])
})

test('a launch that fails is tried again, with its reason', async () => {
  const lines: string[] = []
  let tries = 0
  await new Promise<void>((resolve) => {
    const keeper = keepRunning({
      name: 'stand-in',
      backoff,
      report: (_, message) => lines.push(message),
      launch: () => {
        if (++tries === 3) void keeper.stop(0).then(resolve)
        return Promise.reject(new Error('no such program'))
      },
    })
  })
  expect(lines[0]).toBe('no such program; starting it again')
})

test('a program that does not end when asked is ended by force after its grace', async () => {
  const lines: string[] = []
  let ready: () => void = () => undefined
  const started = new Promise<void>((resolve) => (ready = resolve))
  const keeper = keepRunning({
    name: 'deaf',
    backoff,
    report: (_, message) => lines.push(message),
    launch: () => launchStandIn(deaf),
    onReady: () => ready(),
  })
  await started
  await keeper.stop(20)
  expect(lines).toEqual(['did not end within 0 s, so it is ended by force'])
})

test('kill ends a program at once while stop still waits for it', async () => {
  let ready: () => void = () => undefined
  const started = new Promise<void>((resolve) => (ready = resolve))
  const keeper = keepRunning({
    name: 'deaf',
    backoff,
    report: () => undefined,
    launch: () => launchStandIn(deaf),
    onReady: () => ready(),
  })
  await started
  const stopped = keeper.stop(60_000)
  keeper.kill()
  await stopped
})
