/**
 * How long a match can be, read off the compiled program: a graph of instructions, each way through it a way to match.
 */
import type { RE2JS } from 're2js'

interface Instruction {
  op: number
  out: number
  arg: number
}

/** The library's own numbers. */
const operation = {
  alternative: 1,
  alternativeMatch: 2,
  capture: 3,
  emptyWidth: 4,
  fail: 5,
  match: 6,
  nothing: 7,
  firstRune: 8,
  lastRune: 11,
}

export interface Paths {
  /** Characters (runes) that a match has at least; what stands around it does not count. */
  shortest: number
  /** UTF-16 units that a match has at most; `Infinity` where there is a loop. */
  longest: number
}

export function measurePaths(expression: RE2JS): Paths {
  const { inst, start } = expression.re2().prog as { inst: Instruction[]; start: number }
  return { shortest: measureShortest(inst, start), longest: measureLongest(inst, start) }
}

function nextOf({ op, out, arg }: Instruction): number[] {
  if (op === operation.fail || op === operation.match) return []
  return op === operation.alternative || op === operation.alternativeMatch ? [out, arg] : [out]
}

function isRune({ op }: Instruction): boolean {
  return op >= operation.firstRune && op <= operation.lastRune
}

/** Breadth first, one character at a time. */
function measureShortest(inst: Instruction[], start: number): number {
  const seen = new Set<number>()
  let level = [start]
  for (let characters = 0; level.length > 0; characters++) {
    const next: number[] = []
    const waiting = [...level]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const step = inst[at]
      if (step === undefined || seen.has(at)) continue
      seen.add(at)
      if (step.op === operation.match) return characters
      if (isRune(step)) next.push(step.out)
      else waiting.push(...nextOf(step))
    }
    level = next
  }
  return Infinity
}

function measureLongest(inst: Instruction[], start: number): number {
  const known = new Map<number, number>()
  const open = new Set<number>()
  const walk = (at: number): number => {
    const found = known.get(at)
    if (found !== undefined) return found
    const step = inst[at]
    if (step === undefined || open.has(at) || step.op < operation.alternative || step.op > operation.lastRune)
      return Infinity
    open.add(at)
    // A character can be two units.
    const length = (isRune(step) ? 2 : 0) + Math.max(0, ...nextOf(step).map(walk))
    open.delete(at)
    known.set(at, length)
    return length
  }
  return walk(start)
}
