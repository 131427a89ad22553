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

const healthLimits = { everyMs: 1, failuresMax: 3, startFailuresMax: 5, graceMs: 20 }

test('a program that lives and does not work is ended, by force if need be, and started again', async () => {
  const pids: number[] = []
  const lines: string[] = []
  let keeper: Keeper | undefined
  let answers = 0
  await new Promise<void>((resolve) => {
    keeper = keepRunning({
      name: 'stuck',
      backoff,
      healthLimits,
      report: (_, message) => lines.push(message),
      launch: async () => {
        const running = await launchStandIn(deaf)
        await running.ready
        pids.push(running.pid)
        if (pids.length === 2) resolve()
        // It works at first, and never again.
        return { ...running, findTrouble: async () => (++answers === 1 ? null : 'interrupted (9)') }
      },
    })
  })
  keeper?.kill()
  expect(pids[0]).not.toBe(pids[1])
  expect(lines).toEqual([
    'does not work (interrupted (9)), 3 questions in a row; it is ended',
    'ended by SIGKILL; starting it again',
  ])
})

test('one that answers late or not every time is left alone, and so is one that is still starting', async () => {
  const lines: string[] = []
  // Four bad answers before the first good one, two in a row after it: each is one less than too many.
  const script = [false, false, false, false, true, false, false, true, false, false, true]
  let asked = 0
  let keeper: Keeper | undefined
  await new Promise<void>((resolve) => {
    keeper = keepRunning({
      name: 'slow',
      backoff,
      healthLimits,
      report: (_, message) => lines.push(message),
      launch: async () => ({
        ...(await launchStandIn(living)),
        findTrouble: async () => {
          if (asked === script.length) resolve()
          return script[asked++] === false ? 'no answer' : null
        },
      }),
    })
  })
  expect(lines).toEqual([])
  await keeper?.stop(5000)
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
