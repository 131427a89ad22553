/** Six applications of known truth, from failing prompts to promoted ones, through the whole product. */
import { expect, test } from 'vitest'
import { formatResult, toGain, toGoals } from './report.ts'
import { runWorld } from './run.ts'
import { smallSettings } from './settings.ts'
import { createWorld, smallWorld } from './truth.ts'

test('what helps is proposed, tested and promoted; what harms or only costs is not; and the prompts that were improved work more often', async () => {
  const world = createWorld(6, smallWorld)
  const result = await runWorld({
    world,
    settings: smallSettings,
    sessionsPerSecond: 40,
    sessionsAfter: 240,
    limitMs: 600_000,
  })
  const told = formatResult(result, toGoals({ world }))
  expect(result.promotedWrong, told).toBe(0)
  expect(result.promotedReal, told).toBe(smallWorld.improvable)
  expect(toGain(result), told).toBeGreaterThanOrEqual(0.3)
  // Nobody asks for better prompts where they work.
  expect(result.fates, told).toHaveLength(4)
}, 700_000)
