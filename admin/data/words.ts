/** What codes, verdicts and numbers are called on the pages: one table, so that one thing has one name. */
import type { Exchange } from './client.ts'
import { formatAge, formatCount, formatMs, formatRate, formatUsd } from './format.ts'

export const outcomeWords: Record<string, string> = { success: 'worked', failure: 'failed', none: 'no verdict' }
export const statusWords: Record<string, string> = {
  ok: 'ok',
  error: 'error',
  cancelled: 'cancelled',
  truncated: 'truncated',
  unknown: 'open',
}
export const armWords: Record<string, string> = { control: 'control arm', treatment: 'treatment arm' }

/** Why exchanges fail, by the code of what decided it; a code without a word is shown as its message. */
export const reasonWords: Record<string, string> = {
  refusal: 'The model or its provider declined',
  empty: 'The answer is empty',
  length: 'The answer was cut at its length limit',
  unfinished: 'The answer stops in the middle',
  repetition: 'The answer says the same again and again',
  open_place: 'A place was left open that the answer should have filled',
  wrong_language: 'The answer is in the wrong language',
  tool_not_called: 'It did not call the tool that it had to call',
  invalid_json: 'The answer is not the JSON that was asked for',
  schema_violation: 'The answer does not match its schema',
  unknown_tool: 'It calls a tool that it was not given',
  invalid_arguments: 'The arguments of a tool call are not JSON',
  arguments_violation: 'The arguments of a tool call do not match their schema',
  asked_again: 'The question came again in other words',
  corrected: 'The user said next that it was wrong or did not work',
  judged: 'The judge found that it does not work',
  feedback: 'Feedback: it did not work',
}

/** What the user's next message said of an answer. */
export const nextTurnWords: Record<string, string> = {
  asked_again: 'The user asked the same again in other words',
  corrected: 'The user said next that it was wrong or did not work',
  thanked: 'The user said next that it helped',
  went_on: 'The user went on from it',
}

export const metricWords: Record<string, string> = {
  success: 'success rate',
  score: 'outcome score',
  cost: 'cost of a unit at list prices',
  latency: 'latency',
}

/** Numbers of an experiment's log, with the unit that each one has. */
const numberWords: Record<string, { label: string; format: (value: number) => string }> = {
  share: { label: 'share of the traffic', format: formatRate },
  pairs: { label: 'pairs', format: formatCount },
  control: { label: 'control', format: toShort },
  treatment: { label: 'treatment', format: toShort },
  difference: { label: 'difference', format: toShort },
  halfWidth: { label: 'give or take', format: toShort },
  logE: { label: 'evidence', format: toShort },
  limit: { label: 'evidence needed', format: toShort },
  logFactor: { label: 'evidence of a wrong split', format: toShort },
  ranMs: { label: 'ran for', format: formatAge },
  lastedMs: { label: 'lasted', format: formatAge },
  exchanges: { label: 'exchanges before the start', format: formatCount },
  latencyP95Ms: { label: 'slowest twentieth before', format: formatMs },
  costP95Usd: { label: 'dearest twentieth before', format: formatUsd },
  cachedLatencyP95Ms: { label: 'slowest twentieth of cached prompts before', format: formatMs },
  unitCostP99Usd: { label: 'dearest hundredth of units before', format: formatUsd },
  unitsPerDay: { label: 'units a day', format: (value) => formatCount(Math.round(value)) },
  exchangesPerUnit: { label: 'exchanges a unit', format: toShort },
  controlUnits: { label: 'of so many in control', format: formatCount },
  treatmentUnits: { label: 'of so many in treatment', format: formatCount },
  heldBack: { label: 'held back', format: formatCount },
  treated: { label: 'treated', format: formatCount },
  effect: { label: 'effect', format: toShort },
  low: { label: 'from', format: toShort },
  high: { label: 'to', format: toShort },
  gainedUnits: { label: 'more units did well', format: (value) => formatCount(Math.round(value)) },
  addedCostUsd: { label: 'added cost a unit', format: formatUsd },
  costPerGainUsd: { label: 'cost for each of them', format: formatUsd },
}

/** `pairs 510 · evidence 13.02 · evidence needed 2.996`; names that are in the sentence already are left out. */
export function describeNumbers(numbers: Record<string, unknown>): string {
  return Object.entries(numbers)
    .filter(([name, value]) => name !== 'guardrail' && value !== null && value !== undefined)
    .map(([name, value]) => {
      const word = numberWords[name]
      if (word === undefined || typeof value !== 'number') return `${name} ${String(value)}`
      return `${word.label} ${word.format(value)}`
    })
    .join(' · ')
}

function toShort(value: number): string {
  return String(Number(value.toPrecision(4)))
}

/** Why there is no cost, or the exact one: tokens may be unknown where the price is known. */
export function describeCost({
  costUsd,
  usage,
  model,
}: Pick<Exchange, 'costUsd' | 'usage' | 'model'> & { neverSent?: boolean }): string {
  if (costUsd !== null) return `${costUsd} USD`
  if (model === null) return 'nothing was sent, so nothing was paid'
  if (usage === null || usage.inputTokens === null || usage.outputTokens === null)
    return 'the provider did not tell the tokens, so the cost is unknown'
  return 'no price is known for this model'
}
