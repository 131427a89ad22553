/**
 * A world in which the truth of every prompt is known: requests of four subgroups and four causes of failure with a
 * difficulty of their own, an analyst most of whose proposals do nothing, a judge that errs. Pure and seeded.
 */
import { checkCandidate } from '../../domain/enhancements/proposal-checks.ts'
import { calibrateJudge, type LabelledPair } from '../../domain/optimise/judge-calibration.ts'
import { selectMaterial, type Source } from '../../domain/optimise/material.ts'
import { nextStep, type OptimiseCandidate, type OptimiseRun, type OptimiseTrial } from '../../domain/optimise/search.ts'
import type { Outcome } from '../../domain/optimise/screen.ts'
import { hostile, prompts } from '../hostile-proposals.ts'

export interface WorldOptions {
  seed: string
  maxCalls: number
  maxProposals: number
  /** Nothing that the analyst proposes helps. */
  isNull: boolean
}

/** One sentence of a prompt, with what it truly does. */
interface Change {
  kind: 'helpful' | 'null' | 'harmful' | 'breaking'
  cause: number
  mends: number
  /** The subgroup that it hurts, and how much of what works there; `null` = all of them. */
  hurts: { subgroup: number | null; share: number }
  id: string
}

interface Request {
  id: string
  subgroup: number
  /** `null` = the original works on it. */
  cause: number | null
  isMechanical: boolean
}

const subgroups = 4
const causeShares = [0.2, 0.15, 0.12, 0.08]
const populationSize = 1_000
const sampled = 400
const mechanicalShare = 0.4
/** How often an answer comes out other than it usually does. */
const flakiness = 0.06
const sensitivity = 0.8
const specificity = 0.85
const positionBias = 0.1
const labelCount = 80
const liveUnits = 2_000
const liveZ = 2.9

/** cyrb53, public domain, by bryc: a number from 0 to 1 that only its key decides; fast, for millions of draws. */
function draw(...parts: (string | number)[]): number {
  const key = parts.join('\n')
  let [one, other] = [0xdeadbeef, 0x41c6ce57]
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at)
    one = Math.imul(one ^ code, 2_654_435_761)
    other = Math.imul(other ^ code, 1_597_334_677)
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909)
  other = Math.imul(other ^ (other >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909)
  return (other >>> 0) / 2 ** 32
}

function toRequest(seed: string, number: number): Request {
  const id = `${seed}-${number}`
  let rest = draw(id, 'cause')
  let cause: number | null = null
  for (const [index, share] of causeShares.entries()) {
    if (rest < share) {
      cause = index
      break
    }
    rest -= share
  }
  return {
    id,
    cause,
    subgroup: Math.floor(draw(id, 'subgroup') * subgroups),
    isMechanical: draw(id, 'mechanical') < mechanicalShare,
  }
}

/** What the analyst says next, whoever asks: helpful 30 %, without effect 45 %, harmful 20 %, contract-breaking 5 %. */
function toChange({ seed, isNull }: WorldOptions, number: number, cause: number): Change {
  const id = `${seed}-change-${number}-${cause}`
  const kind = draw(id, 'kind')
  const gain = 0.02 + draw(id, 'gain') * 0.23
  const mends = Math.min(0.95, gain / (causeShares[cause] ?? 1))
  const none = { subgroup: null, share: 0 }
  if (kind < 0.3 || kind >= 0.95) {
    const hurtsOne = draw(id, 'hurts') < 0.25
    return {
      id,
      cause,
      kind: kind >= 0.95 ? 'breaking' : isNull ? 'null' : 'helpful',
      mends: isNull ? 0 : mends,
      hurts:
        hurtsOne && !isNull
          ? { subgroup: Math.floor(draw(id, 'whom') * subgroups), share: 0.1 * draw(id, 'much') }
          : none,
    }
  }
  if (kind < 0.75) return { id, cause, kind: 'null', mends: 0, hurts: none }
  return { id, cause, kind: 'harmful', mends: 0, hurts: { subgroup: null, share: 0.03 + 0.17 * draw(id, 'much') } }
}

/** The chance that an answer is good: its difficulty is the request's own, the same for every prompt. */
function toChance(request: Request, changes: readonly Change[]): number {
  const isMended =
    request.cause === null ||
    changes.some((change) => change.cause === request.cause && draw(request.id, change.id, 'mends') < change.mends)
  const isHurt = changes.some(
    ({ id, hurts }) =>
      (hurts.subgroup === null || hurts.subgroup === request.subgroup) && draw(request.id, id, 'hurts') < hurts.share,
  )
  return isMended && !isHurt ? 1 - flakiness : flakiness
}

function toTrueGain(population: readonly Request[], changes: readonly Change[]): number {
  let gain = 0
  for (const request of population) gain += toChance(request, changes) - toChance(request, [])
  return gain / population.length
}

/** One blind look at two answers, in a random order; each is taken for good with the judge's own errors. */
function judge(control: boolean, treatment: boolean, key: string): { judged: Outcome; candidateFirst: boolean } {
  const sees = (isGood: boolean, which: string): number =>
    (draw(key, which) < (isGood ? sensitivity : 1 - specificity) ? 1 : 0) + draw(key, which, 'tie') * 0.001
  const candidateFirst = draw(key, 'order') < 0.5
  const [one, other] = [sees(control, 'control') > 0.5, sees(treatment, 'treatment') > 0.5]
  if (one !== other) return { judged: other ? 1 : -1, candidateFirst }
  if (draw(key, 'place') < positionBias) return { judged: candidateFirst ? 1 : -1, candidateFirst }
  return { judged: 0, candidateFirst }
}

function tryOut(request: Request, changes: readonly Change[], key: string): { outcome: Outcome; judged: boolean } {
  const control = draw(key, 'control answer') < toChance(request, [])
  const treatment = draw(key, 'treatment answer') < toChance(request, changes)
  const isMechanical = request.isMechanical
  if (isMechanical) return { outcome: (Number(treatment) - Number(control)) as Outcome, judged: false }
  return { outcome: judge(control, treatment, key).judged, judged: true }
}

/** The original is sent twice: half of the items that come out differently. */
function toFlakiness(items: readonly { id: string }[], requestOf: ReadonlyMap<string, Request>): number {
  const differing = items.filter(({ id }) => {
    const chance = toChance(requestOf.get(id) as Request, [])
    return draw(id, 'first') < chance !== draw(id, 'second') < chance
  })
  return differing.length / items.length / 2
}

/** People label pairs of the family beforehand; the judge is held against them. */
function toLabels(seed: string): LabelledPair[] {
  return Array.from({ length: labelCount }, (_, number) => {
    const key = `${seed}-label-${number}`
    const [control, treatment] = [draw(key, 'a') < 0.5, draw(key, 'b') < 0.5]
    const { judged, candidateFirst } = judge(control, treatment, key)
    return { person: (Number(treatment) - Number(control)) as Outcome, judge: judged, candidateFirst }
  })
}

export interface WorldResult {
  gain: number
  oracle: number
  oneShot: number
  calls: number
  proposals: number
  promoted: boolean
  isFalse: boolean
  /** What was shown, with the truth. */
  expected: { gain: number; low: number; high: number; truth: number } | null
  breakers: number
  unflagged: number
  sealedEarly: boolean
}

interface Running {
  run: OptimiseRun
  changes: Change[][]
  breakers: number
  unflagged: number
  sealedEarly: boolean
}

export function runOptimiseWorld(options: WorldOptions): WorldResult {
  const { seed, maxCalls, maxProposals } = options
  const population = Array.from({ length: populationSize }, (_, number) => toRequest(`${seed}-p`, number))
  const { requestOf, items } = toMaterial(seed)
  const labels = toLabels(seed)
  const errors = calibrateJudge(labels, toFlakiness(items, requestOf))
  const original: OptimiseCandidate = { parents: [], operator: null, cause: null, parts: { system: '' } }
  const running: Running = {
    // Where the judge does not count, only what the checks decide can be tried.
    run: {
      seed,
      items: errors.usable ? items : items.filter(({ isCheckable }) => isCheckable),
      candidates: [original],
      trials: [],
      errors,
      labels: labels.length,
      maxCalls,
      maxProposals,
    },
    changes: [[]],
    breakers: 0,
    unflagged: 0,
    sealedEarly: false,
  }
  let asked = 0
  for (;;) {
    const step = nextStep(running.run)
    if (step.kind === 'finish') {
      const shown = step.shown[0]
      const changes = shown === undefined ? [] : (running.changes[shown.candidate] ?? [])
      const truth = toTrueGain(population, changes)
      const promoted = shown !== undefined && isPromotedLive(seed, truth)
      return {
        gain: promoted ? truth : 0,
        ...toReferences(options, population, asked),
        calls: running.run.trials.filter(({ judged }) => judged).length,
        proposals: asked,
        promoted,
        isFalse: promoted && truth <= 0,
        expected: shown === undefined ? null : { gain: shown.gain, low: shown.low, high: shown.high, truth },
        breakers: running.breakers,
        unflagged: running.unflagged,
        sealedEarly: running.sealedEarly,
      }
    }
    if (step.kind === 'try') {
      if (step.stage !== 'sealed' && step.items.some((id) => items.find((item) => item.id === id)?.split === 'sealed'))
        running.sealedEarly = true
      const trials: OptimiseTrial[] = step.items.map((item) => ({
        candidate: step.candidate,
        item,
        ...tryOut(
          requestOf.get(item) as Request,
          running.changes[step.candidate] ?? [],
          `${seed}-${step.candidate}-${item}`,
        ),
      }))
      running.run = { ...running.run, trials: [...running.run.trials, ...trials] }
    } else if (step.kind === 'merge') {
      const merged = [...new Set(step.parents.flatMap((parent) => running.changes[parent] ?? []))]
      add(running, { parents: step.parents, operator: 'merge', cause: null, parts: step.parts }, merged)
    } else {
      const cause = Number(step.cause)
      const change = toChange(options, asked++, cause)
      if (change.kind === 'breaking') {
        // Text of its own kind goes through the very checks of the product; a flagged one is not tried.
        running.breakers++
        if (isFlagged(change.id)) continue
        running.unflagged++
      }
      const parts = { system: `${running.run.candidates[step.parent]?.parts.system ?? ''} ${change.id}` }
      add(running, { parents: [step.parent], operator: step.operator, cause: step.cause, parts }, [
        ...(running.changes[step.parent] ?? []),
        change,
      ])
    }
  }
}

function add(running: Running, candidate: OptimiseCandidate, changes: Change[]): void {
  running.run = { ...running.run, candidates: [...running.run.candidates, candidate] }
  running.changes.push(changes)
}

function isFlagged(id: string): boolean {
  const tried = hostile[Math.floor(draw(id, 'text') * hostile.length)] as (typeof hostile)[number]
  const original = prompts[tried.prompt]
  const change = typeof tried.change === 'function' ? tried.change(original) : tried.change
  const checks = checkCandidate(
    { original, enhanced: { ...original, ...change }, reason: 'Better.', risks: [] },
    { samples: tried.samples ?? [], foreign: tried.foreign ?? [], maxAddedTokens: 1_000, byPerson: false },
  )
  return checks.some(({ passed }) => !passed)
}

function toMaterial(seed: string) {
  const requests = Array.from({ length: sampled }, (_, number) => toRequest(`${seed}-s`, number))
  const requestOf = new Map(requests.map((request) => [request.id, request]))
  const sources = requests.map((request, number): Source => ({
    id: request.id,
    unit: request.id,
    key: `key-${number % 8}`,
    subgroup: String(request.subgroup),
    // The baseline is replayed twice, so that luck is no failure.
    verdict: request.cause === null ? 'success' : 'failure',
    text: '',
  }))
  const items = selectMaterial(sources, seed).map((item) => {
    const { cause, isMechanical } = requestOf.get(item.id) as Request
    return { ...item, isCheckable: isMechanical, cause: cause === null ? null : String(cause) }
  })
  return { requestOf, items }
}

/**
 * The same analyst, asked as often: an oracle that sees the truth of every proposal and takes each one that gains, and
 * the first proposal alone, taken when it gains.
 */
function toReferences(
  options: WorldOptions,
  population: readonly Request[],
  proposals: number,
): { oracle: number; oneShot: number } {
  let changes: Change[] = []
  let best = 0
  let oneShot = 0
  for (let number = 0; number < Math.max(1, proposals); number++) {
    const cause = toLargestCause(population, changes, number, options.seed)
    const change = toChange(options, number, cause)
    if (change.kind === 'breaking') continue
    const gain = toTrueGain(population, [...changes, change])
    if (number === 0) oneShot = Math.max(0, gain)
    if (gain > best) {
      best = gain
      changes = [...changes, change]
    }
  }
  return { oracle: best, oneShot }
}

function toLargestCause(
  population: readonly Request[],
  changes: readonly Change[],
  number: number,
  seed: string,
): number {
  const open = causeShares.map(
    (_, cause) => population.filter((request) => request.cause === cause && toChance(request, changes) < 0.5).length,
  )
  let rest = draw(seed, 'oracle', number) * open.reduce((total, count) => total + count, 0)
  for (const [cause, count] of open.entries()) {
    rest -= count
    if (rest < 0) return cause
  }
  return 0
}

/** The experiment on live traffic that follows an approval, as a fixed test at a strict level. */
function isPromotedLive(seed: string, truth: number): boolean {
  const error = Math.sqrt(0.5 / liveUnits)
  const [u, v] = [Math.max(1e-12, draw(seed, 'live', 1)), draw(seed, 'live', 2)]
  const noise = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)
  return truth / error + noise > liveZ
}
