/** Regular expressions whose time is linear in the text (RE2's language, no backreferences and no lookaround), with limits on both. */
import { RE2JS } from 're2js'

export const patternCharactersMax = 1_000
/** Instructions of the compiled program: the factor in front of the text's length. */
const programSizeMax = 2_000
/** Texts of one body that are searched by one edit, together. Characters. */
export const searchedCharactersMax = 4 * 1024 * 1024
/** So much longer a text may become by one edit. Characters. */
export const growthMax = 1024 * 1024
/** A match longer than this is not waited for in a stream. Characters. */
export const heldCharactersMax = 512

export interface Replacement {
  expression: RE2JS
  /** A text, or the number of a group. */
  parts: (string | number)[]
  /** Characters that a match can have at most; `null` = any number, or more than `heldCharactersMax`. */
  longest: number | null
}

/** Throws an Error that says what is wrong with the pattern. */
export function compileExpression(pattern: string): RE2JS {
  if (pattern.length > patternCharactersMax) throw new Error(`is longer than ${patternCharactersMax} characters`)
  let expression: RE2JS
  try {
    expression = RE2JS.compile(pattern)
  } catch (error) {
    throw new Error(`is no regular expression of RE2: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (expression.programSize() > programSizeMax) throw new Error('repeats too much: its program is too big')
  return expression
}

/** `replacement` may name groups: `$1`, `${name}`; `$$` is a dollar sign. Throws an Error with the reason. */
export function compileReplacement(pattern: string, replacement: string): { replacement: Replacement } | { fault: 'pattern' | 'with'; message: string } {
  let expression: RE2JS
  try {
    expression = compileExpression(pattern)
    if (expression.test('')) throw new Error('matches the empty text, which is everywhere')
  } catch (error) {
    return { fault: 'pattern', message: (error as Error).message }
  }
  const names = expression.namedGroups()
  const parts: (string | number)[] = []
  let at = 0
  for (const match of replacement.matchAll(/\$(?:(\$)|(\d{1,2})|\{(\w+)\})/g)) {
    parts.push(replacement.slice(at, match.index))
    at = match.index + match[0].length
    const [, dollar, number, name] = match
    const group = number !== undefined ? Number(number) : name !== undefined && Object.hasOwn(names, name) ? names[name] : undefined
    if (dollar !== undefined) parts.push('$')
    else if (group === undefined || group > expression.groupCount()) return { fault: 'with', message: `names the group ${match[0]}, which the pattern does not have` }
    else parts.push(group)
  }
  parts.push(replacement.slice(at))
  return { replacement: { expression, parts: parts.filter((part) => part !== ''), longest: measureLongest(expression) } }
}

/** Every match replaced; `null` = the text would grow by more than `growthMax`. */
export function replaceAll({ expression, parts }: Replacement, text: string): string | null {
  // The quick way out: no groups are looked for where nothing matches.
  if (!expression.test(text)) return text
  const matcher = expression.matcher(text)
  const pieces: string[] = []
  let at = 0
  let growth = 0
  while (matcher.find()) {
    const written = fill(parts, matcher)
    growth += written.length - (matcher.end() - matcher.start())
    if (growth > growthMax) return null
    pieces.push(text.slice(at, matcher.start()), written)
    at = matcher.end()
  }
  pieces.push(text.slice(at))
  return pieces.join('')
}

type Matcher = ReturnType<RE2JS['matcher']>

function fill(parts: (string | number)[], matcher: Matcher): string {
  return parts.map((part) => (typeof part === 'string' ? part : (matcher.group(part) ?? ''))).join('')
}

/**
 * Replaces in a text that comes piece by piece, with the very result of `replaceAll` on the whole: a place is decided once
 * the longest match that could begin there, and the character behind it, are known. Only for replacements with a longest match.
 */
export class StreamedReplacement {
  /** Something was replaced. */
  changed = false
  readonly #replacement: Replacement
  readonly #reach: number
  #held = ''
  /** Up to here `held` has gone out; kept is what an expression may look back at (`\b`, `^`). */
  #from = 0

  constructor(replacement: Replacement) {
    this.#replacement = replacement
    this.#reach = (replacement.longest ?? 0) + 1
  }

  push(text: string): string {
    this.#held += text
    const decided = this.#held.length - this.#reach
    // A character of two units goes out whole: readers of JSON do not put halves together.
    return this.#advance(isFirstHalf(this.#held.charCodeAt(decided)) ? decided - 1 : decided)
  }

  end(): string {
    const rest = this.#advance(this.#held.length)
    this.#held = ''
    this.#from = 0
    return rest
  }

  /** Decides every place up to and including `decided`. */
  #advance(decided: number): string {
    if (decided < this.#from) return ''
    const { expression, parts } = this.#replacement
    const pieces: string[] = []
    const matcher = expression.matcher(this.#held)
    while (this.#from <= decided && matcher.find(this.#from)) {
      if (matcher.start() > decided) break
      pieces.push(this.#held.slice(this.#from, matcher.start()), fill(parts, matcher))
      this.changed = true
      this.#from = matcher.end()
    }
    if (this.#from <= decided) {
      pieces.push(this.#held.slice(this.#from, decided + 1))
      this.#from = Math.min(decided + 1, this.#held.length)
    }
    // A pair of surrogates is one character: half of one is not kept as what stands before.
    const kept = Math.max(0, this.#from - 2)
    this.#held = this.#held.slice(kept)
    this.#from -= kept
    return pieces.join('')
  }
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

const operation = { alternative: 1, alternativeMatch: 2, capture: 3, emptyWidth: 4, fail: 5, match: 6, nothing: 7, firstRune: 8, lastRune: 11 }

/** The longest way through the compiled program, in UTF-16 units; `null` where it has a loop. */
function measureLongest(expression: RE2JS): number | null {
  const { inst, start } = expression.re2().prog as { inst: { op: number; out: number; arg: number; runes: Int32Array | null }[]; start: number }
  const known = new Map<number, number>()
  const open = new Set<number>()
  const walk = (at: number): number => {
    const found = known.get(at)
    if (found !== undefined) return found
    if (open.has(at)) return Infinity
    const step = inst[at]
    if (step === undefined) return Infinity
    open.add(at)
    let length: number
    if (step.op === operation.fail || step.op === operation.match) length = 0
    else if (step.op === operation.alternative || step.op === operation.alternativeMatch) length = Math.max(walk(step.out), walk(step.arg))
    else if (step.op === operation.capture || step.op === operation.emptyWidth || step.op === operation.nothing) length = walk(step.out)
    else if (step.op >= operation.firstRune && step.op <= operation.lastRune) length = 2 + walk(step.out)
    else length = Infinity
    open.delete(at)
    known.set(at, length)
    return length
  }
  const longest = walk(start)
  return longest <= heldCharactersMax ? longest : null
}
