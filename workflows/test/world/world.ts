/**
 * `npm run world`: forty applications of known truth through the whole product, from failing prompts to promoted ones,
 * with the times of experiments compressed. Prints its settings, draws the result, and fails when a goal is missed.
 * `npm run world -- optimise` runs the optimiser's own worlds instead, without servers.
 * Options: --seed <number>, --small (six applications), --rate <conversations a second>, --minutes <limit>.
 */
import { parseArgs } from 'node:util'
import { runOptimiseReport } from '../optimise/report.ts'
import { formatResult, formatSettings, isReached, toGoals } from './report.ts'
import { runWorld, type Progress, type WorldRun } from './run.ts'
import { smallSettings, wholeSettings } from './settings.ts'
import { createWorld, smallWorld, wholeWorld } from './truth.ts'

const minutesMost = 60

function readOptions(args: string[]): WorldRun {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      small: { type: 'boolean', default: false },
      rate: { type: 'string', default: '20' },
      minutes: { type: 'string', default: '55' },
    },
  })
  const number = (name: 'seed' | 'rate' | 'minutes', least: number, most: number): number => {
    const value = Number(values[name])
    if (!Number.isFinite(value) || value < least || value > most)
      throw new Error(`--${name} must be a number from ${least} to ${most}, not ${values[name]}`)
    return value
  }
  return {
    world: createWorld(Math.floor(number('seed', 0, 2 ** 31)), values.small ? smallWorld : wholeWorld),
    settings: values.small ? smallSettings : wholeSettings,
    sessionsPerSecond: number('rate', 1, 1_000),
    sessionsAfter: values.small ? 300 : 2_000,
    limitMs: number('minutes', 1, minutesMost) * 60_000,
    onProgress: tell,
  }
}

function tell({ elapsedMs, sessions, exchanges, backlog, proposals, states }: Progress): void {
  const experiments =
    Object.entries(states)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ') || 'none yet'
  console.error(
    `world: ${Math.round(elapsedMs / 1_000)} s, ${sessions} conversations, ${exchanges} exchanges, ${backlog} wait; ${proposals} proposals approved; experiments: ${experiments}`,
  )
}

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => interrupted.abort(new Error(`${signal}: the product is stopped`)))
async function runWhole(args: string[]): Promise<boolean> {
  const run = { ...readOptions(args), signal: interrupted.signal }
  console.log(`${formatSettings(run)}\n`)
  const result = await runWorld(run)
  const goals = toGoals(run)
  console.log(formatResult(result, goals))
  return isReached(result, goals)
}

try {
  const [what, ...rest] = process.argv.slice(2)
  const reached = what === 'optimise' ? runOptimiseReport(rest) : await runWhole(process.argv.slice(2))
  process.exitCode = reached ? 0 : 1
} catch (error) {
  console.error(`world: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
