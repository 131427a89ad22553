/**
 * Brings the units of an experiment up to what is known of their exchanges. Harmless at any moment and any number of
 * times.
 */
import type { Database } from '../../db/database.ts'
import type { ExperimentRow } from '../../db/repositories/experiments/experiments.ts'
import {
  findUnitsToWatch,
  findUnitsWithoutValue,
  readFeedbackValues,
  readUnitExchanges,
  writeEvents,
  writeValues,
  type OpenUnit,
  type UnitExchange,
} from '../../db/repositories/experiments/unit-outcomes.ts'
import { toEvents, toUnitCost, toUnitValue } from '../domain/experiments/outcomes.ts'

/** So long the learner may take for an exchange before its unit goes on without it. */
const graceMs = 900_000
const pageSize = 1_000

/** Answers how many units became known. */
export async function resolveUnits(database: Database, row: ExperimentRow, now: number): Promise<number> {
  return (await resolveEvents(database, row, now)) + (await resolveValues(database, row, now))
}

async function resolveEvents(
  database: Database,
  { id, version, baseline, settings }: ExperimentRow,
  now: number,
): Promise<number> {
  // One page of each kind a look: while the earliest units wait for their outcome, no later one counts either. What is
  // known when an answer ends is taken at once: under a load that puts learning off, an outage has to be seen all the
  // same.
  const units = await Promise.all(
    (['nothing', 'unscored'] as const).map((known) => findUnitsToWatch(database, id, version, known, pageSize)),
  )
  const exchanges = await readUnitExchanges(
    database,
    units.flat().flatMap((unit) => unit.exchanges),
  )
  const known = units.flatMap((page, kind) =>
    page.flatMap((unit) => {
      const exchange = exchanges.get(unit.exchanges[0] as string) ?? null
      const scored = exchange?.learned === true || unit.exposedAt < now - graceMs
      // Of those whose first events are known, only the score is news.
      return scored || (kind === 0 && exchange?.finished)
        ? [{ unit: unit.unit, events: toEvents(exchange, baseline, settings), scored }]
        : []
    }),
  )
  await writeEvents(database, id, version, known)
  return known.length
}

/** By time alone a unit is resolved, never by how it went: its window is over and all its exchanges are scored. */
async function resolveValues(
  database: Database,
  { id, version, metric, baseline, settings: { windowMs } }: ExperimentRow,
  now: number,
): Promise<number> {
  const units = await findUnitsWithoutValue(database, id, version, windowMs, now - windowMs, pageSize)
  const ids = units.flatMap((unit) => unit.exchanges)
  const exchanges = await readUnitExchanges(database, ids)
  const feedback = metric.startsWith('feedback:')
    ? await readFeedbackValues(database, ids, metric.slice('feedback:'.length))
    : new Map<string, number>()
  const known = units.flatMap((unit) => {
    const found = unit.exchanges.flatMap((exchange) => exchanges.get(exchange) ?? [])
    if (!isComplete(unit, found) && unit.exposedAt >= now - windowMs - graceMs) return []
    const answers = unit.exchanges.flatMap((exchange) => feedback.get(exchange) ?? [])
    return [{ unit: unit.unit, value: toUnitValue(metric, found, answers, baseline), costUsd: toUnitCost(found) }]
  })
  await writeValues(database, id, version, known, now)
  return known.length
}

function isComplete(unit: OpenUnit, found: UnitExchange[]): boolean {
  return found.length === unit.exchanges.length && found.every(({ learned }) => learned)
}
