/**
 * The one place that puts an experiment's result into words. Nothing is called better, worse or without effect outside
 * the rule that ended it: while it runs there are numbers with their interval, or counts where those would say nothing.
 * Pure.
 */
import type { ExperimentSettings, ExperimentState } from '../../../db/words/experiment.ts'
import type { Evaluation } from './evaluate.ts'
import { minimumHeldBack, type HoldbackEstimate } from './holdback.ts'
import { servingStates } from './states.ts'
import { toPlainCause } from './words.ts'

export interface VerdictView {
  sentence: string
  /** `good` and `bad` only for what has been decided. */
  tone: 'calm' | 'good' | 'bad' | 'warn'
  /** Whether the effect may be shown at all, in text or as a curve. */
  showEffect: boolean
  /** The difference with its interval, in words; `null` = it may not be shown. */
  interval: string | null
  /** What is to be known about the number above; `null` = nothing. */
  note: string | null
}

export interface VerdictFacts {
  state: ExperimentState
  metric: string
  /** `null` = nothing was looked at yet. */
  evaluation:
    | (Pick<Evaluation, 'exposed' | 'pairs' | 'sequence' | 'sampleRatio' | 'direction'> &
        Partial<Pick<Evaluation, 'selective'>>)
    | null
  settings: Pick<ExperimentSettings, 'minimumPairs' | 'minimumRunMs' | 'direction'>
  ranMs: number
  /** Why it ended, as the log of its decisions says; `null` = it did not, or nobody said. */
  cause: string | null
  /** Who ended it; `null` = it ended by itself. */
  person?: string | null
  holdback: { estimate: HoldbackEstimate | null; ended: boolean } | null
  /** Of the units that take part; `null` = not counted. */
  exchangesPerUnit?: number | null
}

const optimistic = 'The number at a stop is optimistic'

export function toVerdict(facts: VerdictFacts): VerdictView {
  const silent = toSilentVerdict(facts)
  if (silent !== null) return { showEffect: false, interval: null, note: null, ...silent }
  const evaluation = facts.evaluation as NonNullable<VerdictFacts['evaluation']>
  const interval = toInterval(evaluation.sequence, facts.metric)
  return { showEffect: true, interval, note: null, ...toShownVerdict(facts, evaluation, interval) }
}

type Said = Pick<VerdictView, 'sentence' | 'tone'> & { note?: string | null }

/** Where nothing may be said of the effect; `null` = it may. */
function toSilentVerdict(facts: VerdictFacts): Said | null {
  const { state, evaluation } = facts
  if (state === 'proposed') return { tone: 'calm', sentence: 'Not started.' }
  if (state === 'blocked_srm' || evaluation?.sampleRatio.alarm) {
    const { control = 0, treatment = 0 } = evaluation?.exposed ?? {}
    return {
      tone: 'warn',
      sentence: `Blocked: ${control} and ${treatment} units are not the split that was drawn, so nothing can be concluded from it.`,
    }
  }
  if (state === 'stopped') return { tone: 'calm', sentence: toSentence(`Stopped${toCause('stopped', facts)}`) }
  if (state === 'rolled_back')
    return { tone: 'bad', sentence: toSentence(`Rolled back${toCause('rolled back', facts)}`) }
  return toThinVerdict(facts)
}

/** Below the least number of pairs there are counts alone. */
function toThinVerdict({ state, evaluation, settings, exchangesPerUnit }: VerdictFacts): Said | null {
  if (
    evaluation !== null &&
    evaluation.pairs >= settings.minimumPairs &&
    Number.isFinite(evaluation.sequence.halfWidth)
  )
    return null
  const { control = 0, treatment = 0 } = evaluation?.exposed ?? {}
  const counts = `${control} units in control, ${treatment} in treatment, ${evaluation?.pairs ?? 0} pairs with an outcome`
  if (!servingStates.includes(state)) return { tone: 'calm', sentence: `Ended without a verdict: ${counts}.` }
  return {
    tone: 'calm',
    sentence: `Keep running: ${counts}; nothing is said of the effect below ${settings.minimumPairs} pairs.`,
    note: toUnitNote(exchangesPerUnit ?? null, control + treatment),
  }
}

/** Exchanges a unit from which on its few units are said to be the reason. */
const manyExchanges = 50

function toUnitNote(exchangesPerUnit: number | null, units: number): string | null {
  if (exchangesPerUnit === null || exchangesPerUnit < manyExchanges) return null
  return `Its ${units} units hold ${Math.round(exchangesPerUnit)} exchanges each, so pairs come slowly or never: callers that name their conversations (x-sinew-session) or people (user) make more of them.`
}

function toShownVerdict(
  facts: VerdictFacts,
  evaluation: NonNullable<VerdictFacts['evaluation']>,
  interval: string,
): Said {
  switch (facts.state) {
    case 'won':
      return {
        tone: 'good',
        note: `${optimistic}; the hold-back after promotion says what it is worth.`,
        sentence: `Better: ${interval}. A person may promote it.`,
      }
    case 'promoted':
      return { tone: 'good', note: toHoldbackNote(facts), sentence: `Promoted after it was better: ${interval}.` }
    case 'lost':
      return {
        tone: 'bad',
        note: `${optimistic}, here about the harm.`,
        sentence: `Worse, and stopped for it: ${interval}.`,
      }
    case 'no_effect':
      return { tone: 'calm', sentence: `No effect found: ${interval}.` }
    case 'expired':
      return { tone: 'calm', sentence: `Its time is over without a verdict: ${interval}.` }
    default:
      return { tone: 'calm', sentence: `Keep running: ${interval}.${toWait(facts, evaluation)}` }
  }
}

/** Why there is no verdict yet, where the interval alone would allow one. */
function toWait({ ranMs, settings }: VerdictFacts, { direction, selective }: NonNullable<VerdictFacts['evaluation']>) {
  if (direction === null) return ''
  if (selective) return ' No verdict: the arms differ in who has a value at all, so it compares other people.'
  if (ranMs < settings.minimumRunMs) return ' No verdict before its shortest run is over.'
  return ' No verdict before it also holds for all experiments together.'
}

function toHoldbackNote({ holdback, metric }: VerdictFacts): string {
  if (holdback === null || !holdback.ended) return `${optimistic}; what it is worth is known when the hold-back ends.`
  if (holdback.estimate === null)
    return `${optimistic}, and the hold-back saw fewer than ${minimumHeldBack} units, too few to correct it.`
  const { effect, low, high } = holdback.estimate
  return `${optimistic}; the hold-back says ${toAmount(effect, metric)} (95 % interval ${toAmount(low, metric)} … ${toAmount(high, metric)}).`
}

/** A person's reason may have its own end. */
function toSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

/** The act itself is in the sentence already: what is left of its cause is the reason that was given for it. */
function toCause(act: string, { cause, person }: VerdictFacts): string {
  const reason =
    cause === null || cause === act ? '' : cause.startsWith(`${act}: `) ? cause.slice(act.length + 2) : cause
  return `${person ? ` by ${person}` : ''}${reason === '' ? '' : `: ${toPlainCause(reason)}`}`
}

export function toInterval(
  { difference, halfWidth }: { difference: number; halfWidth: number },
  metric: string,
): string {
  return `${toAmount(difference, metric)}, 95 % always-valid interval ${toAmount(difference - halfWidth, metric)} … ${toAmount(difference + halfWidth, metric)}`
}

/** Rates in points of a hundred, everything else in its own unit; always with its sign. */
export function toAmount(value: number, metric: string): string {
  if (metric === 'cost') return `${toSigned(value, 6)} USD`
  if (metric === 'latency') return `${toSigned(value, 0)} ms`
  return metric === 'success' || metric === 'score' ? `${toSigned(value * 100, 1)} points` : toSigned(value, 3)
}

function toSigned(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits)
  return Number(text) === 0 ? text : `${value < 0 ? '−' : '+'}${text}`
}
