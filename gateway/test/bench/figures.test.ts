import { describe, expect, it } from 'vitest'
import { median, percentile, toRows, type Turn } from './figures.ts'

const turn = (requestsPerSecond: number, p50Ms: number, p99Ms: number, errors = 0): Turn => ({
  requestsPerSecond,
  streamsPerSecond: requestsPerSecond / 10,
  p50Ms,
  p99Ms,
  errors,
})

describe('percentile', () => {
  it('takes the nearest rank of unsorted values and leaves them as they are', () => {
    const values = [5, 1, 4, 2, 3]
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 0)]).toEqual([3, 5, 1])
    expect(values).toEqual([5, 1, 4, 2, 3])
  })

  it('of a hundred values, the 99th percentile is the second largest', () => {
    expect(
      percentile(
        Array.from({ length: 100 }, (_, index) => index + 1),
        0.99,
      ),
    ).toBe(99)
  })

  it('of nothing is not a number, never 0', () => {
    expect(percentile([], 0.5)).toBeNaN()
  })
})

it('median takes the middle, or the mean of the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7])
  expect(median([])).toBeNaN()
})

describe('toRows', () => {
  it('compares within a round, so a round on a slow machine does not shift the ratio', () => {
    const rounds = [
      { direct: turn(2000, 0.2, 0.4), nginx: turn(1000, 0.3, 0.6), Sinew: turn(400, 0.5, 1.4) },
      { direct: turn(200, 2, 4), nginx: turn(100, 3, 6), Sinew: turn(40, 5, 14) },
      { direct: turn(2000, 0.2, 0.4), nginx: turn(1000, 0.3, 0.6), Sinew: turn(400, 0.5, 1.4) },
    ]
    const row = toRows(rounds).find(({ name }) => name === 'Sinew')
    expect(row?.requestsOfNginx).toBeCloseTo(0.4)
    expect(row?.streamsOfNginx).toBeCloseTo(0.4)
    expect(row?.addedP50Ms).toBeCloseTo(0.3)
    expect(row?.addedP99Ms).toBeCloseTo(1)
    expect(row?.addedP50OfNginx).toBeCloseTo(3)
    expect(row?.addedP99OfNginx).toBeCloseTo(5)
  })

  it('adds up the errors of all rounds and keeps the order of the contenders', () => {
    const rows = toRows([
      { direct: turn(10, 1, 1), nginx: turn(10, 2, 2), Sinew: turn(5, 3, 3, 2) },
      { direct: turn(10, 1, 1), nginx: turn(10, 2, 2), Sinew: turn(5, 3, 3, 1) },
    ])
    expect(rows.map(({ name, errors }) => [name, errors])).toEqual([
      ['direct', 0],
      ['nginx', 0],
      ['Sinew', 3],
    ])
  })

  it('gives no ratio of added latency where nginx adds nothing that can be measured', () => {
    const [, , row] = toRows([{ direct: turn(10, 1, 1), nginx: turn(10, 1.001, 0.9), Sinew: turn(5, 2, 2) }])
    expect([row?.addedP50OfNginx, row?.addedP99OfNginx]).toEqual([Number.NaN, Number.NaN])
    expect(row?.addedP50Ms).toBeCloseTo(1)
  })
})
