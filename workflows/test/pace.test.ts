import { expect, test } from 'vitest'
import { createArrivals } from '../learner/arrivals.ts'
import { decidePace } from '../domain/system/pace.ts'

test('what can be learned from as it comes is started at once, all of it', () => {
  expect(decidePace(0, 2, 256)).toEqual({ starts: 256, pauseMs: 0 })
  expect(decidePace(100, 2, 256)).toEqual({ starts: 256, pauseMs: 0 })
})

test('while more comes than any machine learns from, a trickle goes on, on one core too', () => {
  for (const cores of [1, 2, 8, 64]) {
    const { starts, pauseMs } = decidePace(50 * cores + 1, cores, 256)
    expect(starts).toBeGreaterThanOrEqual(1)
    expect((starts * 1000) / pauseMs).toBeLessThanOrEqual(6 * cores)
  }
})

test('arrivals are those of the last seconds: a burst is forgotten once it is over', () => {
  let now = 10_000
  const arrivals = createArrivals(() => now)
  arrivals.add(1000)
  now += 1000
  arrivals.add(250)
  expect(arrivals.perSecond()).toBe(500)
  now += 1600
  expect(arrivals.perSecond()).toBe(100)
  now += 1000
  expect(arrivals.perSecond()).toBe(0)
})
