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
  /** At list prices, without discounts for cached prompts; `null` = no price is known. */
  listCostUsd: number | null
  /** Whether the provider read a part of the prompt from its cache. */
  cached: boolean
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
  const failed = exchange.status === 'error' || exchange.status === 'truncated' || (exchange.httpStatus ?? 0) >= 400
  return {
    error: toBit(failed),
    refusal: toBit(exchange.refusal),
    left: toBit(exchange.status === 'cancelled'),
    ...(exchange.learned && { invalid_output: toBit(exchange.reasons.some((code) => invalidCodes.has(code))) }),
    ...(baseline !== null && toBoundedEvents(exchange, baseline, costIncrease)),
  }
}

/**
 * The prompt as it was is warm in the provider's cache and a changed one is cold at first. So an answer is slow against
 * what answers with (or without) a cached prompt took before, and dear at list prices.
 */
function toBoundedEvents(
  { totalMs, cached, listCostUsd }: ExchangeOutcome,
  { latencyP95Ms, cachedLatencyP95Ms, costP95Usd }: ExperimentBaseline,
  costIncrease: number,
): Partial<Record<GuardrailName, 0 | 1>> {
  const slowest = cached ? cachedLatencyP95Ms : latencyP95Ms
  return {
    ...(slowest !== null && totalMs !== null && { slow: toBit(totalMs > slowest) }),
    ...(costP95Usd !== null && listCostUsd !== null && { dear: toBit(listCostUsd > costP95Usd * (1 + costIncrease)) }),
  }
}

function toBit(yes: boolean): 0 | 1 {
  return yes ? 1 : 0
}

/**
 * The primary metric: the mean over the unit's exchanges, for cost their sum. A unit without any verdict failed; one of
 * which nothing else is known has no value (`null`) and is left out. `feedback`: what was said of each exchange, where
 * something was. Latency is as if the prompt had been read from the cache wherever both kinds were seen before.
 */
export function toUnitValue(
  metric: string,
  exchanges: readonly ExchangeOutcome[],
  feedback: readonly number[],
  baseline: ExperimentBaseline | null = null,
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
      return mean(
        exchanges.flatMap(({ totalMs, cached }) =>
          totalMs === null ? [] : [totalMs - (cached ? 0 : toColdMs(baseline))],
        ),
      )
    default:
      return mean(feedback)
  }
}

/** What reading a prompt without the cache adds; 0 where it is not known. */
function toColdMs(baseline: ExperimentBaseline | null): number {
  const { latencyMeanMs = null, cachedLatencyMeanMs = null } = baseline ?? {}
  return latencyMeanMs === null || cachedLatencyMeanMs === null ? 0 : latencyMeanMs - cachedLatencyMeanMs
}

/** US dollars of all exchanges; `null` = no price is known for any. */
export function toUnitCost(exchanges: readonly ExchangeOutcome[]): number | null {
  const known = exchanges.flatMap(({ listCostUsd }) => (listCostUsd === null ? [] : [listCostUsd]))
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0)
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
