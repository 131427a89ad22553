/**
 * The world's result as text: what was set, what became of each proposal, and how often the improvable patterns worked
 * over time.
 */
import type { WorldResult } from './result.ts'
import type { WorldRun } from './run.ts'

export interface Goals {
  /** Of the real improvements. */
  promotedReal: number
  /** Relative. */
  gain: number
}

/** As the issue is put: nine of ten, none of the bad, and 30 % more outside the hold-back. */
export function toGoals(run: Pick<WorldRun, 'world'>): Goals {
  return {
    promotedReal: Math.ceil(0.9 * run.world.patterns.filter(({ kind }) => kind === 'improvable').length),
    gain: 0.3,
  }
}

export function toGain({ before, after }: Pick<WorldResult, 'before' | 'after'>): number {
  return toRate(after) / toRate(before) - 1
}

export function isReached(result: WorldResult, goals: Goals): boolean {
  return result.promotedReal >= goals.promotedReal && result.promotedWrong === 0 && toGain(result) >= goals.gain
}

export function formatSettings({ world, settings, sessionsPerSecond, sessionsAfter, limitMs }: WorldRun): string {
  const counts = [...Map.groupBy(world.patterns, ({ kind }) => kind)]
    .map(([kind, list]) => `${list.length} ${kind}`)
    .join(', ')
  const of = (ms: number): string => (ms >= 60_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1_000} s`)
  return [
    `seed ${world.seed}: ${world.patterns.length} patterns (${counts}), two models, ${sessionsPerSecond} conversations a second`,
    `ramp ${settings.ramp.map((share) => `${share * 100} %`).join(' → ')}, each step ≥ ${of(settings.stepMs)} and ≥ ${settings.stepUnits} units an arm; outcomes after ${of(settings.windowMs)}, a win after ${of(settings.minimumRunMs)} at least`,
    `α ${settings.alpha}, guardrails ${settings.guardrailAlpha}, fleet ${settings.fleetLevel}, planned units ${settings.expectedUnits}, at most ${settings.maximumPairs} pairs and ${of(settings.maximumRunMs)}; hold-back ${settings.holdback * 100} %`,
    `the gain is read from ${sessionsAfter} conversations after the last decision; at most ${of(limitMs)}`,
  ].join('\n')
}

export function formatResult(result: WorldResult, goals: Goals): string {
  const { before, after, heldBack } = result
  const real = result.fates.filter(({ pattern }) => pattern.kind === 'improvable').length
  const mark = (reached: boolean): string => (reached ? 'reached' : 'NOT REACHED')
  return [
    formatFates(result),
    '',
    'How often the improvable patterns worked, every 10 s (each # is 2 %):',
    ...formatTimeline(result),
    '',
    `real improvements promoted      ${result.promotedReal} of ${real}, wanted ${goals.promotedReal}: ${mark(result.promotedReal >= goals.promotedReal)}`,
    `harmful or costly ones promoted ${result.promotedWrong}, wanted 0: ${mark(result.promotedWrong === 0)}`,
    `success outside the hold-back   ${toPercent(before)} before, ${toPercent(after)} after: ${toSigned(toGain(result))} relative, wanted +${goals.gain * 100} %: ${mark(toGain(result) >= goals.gain)}`,
    `success in the hold-back        ${heldBack.all === 0 ? 'nobody was held back' : `${toPercent(heldBack)} of ${heldBack.all} requests`}`,
    `traffic                         ${result.sessions} conversations, ${result.exchanges} exchanges in ${Math.round(result.elapsedMs / 1_000)} s: ${result.workflowsPerSecond.toFixed(1)} workflows a second`,
    ...(result.refusals.length === 0 ? [] : [`the reviewers were refused: ${result.refusals.slice(-3).join(' | ')}`]),
  ].join('\n')
}

function formatFates({ fates }: WorldResult): string {
  const rows = fates.map(({ pattern, state, verdict, pairs }) => [
    pattern.kind,
    toName(pattern.task),
    `${Math.round(pattern.rate * 100)} %`,
    toSigned(pattern.lift),
    state,
    String(pairs),
    verdict.length > 90 ? `${verdict.slice(0, 89)}…` : verdict,
  ])
  const table = [['truth', 'application', 'works', 'change', 'became', 'pairs', 'in words'], ...rows]
  const widths = (table[0] as string[]).map((_, column) =>
    Math.max(...table.map((row) => (row[column] as string).length)),
  )
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function toName({ system, opening }: { system: string | null; opening: string }): string {
  const text = system ?? opening
  return text.length > 28 ? `${text.slice(0, 27)}…` : text
}

function formatTimeline({ timeline }: WorldResult): string[] {
  return timeline.map(
    ({ atMs, ...share }) =>
      `${String(Math.round(atMs / 1_000)).padStart(5)} s  ${'#'.repeat(Math.round(toRate(share) * 50)).padEnd(50, '·')} ${toPercent(share).padStart(5)}  (${share.all})`,
  )
}

function toRate({ good, all }: { good: number; all: number }): number {
  return all === 0 ? 0 : good / all
}

function toPercent(share: { good: number; all: number }): string {
  return `${(toRate(share) * 100).toFixed(0)} %`
}

function toSigned(share: number): string {
  return Number.isFinite(share) ? `${share >= 0 ? '+' : '−'}${Math.abs(share * 100).toFixed(0)} %` : 'unknown'
}
