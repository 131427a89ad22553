/**
 * Evidence that two rates of a yes-or-no event differ, exact at any sample size. Turner, Ly, Grünwald: Generic
 * E-variables for exact sequential k-sample tests that allow for optional stopping (the safe 2×2 test). Pure.
 */

export interface EProcess {
  pairs: number
  controlEvents: number
  treatmentEvents: number
  logE: number
}

/** A small prior count of each outcome. */
const prior = 0.18

export function createEProcess(): EProcess {
  return { pairs: 0, controlEvents: 0, treatmentEvents: 0, logE: 0 }
}

/** One control and one treatment unit, in exposure order; the rates that predict the pair come from before it. */
export function addPair(process: EProcess, control: 0 | 1, treatment: 0 | 1): void {
  const weight = process.pairs + 2 * prior
  const p = (process.controlEvents + prior) / weight
  const q = (process.treatmentEvents + prior) / weight
  const m = (p + q) / 2
  const chance = (rate: number, event: 0 | 1): number => (event === 1 ? rate : 1 - rate)
  process.logE += Math.log((chance(p, control) * chance(q, treatment)) / (chance(m, control) * chance(m, treatment)))
  process.pairs++
  process.controlEvents += control
  process.treatmentEvents += treatment
}

/** Evidence enough, and against the treatment. `alpha`: chance of a false alarm, ever. */
export function isHarmful(process: EProcess, alpha: number): boolean {
  return process.treatmentEvents > process.controlEvents && process.logE > -Math.log(alpha)
}
