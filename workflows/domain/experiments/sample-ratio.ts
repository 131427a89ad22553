/**
 * Whether units arrive in the arms as they were assigned. A sequential Bayes factor, which may be looked at after every
 * unit: Lindon, Malek, arXiv 2011.03567, for two arms. Pure.
 */

import { countUnits, type UnitOutcome } from './units.ts'

export interface SampleRatio {
  logFactor: number
  alarm: boolean
}

/** Strength of the alternative: about the number of units after which a lasting shift shows. */
const strength = 200
export const sampleRatioLimit = Math.log(1_000)

/** By the split that the units were drawn with: in a test one half, in a hold-back its own share. */
export function readSampleRatio(units: readonly Pick<UnitOutcome, 'arm' | 'controlShare'>[]): SampleRatio {
  const first = units[0]
  if (first === undefined) return { logFactor: 0, alarm: false }
  const { control, treatment } = countUnits(units)
  const logFactor = toSampleRatioLogFactor(control, treatment, first.controlShare)
  return { logFactor, alarm: logFactor > sampleRatioLimit }
}

/**
 * `expected`: the share of control, in (0, 1). The logarithm of the Bayes factor of "the split is off" against "it is
 * as it should be".
 */
export function toSampleRatioLogFactor(control: number, treatment: number, expected = 0.5): number {
  const a = 2 * strength * expected
  const b = 2 * strength * (1 - expected)
  return (
    logBeta(control + a, treatment + b) -
    logBeta(a, b) -
    control * Math.log(expected) -
    treatment * Math.log(1 - expected)
  )
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** Stirling's series after shifting the argument to 10 and above: exact to about 1e-13 relative. */
export function logGamma(x: number): number {
  let shift = 0
  let z = x
  while (z < 10) {
    shift -= Math.log(z)
    z++
  }
  const inverse = 1 / z
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))))
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series
}
