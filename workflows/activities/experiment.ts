/**
 * The experiment workflow's one step: look at what has arrived, write down what it says, and move on where the rules
 * say so.
 */
import type { Database } from '../../db/database.ts'
import {
  endHoldback,
  findExperiment,
  lockExperiment,
  moveExperiment,
  readFleetPlace,
  writeHoldbackLook,
  writeLook,
  type ExperimentRow,
} from '../../db/repositories/experiments/experiments.ts'
import {
  countMixed,
  readExchangesPerUnit,
  readUnits,
  type UnitRow,
} from '../../db/repositories/experiments/exposures.ts'
import { findNextClosing } from '../../db/repositories/experiments/unit-outcomes.ts'
import type { ExperimentBaseline } from '../../db/words/experiment.ts'
import type { ExperimentLook } from '../contract.ts'
import { testControlShare } from '../domain/experiments/assignment.ts'
import { evaluate, type Evaluation } from '../domain/experiments/evaluate.ts'
import { toFleetLimit } from '../domain/experiments/fleet.ts'
import { readGuardrails } from '../domain/experiments/guardrails.ts'
import { countHeldBack, estimateHoldback, minimumHeldBack } from '../domain/experiments/holdback.ts'
import { readSampleRatio } from '../domain/experiments/sample-ratio.ts'
import { decideArrow, decideRollBack, type Arrow, type Standing } from '../domain/experiments/states.ts'
import { countUnits, type UnitOutcome } from '../domain/experiments/units.ts'
import { resolveUnits } from './unit-outcomes.ts'

export interface ExperimentDependencies {
  database: Database
  /** Milliseconds between two looks while data arrive. */
  evaluateEveryMs: number
  now: () => number
}

/** While nothing arrives, looks are so much rarer at most. */
const maxIdleFactor = 6
/** A hold-back with too few units to say anything goes on for so much longer at most. */
const maxHoldbackFactor = 3

const unknownBaseline: ExperimentBaseline = {
  exchanges: 0,
  unitsPerDay: null,
  exchangesPerUnit: null,
  latencyP95Ms: null,
  cachedLatencyP95Ms: null,
  latencyMeanMs: null,
  cachedLatencyMeanMs: null,
  costP95Usd: null,
  unitCostP99Usd: null,
}
const ended: ExperimentLook = { ended: true, waitMs: 0 }

export function createExperimentActivities(dependencies: ExperimentDependencies) {
  const { database, evaluateEveryMs, now } = dependencies
  return {
    /** Safe at any moment and any number of times: it derives everything from what PostgreSQL holds. */
    async lookAtExperiment(experimentId: string): Promise<ExperimentLook> {
      const row = await findExperiment(database, experimentId)
      if (row === null || row.startedAt === null || row.endedAt !== null) return ended
      const at = now()
      const news = await resolveUnits(database, row, at)
      // The probability of an arm changes with the version alone: every unit of it was drawn with the same.
      const controlShare = row.state === 'promoted' ? row.settings.holdback : testControlShare
      const units = (await readUnits(database, row.id, row.version)).map((unit) => toUnit(unit, controlShare))
      const look = row.state === 'promoted' ? lookAtHoldback : lookAtTest
      const moved = await look(database, row, units, at)
      if (moved === 'ended') return ended
      const closing = await findNextClosing(database, row.id, row.version, row.settings.windowMs)
      return {
        ended: false,
        waitMs:
          moved === 'moved' || news > 0
            ? evaluateEveryMs
            : toWait(evaluateEveryMs, closing === null ? null : closing - at),
      }
    },
  }
}

type Moved = 'same' | 'moved' | 'ended'

/** Not before data can have arrived, and not much later than the next window closes. */
function toWait(evaluateEveryMs: number, closingMs: number | null): number {
  const longest = evaluateEveryMs * maxIdleFactor
  return Math.round(Math.min(longest, Math.max(evaluateEveryMs, closingMs ?? longest)))
}

async function lookAtTest(database: Database, row: ExperimentRow, units: UnitOutcome[], at: number): Promise<Moved> {
  const mixed = await countMixed(database, row.id, row.version)
  const exchangesPerUnit = await readExchangesPerUnit(database, row.id, row.version)
  const evaluation = evaluate(units, mixed, row.settings, row.baseline ?? unknownBaseline)
  const { sequence } = evaluation
  return database.transaction().execute(async (transaction) => {
    // A person was faster, and what they decided stands.
    if ((await lockUnchanged(transaction, row)) === null) return 'moved'
    const { fleetLevel, fleetPeriodMs } = row.settings
    const started = { id: row.id, startedAt: new Date(toMs(row.startedAt)) }
    const place = await readFleetPlace(transaction, started, fleetPeriodMs)
    const fleet = { ...place, limit: toFleetLimit(place, fleetLevel) }
    const arrow = decideArrow(toStanding(row), evaluation, row.settings, fleet.limit, at)
    await writeLook(
      transaction,
      row,
      {
        evaluation,
        fleet,
        exchangesPerUnit,
        guardrails: evaluation.guardrails,
        logE: Number.isFinite(sequence.logE) ? sequence.logE : null,
        point: toPoint(evaluation),
      },
      new Date(at),
    )
    return move(transaction, row, arrow, evaluation.exposed, at)
  })
}

async function lookAtHoldback(
  database: Database,
  row: ExperimentRow,
  units: UnitOutcome[],
  at: number,
): Promise<Moved> {
  const { settings } = row
  const guardrails = readGuardrails(units, settings, row.baseline ?? unknownBaseline)
  const arrow = decideRollBack(toStanding(row), { guardrails }, settings)
  const lasted = at - toMs(row.promotedAt) - settings.windowMs
  const over =
    lasted >= settings.holdbackMs * maxHoldbackFactor ||
    (lasted >= settings.holdbackMs && countHeldBack(units) >= minimumHeldBack)
  return database.transaction().execute(async (transaction) => {
    if ((await lockUnchanged(transaction, row)) === null) return 'moved'
    await writeHoldbackLook(transaction, row, guardrails, new Date(at))
    if (arrow !== null) return move(transaction, row, arrow, { control: 0, treatment: 0 }, at)
    if (!over) return 'same'
    const ratio = readSampleRatio(units)
    const estimate = ratio.alarm ? null : estimateHoldback(units, settings, row.metric)
    const numbers = estimate ?? { ...countUnits(units), ...(ratio.alarm && { logFactor: ratio.logFactor }) }
    await endHoldback(transaction, row, { estimate, splitIsOff: ratio.alarm, numbers }, new Date(at))
    return 'ended'
  })
}

async function move(
  transaction: Database,
  row: ExperimentRow,
  arrow: Arrow | null,
  exposed: { control: number; treatment: number },
  at: number,
): Promise<Moved> {
  if (arrow === null) return 'same'
  await moveExperiment(transaction, row, { ...arrow, person: null, exposed }, new Date(at))
  return ['ramping', 'running', 'won'].includes(arrow.to) ? 'moved' : 'ended'
}

export type ExperimentActivities = ReturnType<typeof createExperimentActivities>

async function lockUnchanged(transaction: Database, seen: ExperimentRow): Promise<ExperimentRow | null> {
  const row = await lockExperiment(transaction, seen.id)
  return row !== null &&
    row.state === seen.state &&
    row.step === seen.step &&
    row.version === seen.version &&
    row.endedAt === null
    ? row
    : null
}

function toUnit({ arm, value, events, scored, costUsd, resolved }: UnitRow, controlShare: number): UnitOutcome {
  return { arm, controlShare, value: resolved ? (value ?? Number.NaN) : null, events, partial: !scored, costUsd }
}

function toStanding({ state, step, startedAt, stepStartedAt, stepFrom, baseline }: ExperimentRow): Standing {
  return {
    state,
    step,
    startedAt: toMs(startedAt),
    stepStartedAt: toMs(stepStartedAt),
    stepFrom,
    unitsPerDay: baseline?.unitsPerDay ?? null,
  }
}

function toMs(moment: Date | string | null): number {
  return moment === null ? 0 : new Date(moment).getTime()
}

function toPoint({ pairs, sequence: { difference, halfWidth }, control, treatment }: Evaluation) {
  return Number.isFinite(halfWidth)
    ? { pairs, difference, halfWidth, control: control.count, treatment: treatment.count }
    : null
}
