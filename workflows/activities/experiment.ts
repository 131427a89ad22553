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
  readFleet,
  writeHoldbackLook,
  writeLook,
  type ExperimentRow,
} from '../../db/repositories/experiments/experiments.ts'
import { countMixed, readUnits, type UnitRow } from '../../db/repositories/experiments/exposures.ts'
import { findNextClosing } from '../../db/repositories/experiments/unit-outcomes.ts'
import type { ExperimentBaseline } from '../../db/words/experiment.ts'
import { evaluate, readGuardrails, type Evaluation, type GuardrailReading } from '../domain/experiments/evaluate.ts'
import { findDiscoveries } from '../domain/experiments/fleet.ts'
import { estimateHoldback } from '../domain/experiments/holdback.ts'
import { decideArrow, type Arrow, type Standing } from '../domain/experiments/states.ts'
import type { UnitOutcome } from '../domain/experiments/units.ts'
import type { ExperimentLook } from '../contract.ts'
import { resolveUnits } from './unit-outcomes.ts'

export interface ExperimentDependencies {
  database: Database
  /** Milliseconds between two looks while data arrive. */
  evaluateEveryMs: number
  now: () => number
}

/** While nothing arrives, looks are so much rarer at most. */
const idleFactorMax = 6

const unknownBaseline: ExperimentBaseline = { exchanges: 0, latencyP95Ms: null, costP95Usd: null, costP99Usd: null }
const ended: ExperimentLook = { ended: true, waitMs: 0 }

// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createExperimentActivities({ database, evaluateEveryMs, now }: ExperimentDependencies) {
  return {
    /** Safe at any moment and any number of times: it derives everything from what PostgreSQL holds. */
    async lookAtExperiment(experimentId: string): Promise<ExperimentLook> {
      const row = await findExperiment(database, experimentId)
      if (row === null || row.startedAt === null || row.endedAt !== null) return ended
      const at = now()
      const news = await resolveUnits(database, row, at)
      const units = (await readUnits(database, row.id, row.version)).map(toUnit)
      const moved = row.state === 'promoted' ? await lookAtHoldback(row, units, at) : await lookAtTest(row, units, at)
      if (moved === 'ended') return ended
      const closing = await findNextClosing(database, row.id, row.version, row.settings.windowMs)
      return {
        ended: false,
        waitMs: moved === 'moved' || news > 0 ? evaluateEveryMs : toWait(closing === null ? null : closing - at),
      }
    },
  }

  /** Not before data can have arrived, and not much later than the next window closes. */
  function toWait(closingMs: number | null): number {
    const longest = evaluateEveryMs * idleFactorMax
    return Math.round(Math.min(longest, Math.max(evaluateEveryMs, closingMs ?? longest)))
  }

  async function lookAtTest(row: ExperimentRow, units: UnitOutcome[], at: number): Promise<'same' | 'moved' | 'ended'> {
    const evaluation = evaluate(
      units,
      await countMixed(database, row.id, row.version),
      row.settings,
      row.baseline ?? unknownBaseline,
    )
    const { sequence } = evaluation
    return database.transaction().execute(async (transaction) => {
      const locked = await lockUnchanged(transaction, row)
      // A person was faster, and what they decided stands.
      if (locked === null) return 'moved'
      const fleet = await readFleet(transaction, row.id, new Date(at - row.settings.fleetPeriodMs))
      const [discovered = false] = findDiscoveries(
        [sequence.logE, ...fleet.map((logE) => logE ?? Number.NEGATIVE_INFINITY)],
        row.settings.fleetLevel,
      )
      const arrow = decideArrow(toStanding(row), evaluation, row.settings, discovered, at)
      await writeLook(
        transaction,
        row,
        {
          evaluation,
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
    row: ExperimentRow,
    units: UnitOutcome[],
    at: number,
  ): Promise<'same' | 'moved' | 'ended'> {
    const { settings } = row
    const guardrails: GuardrailReading[] = readGuardrails(units, settings, row.baseline ?? unknownBaseline)
    // Of a promoted one only its guardrails decide; the rest of an evaluation is not made before the hold-back is over.
    const arrow = decideArrow(toStanding(row), { guardrails } as Evaluation, settings, false, at)
    const over = at - new Date(row.promotedAt as string).getTime() >= settings.holdbackMs + settings.windowMs
    return database.transaction().execute(async (transaction) => {
      if ((await lockUnchanged(transaction, row)) === null) return 'moved'
      await writeHoldbackLook(transaction, row, guardrails, new Date(at))
      if (arrow !== null) return move(transaction, row, arrow, { control: 0, treatment: 0 }, at)
      if (!over) return 'same'
      const estimate = estimateHoldback(units, settings)
      await endHoldback(transaction, row, estimate, estimate ?? {}, new Date(at))
      return 'ended'
    })
  }

  async function move(
    transaction: Database,
    row: ExperimentRow,
    arrow: Arrow | null,
    exposed: { control: number; treatment: number },
    at: number,
  ): Promise<'same' | 'moved' | 'ended'> {
    if (arrow === null) return 'same'
    await moveExperiment(transaction, row, { ...arrow, person: null, exposed }, new Date(at))
    return ['ramping', 'running', 'won'].includes(arrow.to) ? 'moved' : 'ended'
  }
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

function toUnit({ arm, value, events, scored, costUsd, resolved }: UnitRow): UnitOutcome {
  return { arm, value: resolved ? (value ?? Number.NaN) : null, events, partial: !scored, costUsd }
}

function toStanding({ state, step, startedAt, stepStartedAt, stepFrom }: ExperimentRow): Standing {
  return { state, step, startedAt: toMs(startedAt), stepStartedAt: toMs(stepStartedAt), stepFrom }
}

function toMs(moment: Date | string | null): number {
  return moment === null ? 0 : new Date(moment).getTime()
}

function toPoint({ pairs, sequence: { difference, halfWidth }, control, treatment }: Evaluation) {
  return Number.isFinite(halfWidth)
    ? { pairs, difference, halfWidth, control: control.count, treatment: treatment.count }
    : null
}
