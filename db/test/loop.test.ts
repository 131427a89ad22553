import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startLoop, type Loop } from '../process/loop.ts'

const log = { info: () => {}, warn: () => {}, error: () => {} } as never
let loop: Loop
beforeEach(() => vi.useFakeTimers())
afterEach(async () => {
  const stopped = loop.stop()
  await vi.runAllTimersAsync()
  await stopped
  vi.useRealTimers()
})

/** How many steps a loop does in the next so many milliseconds, each finding what `found` says. */
function count(found: () => boolean) {
  let steps = 0
  loop = startLoop({
    name: 'test',
    log,
    idleMs: 30,
    maxIdleMs: 1_000,
    step: async () => {
      steps++
      return found()
    },
  })
  return async (ms: number): Promise<number> => {
    const before = steps
    await vi.advanceTimersByTimeAsync(ms)
    return steps - before
  }
}

test('a loop that finds nothing looks ever less often, at least once in its longest wait', async () => {
  const stepsWithin = count(() => false)
  await stepsWithin(5_000)
  expect(await stepsWithin(60_000)).toBe(60)
})

test('woken, it looks at once and often again', async () => {
  const stepsWithin = count(() => false)
  await stepsWithin(10_000)
  loop.wake()
  expect(await stepsWithin(0)).toBe(1)
  expect(await stepsWithin(100)).toBe(2)
})

test('having found something, it begins with the short wait again', async () => {
  let finds = 0
  const stepsWithin = count(() => finds-- > 0)
  await stepsWithin(10_000)
  finds = 1
  // One that finds it, and one right behind; then after 30, 60, 120, 240 and 480 ms.
  const steps = await stepsWithin(1_000)
  expect(steps).toBeGreaterThan(2)
})
