/** Finds the runs of fixed tokens that every text of a group holds, in order. Pure. */
import { tokenKind } from './signs.ts'
import type { Tokens } from './tokens.ts'

/** More runs of fixed text than that are not followed: the longest are. */
const maxRuns = 48
/** Fixed texts of fewer tokens are not looked for inside a longer one. */
const minStretch = 3
const maxRepairs = 64
const maxComparisons = 4_000_000

export interface Text {
  text: string
  tokens: Tokens
}

export interface Run {
  hashes: Int32Array
  atStart: boolean
  atEnd: boolean
}

export function findRuns(base: Tokens, fixed: Uint8Array, from: number): Run[] {
  const runs: Run[] = []
  for (let token = 0; token < base.count;) {
    if (fixed[from + token] === 0) {
      token++
      continue
    }
    // A full stop behind a slot is the slot's own.
    if (token > 0 && base.kinds[token] === tokenKind.sentenceEnd && fixed[from + token - 1] === 0) {
      token++
      while (base.kinds[token] === tokenKind.sentenceEnd) token++
      continue
    }
    const start = token
    while (token < base.count && fixed[from + token] === 1) token++
    runs.push({
      hashes: base.hashes.slice(start, token),
      atStart: start === 0 && fixed[from - 1] === 1,
      atEnd: token === base.count && fixed[from + base.count] === 1,
    })
  }
  if (runs.length <= maxRuns) return runs
  const kept = new Set([...runs].sort((a, b) => b.hashes.length - a.hashes.length).slice(0, maxRuns))
  return runs.filter((run) => kept.has(run) || run.atStart || run.atEnd)
}

/**
 * Breaks and drops runs until every text holds what is left, in order. A run that a text lacks is broken around its
 * longest stretch that the text does hold. One found too far on hides those behind it, so where no stretch is left, of
 * the failing run and the ones before it that one goes whose loss leaves most in place. At most `maxRepairs` steps of
 * O(run × tokens); what still fails then is dropped.
 */
export function keepPlaceable(runs: Run[], texts: Text[]): Run[] {
  let kept = runs
  let repairs = 0
  for (let index = 0; index < texts.length; index++) {
    const { tokens } = texts[index] as Text
    const places = placeRuns(kept, tokens)
    const failed = places.indexOf(-1)
    if (failed < 0) continue
    if (repairs++ >= maxRepairs) kept = kept.filter((_, other) => places[other] !== -1)
    else kept = breakAround(kept, failed, places, tokens) ?? dropOne(kept, failed, tokens)
    // From the first text again: the pieces may lie elsewhere now.
    index = -1
  }
  return kept
}

function breakAround(runs: Run[], failed: number, places: number[], tokens: Tokens): Run[] | null {
  const run = runs[failed] as Run
  const from = failed === 0 ? 0 : (places[failed - 1] as number) + (runs[failed - 1] as Run).hashes.length
  const { start, length } = longestCommon(run.hashes, tokens, from)
  if (length < minStretch || length === run.hashes.length) return null
  const cut = (begin: number, end: number): Run[] => {
    const piece = {
      hashes: run.hashes.slice(begin, end),
      atStart: run.atStart && begin === 0,
      atEnd: run.atEnd && end === run.hashes.length,
    }
    return end - begin >= minStretch || piece.atStart || (piece.atEnd && end > begin) ? [piece] : []
  }
  return [
    ...runs.slice(0, failed),
    ...cut(0, start),
    ...cut(start, start + length),
    ...cut(start + length, run.hashes.length),
    ...runs.slice(failed + 1),
  ].filter((one) => one.hashes.length > 0)
}

/**
 * Longest stretch of a run that stands in the tokens from a place on (longest common substring by dynamic programming).
 * O(run × tokens), at most `maxComparisons`.
 */
function longestCommon(run: Int32Array, tokens: Tokens, from: number): { start: number; length: number } {
  const followed = Math.min(run.length, Math.floor(maxComparisons / Math.max(1, tokens.count)))
  let best = { start: 0, length: 0 }
  let above = new Uint16Array(followed + 1)
  for (let place = from; place < tokens.count; place++) {
    const row = new Uint16Array(followed + 1)
    for (let index = 0; index < followed; index++) {
      if (run[index] !== tokens.hashes[place]) continue
      const length = (above[index] as number) + 1
      row[index + 1] = length
      if (length > best.length) best = { start: index + 1 - length, length }
    }
    above = row
  }
  return best
}

function dropOne(runs: Run[], failed: number, tokens: Tokens): Run[] {
  let best = runs
  let bestLength = -1
  for (let index = failed; index >= 0; index--) {
    const rest = runs.filter((_, other) => other !== index)
    const placed = placeRuns(rest, tokens)
    const length = rest.reduce((sum, run, other) => sum + (placed[other] === -1 ? 0 : run.hashes.length), 0)
    if (length > bestLength) {
      best = rest
      bestLength = length
    }
  }
  return best
}

/**
 * The leftmost place of each run behind the one before; -1 = this text does not hold it there. O(tokens × runs) at
 * worst, near O(tokens).
 */
export function placeRuns(runs: Run[], tokens: Tokens): number[] {
  const last = runs[runs.length - 1]
  const limit = last?.atEnd ? tokens.count - last.hashes.length : tokens.count
  let at = 0
  return runs.map((run) => {
    const length = run.hashes.length
    const stop = run.atEnd ? tokens.count : limit
    let place = run.atEnd ? tokens.count - length : at
    if (place < at || (run.atStart && run.atEnd && length !== tokens.count)) return -1
    const lastPlace = run.atStart ? 0 : stop - length
    for (; place <= lastPlace; place++) {
      let same = 0
      while (same < length && tokens.hashes[place + same] === run.hashes[same]) same++
      if (same === length) {
        at = place + length
        return place
      }
    }
    return -1
  })
}
