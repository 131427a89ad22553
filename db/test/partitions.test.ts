import { expect, test } from 'vitest'
import { v7 } from 'uuid'
import { toLowestUuid, toPartition } from '../partitions.ts'

const noon = Date.UTC(2026, 1, 28, 12)

test('a day has one partition, whose bounds hold every id made in it and no other', () => {
  const { name, from, to } = toPartition('requests', noon)
  expect(name).toBe('requests_20260228')
  const within = (msecs: number): boolean => {
    const id = v7({ msecs })
    return from <= id && id < to
  }
  expect(within(Date.UTC(2026, 1, 28))).toBe(true)
  expect(within(noon)).toBe(true)
  expect(within(Date.UTC(2026, 2, 1) - 1)).toBe(true)
  expect(within(Date.UTC(2026, 1, 28) - 1)).toBe(false)
  expect(within(Date.UTC(2026, 2, 1))).toBe(false)
})

test('neighbouring days meet without a gap, across the end of a month', () => {
  expect(toPartition('requests', noon).to).toBe(toPartition('requests', noon + 86_400_000).from)
  expect(toPartition('requests', noon + 86_400_000).name).toBe('requests_20260301')
})

test('the lowest id of a moment sorts before every id made in it', () => {
  for (let count = 0; count < 100; count++) expect(toLowestUuid(noon) < v7({ msecs: noon })).toBe(true)
})
