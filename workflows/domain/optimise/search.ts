/**
 * What an optimisation does next, as a function of everything it knows so far. Pure: the durable workflow and the
 * simulated world ask the same function, and whoever asks again after a crash gets the same answer.
 */
import { maxIdleCalls } from './budget.ts'
import { drawWeighted, findMembers, toFronts, toParentWeights } from './front.ts'
import { estimateGain, type JudgeErrors } from './judge-calibration.ts'
import { toFraction, type Item, type Split } from './material.ts'
import { findMergeAncestors, mergeParts, type Parts } from './merge.ts'
import { drawOperator, operators, type Operator, type OperatorRecord } from './operators.ts'
import { decideScreening, firstBatch, halfwayItems, type Outcome } from './screen.ts'
import { findVeto, selectShown, type Shown, type Tried } from './selection.ts'

export interface OptimiseItem extends Pick<Item, 'id' | 'subgroup' | 'verdict' | 'split'> {
  /** Of a failed one: which of the causes it belongs to; `null` = none of them. */
  cause: string | null
  /** The checks alone tell whether it works: trying it costs no call of the judge. */
  isCheckable: boolean
}

export interface OptimiseCandidate {
  parents: number[]
  operator: Operator | null
  cause: string | null
  parts: Parts
}

export interface OptimiseTrial {
  candidate: number
  item: string
  outcome: Outcome
  /** The judge decided it, which is a call and may be wrong; else the checks did. */
  judged: boolean
}

export interface OptimiseRun {
  seed: string
  items: readonly OptimiseItem[]
  /** The original first. */
  candidates: readonly OptimiseCandidate[]
  /** In the order in which they came; a candidate against the original. */
  trials: readonly OptimiseTrial[]
  errors: JudgeErrors
  /** Labels behind the judge's errors. */
  labels: number
  maxCalls: number
  maxProposals: number
  operators?: readonly Operator[]
}

export type OptimiseStep =
  | { kind: 'propose'; parent: number; cause: string; operator: Operator }
  | { kind: 'merge'; parents: [number, number]; parts: Parts }
  | { kind: 'try'; candidate: number; items: string[]; stage: 'screen' | 'guard' | 'validate' | 'sealed' }
  | { kind: 'finish'; shown: Shown[]; why: string }

/** At most half of the calls are kept for validation and the sealed items, and no more than those need. */
const maxReservedShare = 1 / 2
/** Items on which a candidate that was let on is thought to have had luck: winners look better than they are. */
const doubt = 3
const guardItems = 5
const maxGuardLosses = 2
/** A cause counts as solved for a candidate that mends so much of it. */
const solvedShare = 0.8
/** Every so many failures on a cause halve the interest in it. */
const patience = 3

interface Facts {
  run: OptimiseRun
  itemOf: ReadonlyMap<string, OptimiseItem>
  trialsOf: OptimiseTrial[][]
  calls: number
  slope: number
  /** Scores and standings of candidates, each worked out once. */
  scores: Map<number, Map<string, number>>
  standings: Map<number, Standing>
}

export function nextStep(run: OptimiseRun): OptimiseStep {
  const facts = toFacts(run)
  const standings = run.candidates.map((_, candidate) => toStanding(facts, candidate))
  const screening = standings.findIndex(({ step }) => step !== null)
  if (screening >= 0) return standings[screening]?.step as OptimiseStep
  const members = standings.flatMap(({ isMember }, candidate) => (isMember ? [candidate] : []))
  const search = run.maxCalls - countReserved(facts)
  const why = findEnd(facts, members, search)
  if (why !== null) return finish(facts, members, why)
  return findMerge(facts, members) ?? propose(facts, members)
}

/** Share of the items that only the judge can tell. */
function toJudgedShare({ run }: Facts): number {
  return (run.items.filter(({ isCheckable }) => !isCheckable).length + 1) / (run.items.length + 1)
}

function countSplit({ run }: Facts, split: Split): number {
  return run.items.filter((item) => item.split === split).length
}

/** As many as validating one candidate and opening the seal for it will take. */
function countReserved(facts: Facts): number {
  const needed = (halfwayItems + countSplit(facts, 'sealed')) * toJudgedShare(facts)
  return Math.min(facts.run.maxCalls * maxReservedShare, needed)
}

/** Calls that the search has left over make validation larger, up to all of it. */
function countValidation(facts: Facts): number {
  const affordable = (facts.run.maxCalls - facts.calls) / toJudgedShare(facts) - countSplit(facts, 'sealed')
  return Math.max(halfwayItems, Math.floor(affordable))
}

function toFacts(run: OptimiseRun): Facts {
  const trialsOf: OptimiseTrial[][] = run.candidates.map(() => [])
  for (const trial of run.trials) trialsOf[trial.candidate]?.push(trial)
  return {
    run,
    itemOf: new Map(run.items.map((item) => [item.id, item])),
    trialsOf,
    calls: run.trials.filter(({ judged }) => judged).length,
    slope: Math.max(0.1, run.errors.right - run.errors.wrong),
    scores: new Map(),
    standings: new Map(),
  }
}

interface Standing {
  isMember: boolean
  /** What its screening wants to know next; `null` = nothing. */
  step: OptimiseStep | null
}

const member: Standing = { isMember: true, step: null }
const out: Standing = { isMember: false, step: null }

/** First the failures of its cause, then a few items that worked. */
function toStanding(facts: Facts, candidate: number): Standing {
  const standing = facts.standings.get(candidate) ?? measureStanding(facts, candidate)
  facts.standings.set(candidate, standing)
  return standing
}

function measureStanding(facts: Facts, candidate: number): Standing {
  if (candidate === 0) return member
  const { run, itemOf } = facts
  const trials = (facts.trialsOf[candidate] ?? []).filter(({ item }) => itemOf.get(item)?.split === 'train')
  const onFailures = trials.filter(({ item }) => itemOf.get(item)?.verdict === 'failure')
  const decision = decideScreening(onFailures, run.errors, toParentShare(facts, candidate))
  if (decision === 'out') return out
  if (decision === 'more') {
    const wanted = onFailures.length === 0 ? firstBatch : 1
    const items = findFresh(facts, candidate, 'failure').slice(0, wanted)
    return items.length === 0 ? out : { isMember: false, step: { kind: 'try', candidate, items, stage: 'screen' } }
  }
  const onSuccesses = trials.filter(({ item }) => itemOf.get(item)?.verdict === 'success')
  if (onSuccesses.filter(({ outcome }) => outcome < 0).length > maxGuardLosses) return out
  const items = findFresh(facts, candidate, 'success').slice(0, guardItems)
  if (onSuccesses.length >= guardItems || items.length === 0) return member
  return { isMember: false, step: { kind: 'try', candidate, items: items.slice(onSuccesses.length), stage: 'guard' } }
}

/** What its parents mend of its cause already; a child of theirs has to do better. */
function toParentShare(facts: Facts, candidate: number): number {
  const { parents = [], cause } = facts.run.candidates[candidate] ?? {}
  return cause === null || cause === undefined
    ? 0
    : Math.max(0, ...parents.map((parent) => toScores(facts, parent).get(cause) ?? 0))
}

/** Training items that it has not been tried on, in an order of its own; those that need no judge first. */
function findFresh(facts: Facts, candidate: number, verdict: 'failure' | 'success'): string[] {
  const { run } = facts
  const tried = new Set((facts.trialsOf[candidate] ?? []).map(({ item }) => item))
  const cause = run.candidates[candidate]?.cause
  return run.items
    .filter((item) => item.split === 'train' && item.verdict === verdict && !tried.has(item.id))
    .filter((item) => verdict === 'success' || cause === null || item.cause === cause)
    .map(({ id, isCheckable }) => ({ id, isCheckable, draw: toFraction(`${run.seed}\n${candidate}\n${id}`) }))
    .sort((a, b) => Number(b.isCheckable) - Number(a.isCheckable) || a.draw - b.draw)
    .map(({ id }) => id)
}

function findEnd(facts: Facts, members: number[], search: number): string | null {
  const { run, calls } = facts
  if (calls + firstBatch > search) return "the search's share of the calls is used up"
  if (run.candidates.length - 1 >= run.maxProposals) return 'as many proposals as allowed were tried'
  const lastMember = members.at(-1) ?? 0
  const idle = run.trials.filter(({ candidate, judged }) => judged && candidate > lastMember).length
  if (idle >= maxIdleCalls) return `${maxIdleCalls} calls brought no new candidate into the front`
  return members.some((one) => findOpenCauses(facts, one).size > 0) ? null : 'no cause is left'
}

/** Share of each cause that a candidate mends; what it was not tried on is its parent's. */
function toScores(facts: Facts, candidate: number): Map<string, number> {
  const scores = facts.scores.get(candidate) ?? measureScores(facts, candidate)
  facts.scores.set(candidate, scores)
  return scores
}

function measureScores(facts: Facts, candidate: number): Map<string, number> {
  const { run, itemOf, slope } = facts
  const scores = new Map<string, number>()
  for (const cause of toCauses(run)) scores.set(cause, 0)
  for (const parent of run.candidates[candidate]?.parents ?? [])
    for (const [cause, score] of toScores(facts, parent)) scores.set(cause, Math.max(score, scores.get(cause) ?? 0))
  // Validation says how good a candidate is; it must not say which one is tried next.
  const trained = (facts.trialsOf[candidate] ?? []).filter(({ item }) => itemOf.get(item)?.split === 'train')
  const own = Map.groupBy(trained, ({ item }) => itemOf.get(item)?.cause ?? '')
  for (const [cause, trials] of own) {
    if (cause === '' || trials.length < firstBatch) continue
    const values = trials.map(({ outcome, judged }) => (judged ? outcome / slope : outcome))
    scores.set(cause, Math.min(1, values.reduce((total, value) => total + value, 0) / (values.length + doubt)))
  }
  return scores
}

function toCauses(run: OptimiseRun): string[] {
  return [...new Set(run.items.flatMap(({ cause }) => (cause === null ? [] : [cause])))].sort()
}

function countCause(run: OptimiseRun, cause: string): number {
  return run.items.filter((item) => item.split === 'train' && item.cause === cause).length
}

/** What a candidate leaves of each cause, as a weight for the next proposal. */
function findOpenCauses(facts: Facts, candidate: number): Map<string, number> {
  const { run } = facts
  const weights = new Map<string, number>()
  for (const [cause, score] of toScores(facts, candidate)) {
    const count = countCause(run, cause)
    if (score >= solvedShare || count < firstBatch) continue
    const failed = run.candidates.filter(
      (other, index) => other.cause === cause && index > 0 && !toStanding(facts, index).isMember,
    )
    weights.set(cause, count * (1 - Math.max(0, score)) * 0.5 ** (failed.length / patience))
  }
  return weights
}

function toMean(facts: Facts, candidate: number): number {
  const { run } = facts
  return [...toScores(facts, candidate)].reduce((total, [cause, score]) => total + score * countCause(run, cause), 0)
}

function findMerge(facts: Facts, members: number[]): OptimiseStep | null {
  const { run } = facts
  const scores = run.candidates.map((_, one) =>
    members.includes(one) ? toScores(facts, one) : new Map<string, number>(),
  )
  const means = run.candidates.map((_, one) => toMean(facts, one))
  const front = findMembers(toFronts(onlyGains(scores)), means)
  const family = {
    parts: run.candidates.map(({ parts }) => parts),
    parents: run.candidates.map(({ parents }) => parents),
    means,
  }
  for (const one of front)
    for (const other of front) {
      if (other <= one || run.candidates.some(({ parents }) => parents[0] === one && parents[1] === other)) continue
      const ancestor = findMergeAncestors(family, one, other).at(-1)
      if (ancestor !== undefined)
        return { kind: 'merge', parents: [one, other], parts: mergeParts(family, one, other, ancestor) }
    }
  return null
}

function propose(facts: Facts, members: number[]): OptimiseStep {
  const { run } = facts
  const scores = run.candidates.map((_, one) =>
    members.includes(one) ? toScores(facts, one) : new Map<string, number>(),
  )
  const means = run.candidates.map((_, one) => toMean(facts, one))
  const draw = (what: string): number => toFraction(`${run.seed}\n${run.candidates.length}\n${what}`)
  const isOpen = (one: number): boolean => findOpenCauses(facts, one).size > 0
  const weights = new Map([...toParentWeights(toFronts(onlyGains(scores)), means)].filter(([one]) => isOpen(one)))
  const parent = drawWeighted(weights, draw('parent')) ?? members.findLast(isOpen) ?? 0
  const cause = drawWeighted(findOpenCauses(facts, parent), draw('cause')) ?? ''
  const allowed = (run.operators ?? operators).filter((operator) => operator !== 'merge')
  const operator = drawOperator(allowed, countOperators(facts, members), {
    explore: draw('explore'),
    choice: draw('choice'),
  })
  return { kind: 'propose', parent, cause, operator }
}

/** A group that nobody gains on has no leader. */
function onlyGains(scores: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number>[] {
  return scores.map((groups) => new Map([...groups].filter(([, score]) => score > 0)))
}

function countOperators({ run }: Facts, members: number[]): Map<Operator, OperatorRecord> {
  const past = new Map<Operator, OperatorRecord>()
  run.candidates.forEach(({ operator }, candidate) => {
    if (operator === null) return
    const { tried, accepted } = past.get(operator) ?? { tried: 0, accepted: 0 }
    past.set(operator, { tried: tried + 1, accepted: accepted + (members.includes(candidate) ? 1 : 0) })
  })
  return past
}

/** The best ones go over validation, the first that holds up over the sealed items, once. */
function finish(facts: Facts, members: number[], why: string): OptimiseStep {
  const ranked = members.filter((one) => one > 0).sort((a, b) => toMean(facts, b) - toMean(facts, a) || b - a)
  const left = facts.run.maxCalls - facts.calls
  const validated = ranked.filter((one) => toTried(facts, one, 'validation').length > 0).length
  for (const candidate of ranked) {
    const validation = toOpen(facts, candidate, 'validation', countValidation(facts)).slice(0, Math.max(0, left))
    if (validation.length > 0) return { kind: 'try', candidate, items: validation, stage: 'validate' }
    const tried = toTried(facts, candidate, 'validation')
    if (tried.length === 0) continue
    if (findVeto(tried, facts.run.errors) !== null || estimateGain(tried, facts.run.errors, facts.run.labels).high <= 0)
      continue
    const sealed = toOpen(facts, candidate, 'sealed', Number.POSITIVE_INFINITY).slice(0, Math.max(0, left))
    if (sealed.length > 0) return { kind: 'try', candidate, items: sealed, stage: 'sealed' }
    const finalist = { candidate, validation: tried, sealed: toTried(facts, candidate, 'sealed') }
    return { kind: 'finish', shown: selectShown([finalist], facts.run.errors, facts.run.labels, validated), why }
  }
  return { kind: 'finish', shown: [], why }
}

/** Items of a split that it was not tried on, the same ones for every candidate. */
function toOpen(facts: Facts, candidate: number, split: Split, most: number): string[] {
  const tried = new Set((facts.trialsOf[candidate] ?? []).map(({ item }) => item))
  return facts.run.items
    .filter((item) => item.split === split)
    .map(({ id }) => ({ id, draw: toFraction(`${facts.run.seed}\n${split}\n${id}`) }))
    .sort((a, b) => a.draw - b.draw)
    .slice(0, most)
    .map(({ id }) => id)
    .filter((id) => !tried.has(id))
}

function toTried(facts: Facts, candidate: number, split: Split): Tried[] {
  return (facts.trialsOf[candidate] ?? []).flatMap(({ item: id, outcome, judged }) => {
    const item = facts.itemOf.get(id)
    return item?.split === split
      ? [{ outcome, judged, subgroup: item.subgroup, worked: item.verdict === 'success' }]
      : []
  })
}
