/**
 * How far a judge can be believed, from pairs that people labelled too. Pure. A judge that agrees too little, or likes
 * what it sees first, does not count at all; one that counts widens the interval by its errors.
 */

export interface LabelledPair {
  /** What people found: 1 = the second answer is better. */
  person: -1 | 0 | 1
  judge: -1 | 0 | 1
  /** Whether the judge saw the answer that it preferred, or would have had to, first. */
  candidateFirst: boolean
}

export interface JudgeErrors {
  /** A true difference is seen, or is seen the other way round. */
  right: number
  wrong: number
  /** Each side wins so often where there is no difference. */
  noise: number
  /** Each side wins so often where the checks decide, because the same prompt does not always get the same answer. */
  flakiness: number
}

export interface Calibration extends JudgeErrors {
  pairs: number
  kappa: number
  positionBias: number
  usable: boolean
  why: string | null
}

export const minLabels = 40
export const minKappa = 0.4
export const maxPositionBias = 0.1
/** One label more on each side, so that no rate is 0 or 1 for want of labels. */
const prior = 0.5

/** `flakiness` comes from the original sent twice: half the share of items whose outcome changed. */
export function calibrateJudge(pairs: readonly LabelledPair[], flakiness: number): Calibration {
  const differing = pairs.filter(({ person }) => person !== 0)
  const alike = pairs.filter(({ person }) => person === 0)
  const share = (part: number, whole: number): number => (part + prior) / (whole + 2 * prior)
  const errors = {
    right: share(differing.filter(({ person, judge }) => person === judge).length, differing.length),
    wrong: share(differing.filter(({ person, judge }) => person === -judge).length, differing.length),
    noise: share(alike.filter(({ judge }) => judge !== 0).length, alike.length) / 2,
    flakiness,
  }
  const kappa = toKappa(pairs)
  const positionBias = toPositionBias(pairs)
  const why =
    pairs.length < minLabels
      ? `only ${pairs.length} of ${minLabels} labels`
      : kappa < minKappa
        ? `it agrees with people too little (κ ${kappa.toFixed(2)}, at least ${minKappa})`
        : positionBias - toBiasError(pairs) > maxPositionBias
          ? `it prefers a place (${Math.round(positionBias * 100)} %, at most ${maxPositionBias * 100} %)`
          : null
  return { ...errors, pairs: pairs.length, kappa, positionBias, usable: why === null, why }
}

/** Cohen's κ; 0 where either of the two always says the same. */
export function toKappa(pairs: readonly Pick<LabelledPair, 'person' | 'judge'>[]): number {
  if (pairs.length === 0) return 0
  const count = (of: 'person' | 'judge', value: number): number => pairs.filter((pair) => pair[of] === value).length
  const agreed = pairs.filter(({ person, judge }) => person === judge).length / pairs.length
  const chance = [-1, 0, 1].reduce(
    (total, value) => total + (count('person', value) * count('judge', value)) / pairs.length ** 2,
    0,
  )
  return chance >= 1 ? 0 : (agreed - chance) / (1 - chance)
}

/** By how much more often the answer that stands first wins than loses, of the pairs in which people saw no difference. */
export function toPositionBias(pairs: readonly LabelledPair[]): number {
  const decided = pairs.filter(({ person }) => person === 0)
  if (decided.length === 0) return 0
  const first = decided.filter(({ judge, candidateFirst }) => judge === (candidateFirst ? 1 : -1)).length
  const second = decided.filter(({ judge, candidateFirst }) => judge === (candidateFirst ? -1 : 1)).length
  return Math.abs(first - second) / decided.length
}

const oneSided = 1.645

/** A few labels alone make no bias: only what is clearly above the bound counts. */
function toBiasError(pairs: readonly LabelledPair[]): number {
  const alike = pairs.filter(({ person }) => person === 0)
  const share = alike.filter(({ judge }) => judge !== 0).length / Math.max(1, alike.length)
  return oneSided * Math.sqrt(share / Math.max(1, alike.length))
}

export interface Estimate {
  gain: number
  low: number
  high: number
}

/** Of an interval of 95 %. */
const z95 = 1.96

/**
 * Prediction-powered estimate of a mean: all judged values, moved by what people's labels show of the judge's error. A
 * bad judge widens the interval instead of moving it.
 */
export function estimateWithLabels(
  judged: readonly number[],
  labelled: readonly { person: number; judge: number }[],
): Estimate {
  const residuals = labelled.map(({ person, judge }) => person - judge)
  const gain = meanOf(judged) + meanOf(residuals)
  const error = Math.sqrt(
    varianceOf(judged) / Math.max(1, judged.length) + varianceOf(residuals) / Math.max(1, residuals.length),
  )
  return toEstimate(gain, labelled.length < 2 ? 1 : error)
}

/**
 * The gain from outcomes of a judge with known errors: differences shrink by `right - wrong`, so they are stretched by
 * it, and the uncertainty with them. Exact outcomes count as they are.
 */
export function estimateGain(
  outcomes: readonly { outcome: number; judged: boolean }[],
  errors: JudgeErrors,
  labels: number,
): Estimate {
  const slope = Math.max(0.1, errors.right - errors.wrong)
  const values = outcomes.map(({ outcome, judged }) => (judged ? outcome / slope : outcome))
  const gain = meanOf(values)
  // Half a discordant pair more on each side: few items without a loss are no certainty.
  const spread = varianceOf([...values, 1, -1]) / Math.max(1, values.length)
  const slopeError =
    (errors.right * (1 - errors.right) + errors.wrong * (1 - errors.wrong)) / Math.max(1, labels) / slope ** 2
  return toEstimate(gain, Math.sqrt(spread + gain ** 2 * slopeError))
}

function toEstimate(gain: number, error: number): Estimate {
  return { gain, low: Math.max(-1, gain - z95 * error), high: Math.min(1, gain + z95 * error) }
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((total, value) => total + value, 0) / values.length
}

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return values.length < 2 ? 0 : values.reduce((total, value) => total + (value - mean) ** 2, 0) / (values.length - 1)
}
