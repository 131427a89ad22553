/**
 * Evidence that a treatment makes an event more frequent, exact at any sample size and under any drift: given that the
 * event happened to a unit, its arm is a coin with a known probability. A betting e-process in the way of Turner,
 * Ly, Grünwald: Generic E-variables for exact sequential k-sample tests (the safe 2×2 test), one unit at a time. Pure.
 */
import type { Arm } from './assignment.ts'

export interface EProcess {
  units: Record<Arm, number>
  events: Record<Arm, number>
  logE: number
}

/** A small prior count of each outcome. */
const prior = 0.18

export function createEProcess(): EProcess {
  return { units: { control: 0, treatment: 0 }, events: { control: 0, treatment: 0 }, logE: 0 }
}

/**
 * One unit, in exposure order; the rates that predict it come from before it. `controlShare`: the probability of control
 * when it was drawn. It bets on harm alone: a treatment that was better for long keeps no evidence that could turn.
 */
export function addUnit(process: EProcess, arm: Arm, controlShare: number, event: 0 | 1): void {
  const control = toRate(process, 'control')
  const treatment = toRate(process, 'treatment')
  if (treatment > control) {
    const drawn = toChance(arm === 'control' ? control : treatment, event)
    const either = controlShare * toChance(control, event) + (1 - controlShare) * toChance(treatment, event)
    process.logE += Math.log(drawn / either)
  }
  process.units[arm]++
  process.events[arm] += event
}

function toRate({ units, events }: EProcess, arm: Arm): number {
  return (events[arm] + prior) / (units[arm] + 2 * prior)
}

function toChance(rate: number, event: 0 | 1): number {
  return event === 1 ? rate : 1 - rate
}

/** Evidence enough, and against the treatment. `alpha`: chance of a false alarm, ever. */
export function isHarmful({ units, events, logE }: EProcess, alpha: number): boolean {
  return events.treatment * units.control > events.control * units.treatment && logE > -Math.log(alpha)
}
