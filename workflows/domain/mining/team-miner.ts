/**
 * The miner as a team's traffic uses it: batches of prompts in, and out comes what changes for exchanges that are
 * stored already. Pure and deterministic: how prompts are cut into batches makes no difference to what is learned.
 *
 * Until a template is learned, prompts are told apart by their opening (see fingerprint.ts). A template whose prompts
 * are exactly those of one opening takes its place only with some evidence: of few prompts nobody can tell what is
 * fixed, and the opening fixes less. Everywhere else a template counts from the moment it is found.
 */
import { OpeningBook } from './opening-book.ts'
import { createTemplateMiner, type TemplateMiner } from './template-miner.ts'
import type { MinerSnapshot } from './state.ts'
import { joinChanges, noChanges, type TeamChanges } from './team-changes.ts'
import {
  defaultLimits,
  type Limits,
  type LineageEvent,
  type MinedPattern,
  type MinedPrompt,
  type Override,
} from './types.ts'

/** So many prompts before a template takes the place of the one opening that tells its prompts apart just as well. */
const minAlone = 12

/** Plain JSON; version 1. */
export interface TeamSnapshot {
  version: 1
  miner: MinerSnapshot
  /** Patterns that count: all that were ever told. */
  told: string[]
}

export interface TeamMiner {
  /**
   * `null` = a request without a prompt. `patterns`: what each prompt belongs to after the last one; `null` = no
   * template is known for it.
   */
  learn(prompts: (MinedPrompt | null)[]): TeamChanges & { patterns: (string | null)[] }
  /** Which template explains this prompt now. */
  find(prompt: MinedPrompt): string | null
  /** Groups all evidence now. */
  cluster(): TeamChanges
  apply(override: Override): (TeamChanges & { pattern: string }) | { refused: string }
  /** The patterns that count. */
  patterns(): MinedPattern[]
  /**
   * For every opening of the evidence: how many of its prompts no pattern explains, and the patterns that explain the
   * others.
   */
  openings(): Map<string, { unexplained: number; patterns: Set<string> }>
  snapshot(): TeamSnapshot
  size(): ReturnType<TemplateMiner['size']>
}

/**
 * `firstPattern`: patterns get numbers from here on, where a team's earlier state is lost and its patterns are still
 * referred to.
 */
export function createTeamMiner(
  limits: Limits = defaultLimits,
  from: TeamSnapshot | null = null,
  firstPattern = 1,
): TeamMiner {
  return new TeamPatterns(createTemplateMiner(limits, from?.miner ?? startAt(firstPattern)), from?.told ?? [])
}

class TeamPatterns implements TeamMiner {
  private readonly told: Set<string>
  private readonly book: OpeningBook
  /** Each told pattern's templates, in one word. */
  private readonly forms = new Map<string, string>()

  private readonly miner: TemplateMiner

  constructor(miner: TemplateMiner, told: readonly string[]) {
    this.miner = miner
    this.told = new Set(told)
    this.book = new OpeningBook(miner.evidence(), (pattern) => this.told.has(pattern))
    for (const pattern of this.patterns()) this.forms.set(pattern.id, toForm(pattern))
  }

  learn(prompts: (MinedPrompt | null)[]): TeamChanges & { patterns: (string | null)[] } {
    const all = noChanges()
    for (const prompt of prompts) {
      if (prompt === null) continue
      const { events, clustered } = this.miner.learn(prompt)
      if (clustered) joinChanges(all, this.settle(events))
    }
    return { ...all, patterns: prompts.map((prompt) => prompt && this.find(prompt)) }
  }

  find(prompt: MinedPrompt): string | null {
    const match = this.miner.matcher().match(prompt)
    return match !== null && this.told.has(match.pattern) ? match.pattern : null
  }

  cluster(): TeamChanges {
    return this.settle(this.miner.cluster())
  }

  apply(override: Override): (TeamChanges & { pattern: string }) | { refused: string } {
    const applied = this.miner.apply(override)
    if ('refused' in applied) return applied
    this.told.add(applied.pattern)
    if (override.kind === 'merge') this.forget(override.from)
    const changes = this.settle([])
    // A person's split counts however few prompts follow it so far.
    const patterns =
      override.kind === 'split' ? [...new Set([...changes.review.patterns, override.pattern])] : changes.review.patterns
    return { ...changes, review: { ...changes.review, patterns }, events: applied.events, pattern: applied.pattern }
  }

  patterns(): MinedPattern[] {
    return this.miner.patterns().filter(({ id }) => this.told.has(id))
  }

  openings(): Map<string, { unexplained: number; patterns: Set<string> }> {
    return this.book.summarise(this.miner.evidence())
  }

  snapshot(): TeamSnapshot {
    return { version: 1, miner: this.miner.snapshot(), told: [...this.told] }
  }

  size(): ReturnType<TemplateMiner['size']> {
    return this.miner.size()
  }

  /** After a clustering: which patterns count now, and what follows for the stored. O(evidence). */
  private settle(events: LineageEvent[]): TeamChanges {
    const allEvents = [...this.tellNew(), ...events.flatMap((event) => this.keepTold(event))]
    for (const event of events)
      if (event.kind === 'retired' || event.kind === 'merge')
        this.forget(event.kind === 'merge' ? event.from : event.pattern)
    return { ...this.book.renew(this.miner.evidence()), changed: this.takeChanged(), events: allEvents }
  }

  /** Patterns that count from now on. */
  private tellNew(): LineageEvent[] {
    const candidates = this.miner.patterns().filter(({ id }) => !this.told.has(id))
    if (candidates.length === 0) return []
    const sizes = new Map<string, number>()
    const openings = new Map<string, Set<string | null>>()
    const members = new Map<string, number>()
    for (const row of this.miner.evidence()) {
      const opening = this.book.readOpening(row)
      if (opening !== null) sizes.set(opening, (sizes.get(opening) ?? 0) + 1)
      if (row.pattern === null) continue
      members.set(row.pattern, (members.get(row.pattern) ?? 0) + 1)
      openings.set(row.pattern, (openings.get(row.pattern) ?? new Set()).add(opening))
    }
    return candidates.flatMap(({ id, count }): LineageEvent[] => {
      const own = [...(openings.get(id) ?? [])]
      const alone = own.length === 1 && typeof own[0] === 'string' && sizes.get(own[0]) === members.get(id)
      if (own.length === 0 || (alone && count < minAlone)) return []
      this.told.add(id)
      return [{ kind: 'found', pattern: id, reason: `${count} prompts share its fixed text` }]
    })
  }

  /** Events are of patterns that count; that one was found is said when it begins to. */
  private keepTold(event: LineageEvent): LineageEvent[] {
    if (event.kind === 'found' || !this.told.has(event.pattern)) return []
    if (event.kind === 'merge') return this.told.has(event.from) ? [event] : []
    if (event.kind === 'retired') return [event]
    const into = event.into.filter((part) => this.told.has(part))
    return into.length === 0 ? [] : [{ ...event, into }]
  }

  private forget(pattern: string): void {
    this.told.delete(pattern)
    this.forms.delete(pattern)
  }

  private takeChanged(): MinedPattern[] {
    return this.patterns().filter((pattern) => {
      const form = toForm(pattern)
      if (this.forms.get(pattern.id) === form) return false
      this.forms.set(pattern.id, form)
      return true
    })
  }
}

function startAt(firstPattern: number): MinerSnapshot | null {
  return firstPattern <= 1
    ? null
    : {
        version: 1,
        sequence: 0,
        pending: 0,
        running: null,
        nextId: firstPattern,
        rows: [],
        groups: [],
        records: [],
        merged: [],
        rules: [],
      }
}

/**
 * Changes exactly when the templates do: the version rises with them, people add and take away conditions and forms.
 */
function toForm({ version, templates }: MinedPattern): string {
  return `${version} ${templates.map(({ requires, excludes }) => `${requires.length}/${excludes.length}`).join(' ')}`
}
