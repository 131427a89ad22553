/** When a pattern is weak: few failures are enough where all fail, and a pattern that works is never called so. */
import { expect, test } from 'vitest'
import { isBelow } from '../domain/patterns/weakness.ts'
import { createRandom } from './patterns-world.ts'

/** How many failures in a row it takes. */
const needed = (bound: number): number => {
  let failures = 1
  while (!isBelow(0, failures, bound)) failures++
  return failures
}

test('where nothing works, five failures are enough for a bound of a half, and fewer for a higher one', () => {
  expect([needed(0.5), needed(0.7), needed(0.9)]).toEqual([5, 3, 2])
  expect(isBelow(0, 5, 1)).toBe(true)
})

test('a rate that looks low is not below before there is enough of it', () => {
  expect([isBelow(3, 3, 0.7), isBelow(13, 7, 0.7), isBelow(30, 30, 0.7)]).toEqual([false, false, true])
})

test('weighed counts, very many, and none at all are judged too', () => {
  expect(isBelow(0, 0, 0.7)).toBe(false)
  expect(isBelow(699_000.5, 301_000.5, 0.7)).toBe(false)
  expect(isBelow(690_000.5, 310_000.5, 0.7)).toBe(true)
  expect(isBelow(1.5, 7.5, 0.7)).toBe(true)
})

test('asked after each of 1,000 exchanges, a pattern at the bound is called weak in at most a tenth of 1,000 runs', () => {
  const random = createRandom(5)
  let called = 0
  for (let run = 0; run < 1_000; run++) {
    let [successes, weak] = [0, false]
    for (let count = 1; count <= 1_000 && !weak; count++) {
      if (random() < 0.7) successes++
      weak = isBelow(successes, count - successes, 0.7)
    }
    if (weak) called++
  }
  // 10 % and three standard errors.
  expect(called).toBeLessThanOrEqual(128)
})
