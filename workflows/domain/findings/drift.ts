/**
 * Whether a pattern's success has fallen. A recent window is compared with the time before it, by sessions, because the
 * requests of one session are not independent. The e-value of the confidence sequence is valid at every look; one looks
 * again with every window, so it is divided by the number of looks, and all patterns together are corrected by e-BH.
 * Pure.
 */
import {
  addValue,
  meanOf,
  toMeansEstimate,
  toRho2,
  toSequence,
  type Moments,
} from '../experiments/confidence-sequence.ts'
import { findDiscoveries } from './discoveries.ts'

export interface DriftWindows {
  patternId: string
  /** Mean success of each session, 0 to 1. */
  baseline: Moments
  recent: Moments
}

export interface Drift {
  patternId: string
  baselineRate: number
  recentRate: number
  baselineSessions: number
  recentSessions: number
  logE: number
}

export interface DriftSettings {
  /** Share of false findings among the findings. */
  level: number
  /** Independent looks that the level is to hold for: windows of about a month. */
  looks: number
  /** Falls that are smaller, relative to the baseline, are no news. */
  relativeFallMin: number
  baselineSessionsMin: number
  recentSessionsMin: number
}

export const driftDefaults: DriftSettings = {
  level: 0.05,
  looks: 30,
  relativeFallMin: 0.1,
  baselineSessionsMin: 50,
  recentSessionsMin: 30,
}

/** Planning value of the sequence: a day's sessions of a pattern that is worth watching, with the baseline's. */
const expectedSessions = 500
const alpha = 0.05

export function findDrifts(windows: readonly DriftWindows[], settings: DriftSettings = driftDefaults): Drift[] {
  const known = windows.filter(
    ({ baseline, recent }) =>
      baseline.count >= settings.baselineSessionsMin && recent.count >= settings.recentSessionsMin,
  )
  const measured = known.map((window) => ({ window, logE: measure(window) - Math.log(settings.looks) }))
  const discovered = findDiscoveries(
    measured.map(({ logE }) => logE),
    settings.level,
  )
  return measured.flatMap(({ window: { patternId, baseline, recent }, logE }, index): Drift[] => {
    const drift = {
      patternId,
      baselineRate: meanOf(baseline),
      recentRate: meanOf(recent),
      baselineSessions: baseline.count,
      recentSessions: recent.count,
      logE,
    }
    return discovered[index] && drift.recentRate <= drift.baselineRate * (1 - settings.relativeFallMin) ? [drift] : []
  })
}

/**
 * One success and one failure are added to either side: a pattern that always worked and now never does has no spread
 * otherwise.
 */
function measure({ baseline, recent }: DriftWindows): number {
  return toSequence(toMeansEstimate(withPrior(baseline), withPrior(recent)), alpha, toRho2(alpha, expectedSessions))
    .logE
}

function withPrior(moments: Moments): Moments {
  const copy = { ...moments }
  addValue(copy, 0)
  addValue(copy, 1)
  return copy
}

/** In words for people. */
export function toDriftMessage(
  { baselineRate, recentRate, recentSessions, baselineSessions }: Drift,
  recentHours: number,
): string {
  return `success fell from ${toPercent(baselineRate)} to ${toPercent(recentRate)} in the last ${recentHours} h (${recentSessions} sessions, ${baselineSessions} before)`
}

function toPercent(share: number): string {
  return `${Math.round(share * 100)} %`
}
