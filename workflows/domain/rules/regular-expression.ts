/**
 * Regular expressions of RE2's language: no backreferences, no lookaround, and one search takes time linear in the
 * text. All searches of a text together can take more, where each looks far beyond what it finds (`a.*b|a`): so their
 * time is limited too.
 */
import { RE2JS } from 're2js'
import { measurePaths } from './expression-paths.ts'

export const patternCharactersMax = 1_000
/** Instructions of the compiled program: the factor in front of the text's length. */
const programSizeMax = 2_000
/**
 * Texts of one body that are searched by one edit, together: characters times instructions, what one search takes at
 * most.
 */
const searchStepsMax = 30_000_000
/** So long the searches of one edit may take, by the clock that is given. */
export const searchMs = 200
/** So much longer a text may become by one edit. Characters. */
export const growthMax = 1024 * 1024
/** A match longer than this is not waited for in a stream. Characters. */
const heldCharactersMax = 512
/** What one character of a stream may take: the longest match times instructions. */
const heldStepsMax = 40_000

export interface Replacement {
  expression: RE2JS
  /** A text, or the number of a group. */
  parts: (string | number)[]
  /** Characters that a match can have at most; `null` = any number, or more than a stream waits for. */
  longest: number | null
  /** Texts of one body that can be searched, together. */
  charactersMax: number
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
export function compileReplacement(
  pattern: string,
  replacement: string,
): { replacement: Replacement } | { fault: 'pattern' | 'with'; message: string } {
  let expression: RE2JS
  try {
    expression = compileExpression(pattern)
    if (measurePaths(expression).shortest === 0)
      throw new Error('can match without a single character, which is everywhere')
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
    const group =
      number !== undefined ? Number(number) : name !== undefined && Object.hasOwn(names, name) ? names[name] : undefined
    if (dollar !== undefined) parts.push('$')
    else if (group === undefined || group > expression.groupCount())
      return { fault: 'with', message: `names the group ${match[0]}, which the pattern does not have` }
    else parts.push(group)
  }
  parts.push(replacement.slice(at))
  const { longest } = measurePaths(expression)
  const size = expression.programSize()
  const waited = longest <= heldCharactersMax && longest * size <= heldStepsMax ? longest : null
  return {
    replacement: {
      expression,
      parts: parts.filter((part) => part !== ''),
      longest: waited,
      charactersMax: Math.floor(searchStepsMax / size),
    },
  }
}

/** Every match replaced; or in words why not. `isLate` is asked after each match. */
export function replaceAll(
  { expression, parts }: Replacement,
  text: string,
  isLate: () => boolean = () => false,
): { text: string } | { refused: string } {
  // The quick way out: no groups are looked for where nothing matches.
  if (!expression.test(text)) return { text }
  const matcher = expression.matcher(text)
  const pieces: string[] = []
  let at = 0
  let growth = 0
  while (matcher.find()) {
    const written = fill(parts, matcher)
    growth += written.length - (matcher.end() - matcher.start())
    if (growth > growthMax) return { refused: 'the text would become too long' }
    if (isLate()) return { refused: 'the search takes too long' }
    pieces.push(text.slice(at, matcher.start()), written)
    at = matcher.end()
  }
  pieces.push(text.slice(at))
  return { text: pieces.join('') }
}

type Matcher = ReturnType<RE2JS['matcher']>

function fill(parts: (string | number)[], matcher: Matcher): string {
  return parts.map((part) => (typeof part === 'string' ? part : (matcher.group(part) ?? ''))).join('')
}

/**
 * Replaces in a text that comes piece by piece, with the very result of `replaceAll` on the whole: a place is decided
 * once the longest match that could begin there, and the character behind it, are known. Only for replacements with a
 * longest match.
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
