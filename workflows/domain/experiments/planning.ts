/** What an experiment will take, said before its start. Pure. */
import type { ExperimentSettings } from '../../../db/words/experiment.ts'
import { toRho2 } from './confidence-sequence.ts'
import { toStepFor } from './states.ts'

/** What is planned with: the pattern's rate and traffic as they are, and the evidence that a win needs. */
export interface PlanFacts {
  rate: number
  /** `null` = too little was seen to say. */
  unitsPerDay: number | null
  exchangesPerUnit: number | null
  /** The logarithm of the e-value that a win needs. */
  limit: number
}

export interface PlannedEffect {
  effect: number
  /** Units an arm after which four of five such experiments are won; `null` = more than it may have. */
  unitsPerArm: number | null
  /** Days until then at today's traffic, ramp and outcome window included; `null` = it never gets there. */
  days: number | null
}

export interface Plan {
  unitsPerDay: number | null
  effects: PlannedEffect[]
  /** The share it starts with at this traffic. */
  firstShare: number
  /** The smallest effect that is found in four of five within its time; `null` = none, or the traffic is not known. */
  smallestEffect: number | null
  /** What a person may change where an effect would never be found. */
  advice: string[]
}

const dayMs = 86_400_000
/**
 * Standard errors that the estimate may lie on the wrong side of the effect. Less than the normal quantile of four of
 * five (0.84), because a win may come at any look before; simulated for rates of .35 to .9 and effects of .03 to .28.
 */
const fourOfFive = 0.55
const largestEffect = 0.95

export function planExperiment(facts: PlanFacts, settings: ExperimentSettings, effects: readonly number[]): Plan {
  const planned = effects.map((effect) => planEffect(facts, settings, effect))
  const first = facts.unitsPerDay === null ? 0 : toFirstStep(facts.unitsPerDay, settings)
  return {
    unitsPerDay: facts.unitsPerDay,
    effects: planned,
    firstShare: settings.ramp[first] as number,
    smallestEffect: findSmallestEffect(facts, settings),
    advice: planned.some(({ days }) => days === null) ? toAdvice(facts, settings, planned) : [],
  }
}

function planEffect(facts: PlanFacts, settings: ExperimentSettings, effect: number): PlannedEffect {
  const unitsPerArm = toUnitsNeeded(facts.rate, effect, settings, facts.limit)
  const days =
    unitsPerArm === null || facts.unitsPerDay === null ? null : toDays(unitsPerArm, facts.unitsPerDay, settings)
  return { effect, unitsPerArm, days: days !== null && days * dayMs <= settings.maximumRunMs ? days : null }
}

/**
 * Units an arm after which a difference of `effect` between two rates near `rate` has its evidence in four of five
 * experiments; `null` = more than it may have.
 */
export function toUnitsNeeded(
  rate: number,
  effect: number,
  { alpha, expectedUnits, maximumPairs }: Pick<ExperimentSettings, 'alpha' | 'expectedUnits' | 'maximumPairs'>,
  limit: number = -Math.log(alpha),
): number | null {
  const rho2 = toRho2(alpha, expectedUnits)
  const after = Math.min(1, Math.max(0, rate + effect))
  const spread = rate * (1 - rate) + after * (1 - after)
  for (let units = 50; units <= maximumPairs; units = Math.ceil(units * 1.02)) {
    const error = Math.sqrt(spread / units)
    const seen = Math.abs(after - rate) - fourOfFive * error
    const scaled = 2 * units * rho2
    const logE = (scaled * (seen / error) ** 2) / (2 * (scaled + 1)) - 0.5 * Math.log(scaled + 1)
    if (seen > 0 && logE >= Math.max(limit, -Math.log(alpha))) return units
  }
  return null
}

function toFirstStep(unitsPerDay: number, { ramp, stepMs, stepUnits }: ExperimentSettings): number {
  return toStepFor(ramp, unitsPerDay / dayMs, stepMs, stepUnits)
}

/** The ramp, the units at its last share, and the window of the last unit; never less than the shortest run. */
function toDays(unitsPerArm: number, unitsPerDay: number, settings: ExperimentSettings): number {
  const { ramp, stepMs, stepUnits, windowMs, minimumRunMs } = settings
  const pace = unitsPerDay / dayMs
  let ms = 0
  let units = 0
  for (let step = toFirstStep(unitsPerDay, settings); step < ramp.length - 1; step++) {
    const share = ramp[step] as number
    const lasts = Math.max(stepMs, (2 * stepUnits) / (share * pace))
    ms += lasts
    units += lasts * share * pace
  }
  ms += Math.max(0, 2 * unitsPerArm - units) / ((ramp.at(-1) as number) * pace)
  return Math.max(minimumRunMs, ms + windowMs) / dayMs
}

function findSmallestEffect(facts: PlanFacts, settings: ExperimentSettings): number | null {
  if (facts.unitsPerDay === null) return null
  for (let effect = 0.01; effect <= largestEffect && facts.rate + effect <= 1; effect += 0.01)
    if (planEffect(facts, settings, effect).days !== null) return effect
  return null
}

/** Beyond this many exchanges a unit, smaller units would be many more. */
const manyExchanges = 10

function toAdvice(facts: PlanFacts, settings: ExperimentSettings, planned: readonly PlannedEffect[]): string[] {
  const { unitsPerDay, exchangesPerUnit } = facts
  if (unitsPerDay === null) return ['Its traffic is not known yet: the pattern was seen too seldom in the last week.']
  const hardest = planned.find(({ days }) => days === null) as PlannedEffect
  const roomy = { ...settings, maximumRunMs: Number.POSITIVE_INFINITY, maximumPairs: 1_000_000 }
  const wide = { ...roomy, ramp: [...settings.ramp.filter((share) => share < 1), 1] }
  const atAll = planEffect(facts, wide, hardest.effect)
  const longer = planEffect(facts, roomy, hardest.effect)
  const said: string[] = []
  if (exchangesPerUnit !== null && exchangesPerUnit >= manyExchanges)
    said.push(
      `A unit holds ${Math.round(exchangesPerUnit)} exchanges: where they are conversations of their own, name each by x-sinew-session, and there are more units.`,
    )
  if ((settings.ramp.at(-1) as number) < 1 && atAll.days !== null)
    said.push(`With a ramp up to 100 % of the traffic it takes ${toWhole(atAll.days)} days.`)
  if (longer.days !== null) said.push(`It needs ${toWhole(longer.days)} days and as many units: raise its longest run.`)
  said.push(
    'A metric that says more of each unit needs fewer: feedback as a number, or a score from the judge, in place of yes or no.',
  )
  return said
}

function toWhole(days: number): string {
  return String(Math.ceil(days))
}
