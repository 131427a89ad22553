/**
 * Keeps the evidence within its limits, so that learning goes on for ever. A quarter of it is for prompts without a
 * pattern, the newest of them; the rest is shared by the patterns alike. Pure.
 */
import { hashStructure } from './sequence.ts'
import { sizeOf, type MinerState, type Row } from './state.ts'
import type { Limits } from './types.ts'

/** What no pattern explains keeps this share of the evidence, whatever else there is. */
const unexplainedShare = 0.25
/** Examples of so many characters are enough for a pattern, but never fewer than can be judged. */
const maxExampleCharacters = 96_000
const minExamples = 4
/** An example that is older by so many prompts has 1/e of the chance to stay. */
const ageingPrompts = 20_000

/** Removes what exceeds the limits. O(evidence) when it does. */
export function forgetExcess(state: MinerState, limits: Limits): void {
  const exceeds = (): boolean => state.rows.size > limits.maxEvidence || state.characters > limits.maxEvidenceCharacters
  if (!exceeds()) return
  const byGroup = new Map<number, Row[]>()
  for (const row of state.rows.values()) {
    const list = byGroup.get(row.group)
    if (list) list.push(row)
    else byGroup.set(row.group, [row])
  }
  for (const [group, rows] of byGroup) if (group !== 0) forgetExamples(state, rows, limits.maxExamples)
  forgetUnexplained(state, byGroup.get(0) ?? [], limits, exceeds)
  byGroup.delete(0)
  for (let examples = limits.maxExamples - 1; examples > 0 && exceeds(); examples--)
    for (const rows of byGroup.values()) forgetExamples(state, rows, examples)
  for (const row of state.rows.values()) if (exceeds()) forget(state, row)
}

/** The oldest go, down to what is reserved for them. */
function forgetUnexplained(state: MinerState, rows: Row[], limits: Limits, exceeds: () => boolean): void {
  let count = rows.length
  let characters = rows.reduce((sum, { prompt }) => sum + sizeOf(prompt), 0)
  for (const row of rows) {
    const hasMore =
      count > limits.maxEvidence * unexplainedShare || characters > limits.maxEvidenceCharacters * unexplainedShare
    if (!hasMore || !exceeds()) return
    forget(state, row)
    count--
    characters -= sizeOf(row.prompt)
  }
}

/** Of a pattern that changes no more a few examples are enough. */
export function forgetExamples(state: MinerState, rows: Row[], maxExamples: number): void {
  const kept = rows.filter(({ id }) => state.rows.has(id))
  const characters = kept.reduce((sum, { prompt }) => sum + sizeOf(prompt), 0)
  const affordable = Math.floor((maxExampleCharacters * kept.length) / Math.max(1, characters))
  const limit = Math.min(maxExamples, Math.max(minExamples, affordable))
  if (kept.length <= limit) return
  const ranked = kept.map((row) => ({ row, rank: toRank(row) })).sort((a, b) => a.rank - b.rank || b.row.id - a.row.id)
  for (const { row } of ranked.slice(limit)) forget(state, row)
}

/**
 * An even sample in which the old make room for the new: the lowest ranks stay, whatever their order (forward decay,
 * Cormode et al. 2009).
 */
function toRank({ id, prompt }: Row): number {
  const hash = (hashStructure(`${prompt.system ?? ''}\n${prompt.user ?? ''}\n${id}`) >>> 0) + 1
  return Math.log(-Math.log(hash / 4_294_967_298)) - id / ageingPrompts
}

function forget(state: MinerState, row: Row): void {
  if (state.rows.delete(row.id)) state.characters -= sizeOf(row.prompt)
}
