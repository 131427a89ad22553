/** From exchanges to what counts for a unit: its events at the first exchange, its metric over the window. Pure. */
import type { ExperimentBaseline, ExperimentSettings } from '../../../db/words/experiment.ts'
import type { Verdict } from '../../../db/words/outcome.ts'
import type { GuardrailName } from './units.ts'

export interface ExchangeOutcome {
  learned: boolean
  verdict: Verdict | null
  score: number | null
  reasons: readonly string[]
  status: string
  httpStatus: number | null
  refusal: boolean
  costUsd: number | null
  totalMs: number | null
}

/** Codes of outcomes that say: the answer is not of the form that was asked for. */
const invalidCodes = new Set([
  'empty',
  'length',
  'invalid_json',
  'schema_violation',
  'unknown_tool',
  'invalid_arguments',
  'arguments_violation',
])

/**
 * Guardrails look at the unit's first exchange, as soon as it has ended: an outage must not wait for the end of a
 * window, and a unit's event must not change once it was looked at. What cannot be known (yet) is left out: whether an
 * answer is of the form that was asked for is known when it is scored. `null` exchange = it never came: an error.
 */
export function toEvents(
  exchange: ExchangeOutcome | null,
  baseline: ExperimentBaseline | null,
  { costIncrease }: Pick<ExperimentSettings, 'costIncrease'>,
): Partial<Record<GuardrailName, 0 | 1>> {
  if (exchange === null) return { error: 1 }
  const bit = (yes: boolean): 0 | 1 => (yes ? 1 : 0)
  const failed = exchange.status === 'error' || exchange.status === 'truncated' || (exchange.httpStatus ?? 0) >= 400
  const events: Partial<Record<GuardrailName, 0 | 1>> = {
    error: bit(failed),
    refusal: bit(exchange.refusal),
  }
  if (exchange.learned) events.invalid_output = bit(exchange.reasons.some((code) => invalidCodes.has(code)))
  const slowest = baseline?.latencyP95Ms ?? null
  if (slowest !== null && exchange.totalMs !== null) events.slow = bit(exchange.totalMs > slowest)
  const dearest = baseline?.costP95Usd ?? null
  if (dearest !== null && exchange.costUsd !== null) events.dear = bit(exchange.costUsd > dearest * (1 + costIncrease))
  return events
}

/**
 * The primary metric: the mean over the unit's exchanges, for cost their sum. A unit without any verdict failed; one of
 * which nothing else is known has no value (`null`) and is left out. `feedback`: what was said of each exchange, where
 * something was.
 */
export function toUnitValue(
  metric: string,
  exchanges: readonly ExchangeOutcome[],
  feedback: readonly number[],
): number | null {
  switch (metric) {
    case 'success':
      return (
        mean(exchanges.flatMap(({ verdict }) => (verdict === 'success' ? [1] : verdict === 'failure' ? [0] : []))) ?? 0
      )
    case 'score':
      return mean(exchanges.flatMap(({ score }) => (score === null ? [] : [score]))) ?? 0
    case 'cost':
      return toUnitCost(exchanges)
    case 'latency':
      return mean(exchanges.flatMap(({ totalMs }) => (totalMs === null ? [] : [totalMs])))
    default:
      return mean(feedback)
  }
}

/** US dollars of all exchanges; `null` = no price is known for any. */
export function toUnitCost(exchanges: readonly ExchangeOutcome[]): number | null {
  const known = exchanges.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]))
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0)
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
