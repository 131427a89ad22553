/**
 * How units were compared before: the i-th of one arm with the i-th of the other, in the order of exposure. Kept here
 * alone, so that the table can show what pairs cost where the world moves.
 */
import {
  addValue,
  createMoments,
  toMeansEstimate,
  toRho2,
  toSequence,
} from '../../domain/experiments/confidence-sequence.ts'
import type { Arm } from '../../domain/experiments/assignment.ts'

const prior = 0.18

export interface ByOrder {
  add(arm: Arm, value: number): void
}

/** Calls `onPair` as soon as both arms have one more unit. */
function pairUp(onPair: (control: number, treatment: number) => void): ByOrder {
  const seen: Record<Arm, number[]> = { control: [], treatment: [] }
  let pairs = 0
  return {
    add(arm, value) {
      seen[arm].push(value)
      const [control, treatment] = [seen.control[pairs], seen.treatment[pairs]]
      if (control === undefined || treatment === undefined) return
      pairs++
      onPair(control, treatment)
    },
  }
}

export function effectByOrder(alpha: number, expectedUnits: number, minimumPairs: number) {
  const control = createMoments()
  const treatment = createMoments()
  const rho2 = toRho2(alpha, expectedUnits)
  let decided = false
  const pairs = pairUp((c, t) => {
    addValue(control, c)
    addValue(treatment, t)
    decided ||=
      control.count >= minimumPairs &&
      toSequence(toMeansEstimate(control, treatment), alpha, rho2).logE > -Math.log(alpha)
  })
  return { add: pairs.add, isDecided: () => decided }
}

export function harmByOrder(alpha: number) {
  let [count, controlEvents, treatmentEvents, logE] = [0, 0, 0, 0]
  let harmful = false
  const chance = (rate: number, event: number): number => (event === 1 ? rate : 1 - rate)
  const pairs = pairUp((c, t) => {
    const weight = count + 2 * prior
    const p = (controlEvents + prior) / weight
    const q = (treatmentEvents + prior) / weight
    const m = (p + q) / 2
    logE += Math.log((chance(p, c) * chance(q, t)) / (chance(m, c) * chance(m, t)))
    count++
    controlEvents += c
    treatmentEvents += t
    harmful ||= treatmentEvents > controlEvents && logE > -Math.log(alpha)
  })
  return { add: pairs.add, isHarmful: () => harmful }
}
