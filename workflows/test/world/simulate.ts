/**
 * The world without servers: the same conversations, answers and proposals, put to the very statistics that decide
 * experiments, with a reviewer who tries every proposal and promotes every winner. Pure; a few seconds a world.
 */
import type {
  ExperimentBaseline,
  ExperimentSettings,
  ExperimentState,
  ExperimentsConfig,
} from '../../../db/words/experiment.ts'
import { decideArm, toUnit } from '../../domain/experiments/assignment.ts'
import { evaluate } from '../../domain/experiments/evaluate.ts'
import { toFleetLimit } from '../../domain/experiments/fleet.ts'
import { decideArrow, type Standing } from '../../domain/experiments/states.ts'
import type { UnitOutcome } from '../../domain/experiments/units.ts'
import { prices } from './settings.ts'
import { toChange } from './proposals.ts'
import { toAnswer, toSession, type WorldAnswer, type WorldSession } from './traffic.ts'
import type { World, WorldPattern } from './truth.ts'

export interface SimulatedExperiment {
  pattern: WorldPattern
  state: ExperimentState
  /** What moved it there. */
  cause: string
  pairs: number
  logE: number
}

export interface SimulationOptions {
  settings: ExperimentsConfig
  /** Conversations in all; what is not decided by then is not promoted. */
  sessions: number
  sessionsPerSecond: number
  /** Conversations between two looks. */
  lookEvery: number
}

interface Running extends SimulatedExperiment {
  salt: string
  standing: Standing
  units: { outcome: UnitOutcome; at: number }[]
  baseline: ExperimentBaseline
}

export function simulate(
  world: World,
  { settings, sessions, sessionsPerSecond, lookEvery }: SimulationOptions,
): SimulatedExperiment[] {
  const own: ExperimentSettings = { ...settings, direction: 'maximise' }
  const running = world.patterns
    .filter(({ kind }) => kind !== 'healthy')
    .map((pattern): Running => ({
      pattern,
      state: 'ramping',
      cause: '',
      pairs: 0,
      logE: Number.NEGATIVE_INFINITY,
      salt: `${world.seed}-${pattern.number}`,
      units: [],
      baseline: toBaseline(world, pattern),
      standing: { state: 'ramping', step: 0, startedAt: 0, stepStartedAt: 0, stepFrom: { control: 0, treatment: 0 } },
    }))
  const byPattern = new Map(running.map((experiment) => [experiment.pattern.number, experiment]))
  for (let number = 0; number < sessions && running.some(isOpen); number++) {
    const now = (number / sessionsPerSecond) * 1_000
    const session = toSession(world, number)
    const experiment = byPattern.get(session.pattern.number)
    if (experiment && isOpen(experiment)) expose(world, experiment, own, session, now)
    if (number % lookEvery === 0) for (const each of running) if (isOpen(each)) look(each, running, own, now)
  }
  return running
}

const isOpen = ({ state }: Running): boolean => state === 'ramping' || state === 'running'

function expose(
  world: World,
  experiment: Running,
  settings: ExperimentSettings,
  session: WorldSession,
  now: number,
): void {
  const unit = toUnit({
    team: 'world',
    sessionKey: toSessionKey(session),
    endUser: null,
    keyName: String(session.key),
    opening: '',
    patternId: String(experiment.pattern.number),
  })
  const arm = decideArm(
    { salt: experiment.salt, share: settings.ramp[experiment.standing.step] ?? 1, controlShare: 0.5 },
    unit,
  )
  if (arm === null) return
  const answers = session
    .texts()
    .map((text) =>
      toAnswer(world, toSessionKey(session), session.model, toPrompt(experiment.pattern, text, arm === 'treatment')),
    )
  experiment.units.push({ at: now, outcome: toOutcome(arm, answers, experiment.baseline, settings) })
}

export const toSessionKey = ({ number }: WorldSession): string => `conversation-${number}`

function toPrompt(pattern: WorldPattern, text: string, enhanced: boolean): string {
  return [enhanced ? toChange(pattern) : null, pattern.task.system, text].filter((part) => part !== null).join('\n')
}

/** As the learner resolves a unit: its events from the first exchange, its value from those that have a verdict. */
function toOutcome(
  arm: UnitOutcome['arm'],
  answers: WorldAnswer[],
  baseline: ExperimentBaseline,
  settings: ExperimentSettings,
): UnitOutcome {
  const [first] = answers as [WorldAnswer, ...WorldAnswer[]]
  const judged = answers.filter(({ kind }) => kind !== 'outage')
  const dear =
    baseline.costP95Usd === null
      ? {}
      : { dear: toFlag(toCost(first) > baseline.costP95Usd * (1 + settings.costIncrease)) }
  return {
    arm,
    controlShare: 0.5,
    value: judged.length === 0 ? 0 : judged.filter(({ kind }) => kind === 'good').length / judged.length,
    events: {
      error: toFlag(first.kind === 'outage'),
      refusal: toFlag(first.kind === 'refused'),
      invalid_output: toFlag(first.kind === 'cut' || first.kind === 'empty'),
      ...dear,
    },
    costUsd: answers.reduce((sum, answer) => sum + toCost(answer), 0),
  }
}

const toFlag = (yes: boolean): 0 | 1 => (yes ? 1 : 0)

function toCost({ inputTokens, outputTokens }: WorldAnswer): number {
  const price = Object.values(prices)[0] ?? { input: 0, output: 0 }
  return (inputTokens * price.input + outputTokens * price.output) / 1_000_000
}

function toBaseline(world: World, pattern: WorldPattern): ExperimentBaseline {
  const costs: number[] = []
  for (let number = 0; costs.length < 60; number++) {
    const session = toSession({ ...world, patterns: [pattern] }, 1_000_000 + number)
    costs.push(
      ...session
        .texts()
        .map((text) => toCost(toAnswer(world, toSessionKey(session), session.model, toPrompt(pattern, text, false)))),
    )
  }
  costs.sort((a, b) => a - b)
  const at = (share: number): number => costs[Math.min(costs.length - 1, Math.floor(share * costs.length))] as number
  return {
    exchanges: costs.length,
    unitsPerDay: null,
    exchangesPerUnit: null,
    latencyP95Ms: null,
    cachedLatencyP95Ms: null,
    latencyMeanMs: null,
    cachedLatencyMeanMs: null,
    costP95Usd: at(0.95),
    unitCostP99Usd: null,
  }
}

function look(experiment: Running, all: Running[], settings: ExperimentSettings, now: number): void {
  const units = experiment.units.map(({ outcome, at }): UnitOutcome =>
    at + settings.windowMs <= now ? outcome : { ...outcome, value: null, costUsd: null },
  )
  const evaluation = evaluate(units, 0, settings, experiment.baseline)
  experiment.logE = evaluation.sequence.logE
  experiment.pairs = evaluation.pairs
  const wins = all.filter(({ state }) => state === 'promoted').length
  const limit = toFleetLimit({ number: all.indexOf(experiment) + 1, wins }, settings.fleetLevel)
  const arrow = decideArrow(experiment.standing, evaluation, settings, limit, now)
  if (arrow === null) return
  // The reviewer promotes every winner at once.
  experiment.state = arrow.to === 'won' ? 'promoted' : arrow.to
  experiment.cause = arrow.cause
  experiment.standing = {
    ...experiment.standing,
    state: experiment.state,
    step: arrow.step,
    stepStartedAt: now,
    stepFrom: evaluation.exposed,
  }
}
