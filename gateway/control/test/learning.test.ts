/** What the pages say of learning: that it keeps up, comes behind, or stands still. */
import { expect, test } from 'vitest'
import { toLearning } from '../learning.ts'

const lag = (oldestSeconds: number | null) => ({
  waiting: 3,
  oldestSeconds,
  startedNotEnded: 2,
  oldestRunningSeconds: oldestSeconds,
})
const working = { partsWork: true, sinceLearnedSeconds: 1 }

test.each([
  ['nothing waits', null, working, 'up'],
  ['what waits has just come', 5, working, 'up'],
  ['the oldest waits for minutes, and others are learned', 300, working, 'behind'],
  ['the oldest waits for minutes, and nothing is learned', 300, { partsWork: true, sinceLearnedSeconds: 200 }, 'stuck'],
  [
    'the oldest waits for minutes, and nothing was ever learned',
    300,
    { partsWork: true, sinceLearnedSeconds: null },
    'stuck',
  ],
  ['Temporal or the learner is away and something waits', 40, { partsWork: false, sinceLearnedSeconds: 45 }, 'stuck'],
  ['Temporal or the learner is away for a moment', 5, { partsWork: false, sinceLearnedSeconds: 4 }, 'up'],
  ['nothing is asked of parts that are away', null, { partsWork: false, sinceLearnedSeconds: null }, 'up'],
  ['a quiet night, and then one exchange', 10, { partsWork: true, sinceLearnedSeconds: 30_000 }, 'up'],
] as const)('%s', (_, oldestSeconds, signs, state) => {
  expect(toLearning(lag(oldestSeconds), signs)).toEqual({ ...lag(oldestSeconds), state })
})
