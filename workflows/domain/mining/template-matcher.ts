/**
 * Finds the pattern of a prompt among many, on the path of every request. Pure.
 *
 * The 3-grams of a prompt's beginning and end are looked up once; the few templates found that way are tried, the ones
 * that fix most first. What is looked at, tried and searched is limited: the cost follows neither the number of
 * templates nor what the bytes are.
 */
import { fitParts, type Fitting } from './parts.ts'
import { marks } from './sequence.ts'
import {
  buildIndex,
  mayHold,
  shortGram,
  toSalt,
  toTokenKey,
  windows,
  type Filed,
  type TemplateIndex,
} from './template-index.ts'
import { createTokens, tokenize, type Tokens } from './tokens.ts'
import { countNeeded, listTools, offersEnough } from './tools.ts'
import type { MinedPattern, MinedPrompt, MinedTemplate, TemplatePart } from './types.ts'

export interface ExplainedPiece {
  in: 'system' | 'user'
  /** `null` = fixed text. */
  slot: string | null
  text: string
  start: number
  end: number
}

export interface Match {
  pattern: string
  template: MinedTemplate
  /** What each slot holds: filling the template with them gives the texts back exactly. */
  slots: Record<string, string>
  /** Every piece of both texts in order: which fixed parts matched where, which slots held what. */
  explanation: ExplainedPiece[]
}

export interface Matcher {
  /** `null` = no known pattern, or too much to look at. */
  match(prompt: MinedPrompt): Match | null
  /** Prompts that were given up because there was too much to look at. */
  readonly givenUp: number
}

/** So many templates are tried for one prompt, the ones that fix most first. */
const maxTried = 32
/** More characters are not searched for one prompt, all templates together. */
const maxSearched = 400_000

/** Builds the whole index at once. O(fixed text of all templates). */
export function createMatcher(patterns: Pick<MinedPattern, 'id' | 'templates'>[]): Matcher {
  const steps = buildMatcher(patterns)
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

/** The same in steps of some templates each, for whoever must not stop for the whole of it. */
export function* buildMatcher(patterns: Pick<MinedPattern, 'id' | 'templates'>[]): Generator<undefined, Matcher> {
  return new IndexedMatcher(yield* buildIndex(patterns))
}

class IndexedMatcher implements Matcher {
  givenUp = 0
  private readonly index: TemplateIndex
  /** The round in which each template was found last. */
  private readonly seen: Uint32Array
  private round = 0
  private found: Filed[] = []
  /** One text at a time: its tokens need no memory of their own. */
  private readonly room = createTokens(windows.headCharacters)

  constructor(index: TemplateIndex) {
    this.index = index
    this.seen = new Uint32Array(index.size)
  }

  match(prompt: MinedPrompt): Match | null {
    if (this.index.size === 0) return null
    this.round = this.round === 0xffffffff ? 1 : this.round + 1
    if (this.round === 1) this.seen.fill(0)
    this.found = []
    const salt = toSalt(prompt.structure)
    this.collect(prompt.system, marks.systemStart, marks.systemEnd, salt)
    this.collect(prompt.user, marks.userStart, marks.userEnd, salt)
    if (this.found.length === 0) return null
    this.found.sort((a, b) => a.order - b.order)
    return this.tryFound(prompt)
  }

  private tryFound(prompt: MinedPrompt): Match | null {
    const search = { charactersLeft: maxSearched }
    const offered = new Set(listTools(prompt.structure))
    for (const [index, { pattern, template, tools }] of this.found.entries()) {
      if (index >= maxTried || search.charactersLeft <= 0) {
        this.givenUp++
        return null
      }
      if (!offersEnough(tools.needed, tools.names, offered)) continue
      const fit = fitTexts(template, prompt, search)
      if (fit !== null) return { pattern, template, ...fit }
    }
    return null
  }

  private collect(text: string | null, start: number, end: number, salt: number): void {
    if (text === null) return
    const { head, headCharacters, tail, tailCharacters } = windows
    const whole = text.length <= headCharacters
    const tokens = tokenize(whole ? text : text.slice(0, headCharacters), this.room, head + tail)
    // The limit was reached, perhaps exactly at the end: then the end is looked at twice.
    if (whole && tokens.count < head + tail) return this.lookUp(tokens, 0, tokens.count, start, end, salt)
    this.lookUp(tokens, 0, Math.min(head, tokens.count), start, null, salt)
    const ending = tokenize(text.slice(-tailCharacters), this.room)
    this.lookUp(ending, Math.max(0, ending.count - tail), ending.count, null, end, salt)
  }

  private lookUp(
    { hashes }: Tokens,
    from: number,
    to: number,
    start: number | null,
    end: number | null,
    salt: number,
  ): void {
    const { byGram, byToken } = this.index
    let before = 0
    let last = start ?? 0
    for (let place = from; place <= to; place++) {
      if (place === to && end === null) return
      const hash = place === to ? (end as number) : (hashes[place] as number)
      const gram = shortGram(before, last, hash, salt)
      if (place > from && mayHold(this.index, gram)) this.add(byGram.get(gram))
      if (byToken.size > 0) this.add(byToken.get(toTokenKey(hash, salt)))
      before = last
      last = hash
    }
  }

  private add(filed: Filed[] | undefined): void {
    if (filed === undefined) return
    for (const one of filed) {
      if (this.seen[one.order] === this.round) continue
      this.seen[one.order] = this.round
      // One more than is tried: so it shows that there was too much.
      if (this.found.push(one) > 4 * maxTried) return
    }
  }
}

/** Fits one template to a prompt: both texts, and the tools on offer. */
export function fitTemplate(template: MinedTemplate, prompt: MinedPrompt): Pick<Match, 'slots' | 'explanation'> | null {
  const names = listTools(template.structure)
  const isFit = offersEnough(countNeeded(names, template.leastTools), names, new Set(listTools(prompt.structure)))
  return isFit ? fitTexts(template, prompt, { charactersLeft: Number.POSITIVE_INFINITY }) : null
}

function fitTexts(
  template: MinedTemplate,
  prompt: MinedPrompt,
  search: { charactersLeft: number },
): Pick<Match, 'slots' | 'explanation'> | null {
  const system = fitText(template.system, prompt.system, search)
  const user = system && fitText(template.user, prompt.user, search)
  if (system === null || user === null || !holdsAsked(template, prompt, search)) return null
  const explanation = [...explain('system', system), ...explain('user', user)]
  const slots: Record<string, string> = {}
  for (const piece of explanation) if (piece.slot !== null) slots[piece.slot] = piece.text
  return { slots, explanation }
}

const nothing: Fitting = { pieces: [] }

/** A later request of a conversation that the provider keeps need not repeat a text that is free. */
function fitText(
  parts: TemplatePart[] | null,
  text: string | null,
  search: { charactersLeft: number },
): Fitting | null {
  if (parts === null) return text === null ? nothing : null
  if (text !== null) return fitParts(parts, text, search)
  return parts.length === 1 && 'slot' in (parts[0] as TemplatePart) ? nothing : null
}

function holdsAsked(
  { requires, excludes }: MinedTemplate,
  { system, user }: MinedPrompt,
  search: { charactersLeft: number },
): boolean {
  const holds = (text: string): boolean => {
    search.charactersLeft -= (system?.length ?? 0) + (user?.length ?? 0)
    return (user ?? '').includes(text) || (system ?? '').includes(text)
  }
  return requires.every(holds) && !excludes.some(holds)
}

function explain(side: 'system' | 'user', fitting: Fitting): ExplainedPiece[] {
  return fitting.pieces.map((piece) => ({ in: side, ...piece }))
}
