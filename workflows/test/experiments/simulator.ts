/** Experiments with known truth, from a seed: many runs of the real statistics over drawn units. */
import type { UnitOutcome } from '../../domain/experiments/units.ts'

export interface Dice {
  /** Uniform in [0, 1). */
  next(): number
  normal(): number
}

/** xoshiro128**; the seed is spread by splitmix32. */
export function createDice(seed: number): Dice {
  let spread = seed >>> 0
  const draw = (): number => {
    spread = (spread + 0x9e3779b9) >>> 0
    let z = spread
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  let [a, b, c, d] = [draw(), draw(), draw(), draw()]
  const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))
  const bits = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotate(d, 11)
    return result
  }
  const next = (): number => (bits() * 0x200000 + (bits() >>> 11)) / 0x20000000000000
  return {
    next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  }
}

/** Upper end of the one-sided 99 % Wilson interval of a share. */
export function upper99(hits: number, runs: number): number {
  const z = 2.326348
  const share = hits / runs
  const centre = share + (z * z) / (2 * runs)
  return (centre + z * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs))) / (1 + (z * z) / runs)
}

export function median(values: number[]): number {
  return [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN
}

export const unitOf = (
  arm: UnitOutcome['arm'],
  value: number | null,
  rest: Partial<UnitOutcome> = {},
): UnitOutcome => ({ arm, controlShare: 0.5, value, events: null, costUsd: null, ...rest })
