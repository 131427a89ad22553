/** Experiments through the code that runs them: the unit's hash, the exposure table, the resolving of outcomes, the evaluator, the state machine. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createExperimentActivities } from '../../activities/experiment.ts'
import { openHarness, type Harness } from '../learner-harness.ts'
import { openExperiments, type Experiments, type TestExchange, type TestExperiment } from './experiment-harness.ts'
import { hour } from './settings.ts'
import { createDice, upper99 } from './simulator.ts'

let harness: Harness
let experiments: Experiments
let now = Date.now()
beforeAll(async () => {
  harness = await openHarness()
  experiments = openExperiments(harness.orm, harness.database)
})
afterAll(() => harness.close())

const minute = 60_000
/** Everybody takes part at once, and a unit's outcome is taken after a minute. */
const quick = { ramp: [1], windowMs: minute, minimumRunMs: 1 }
const look = (experiment: TestExperiment) => createExperimentActivities({ database: harness.database, evaluateEveryMs: 1_000, now: () => now }).lookAtExperiment(experiment.id)
const events = (experiment: TestExperiment) =>
  harness.rows<{ to_state: string; person: string | null; cause: string; numbers: Record<string, unknown> }>(`select to_state, person, cause, numbers from experiment_events where experiment_id = '${experiment.id}' order by id`)
const sessions = (from: number, count: number, every = 10): TestExchange[] => Array.from({ length: count }, (_, index) => ({ session: `s-${from + index}`, at: now + (from + index) * every }))
const rest = (experiment: TestExperiment) => sql`update experiments set ended_at = now() where id = ${experiment.id}::uuid`.execute(harness.database)

test('ST2: 400 experiments with equal arms through hash, exposure table and evaluator: at most 5 % end with a verdict', async () => {
  const seed = 2
  const dice = createDice(seed)
  const [runs, looks, unitsALook] = [400, 8, 60]
  const start = now
  let found = 0
  async function run(number: number): Promise<void> {
    const experiment = await experiments.open({ ...quick, maximumPairs: 1_000_000 })
    let verdict = false
    for (let step = 0; step < looks; step++) {
      const exchanges = Array.from({ length: unitsALook }, (_, index) => ({ session: `run-${number}-${step * unitsALook + index}`, at: start + step * minute + index, verdict: dice.next() < 0.7 ? 'success' as const : 'failure' as const }))
      await experiments.record(experiment, exchanges)
      await createExperimentActivities({ database: harness.database, evaluateEveryMs: 1_000, now: () => start + (step + 2) * minute }).lookAtExperiment(experiment.id)
      const row = await experiments.row(experiment.id)
      verdict ||= row.evaluation.direction !== null || !['ramping', 'running'].includes(row.state)
    }
    const row = await experiments.row(experiment.id)
    if (!verdict) expect(row.evaluation.pairs).toBeGreaterThan(150)
    expect(row.evaluation.exposed.mixed).toBe(0)
    if (verdict) found++
    await rest(experiment)
  }
  for (let number = 0; number < runs; number += 8) await Promise.all(Array.from({ length: 8 }, (_, index) => run(number + index)))
  console.log(`ST2 seed=${seed}: ${found} of ${runs} (${((100 * found) / runs).toFixed(2)} %), upper 99 % bound ${(100 * upper99(found, runs)).toFixed(2)} %`)
  expect(found / runs).toBeLessThanOrEqual(0.05)
  expect(upper99(found, runs)).toBeLessThanOrEqual(0.085)
}, 240_000)
