/**
 * Learns patterns from prompts as they come, one pass, in bounded memory and bounded steps. Pure and deterministic: the
 * same prompts and overrides in the same order give the same state, so a snapshot and the prompts since it restore the
 * miner anywhere.
 *
 * A prompt is matched against what is known, then kept as evidence. Whenever the evidence has grown by an eighth, all
 * of it is grouped anew, a portion with each prompt that comes; groups keep their numbers by what they have in common
 * with the old ones. So order hardly matters: a late prompt can split or merge what early ones suggested. Prompts of a
 * pattern that changes no more are counted, and a few examples of them are kept.
 */
import { applyPlan, isSettled, planClustering, type Plan } from './clustering.ts'
import { moveCount, recount } from './counting.ts'
import { forgetExamples, forgetExcess } from './forgetting.ts'
import { applyOverride, formsOf, listPatterns, type Applied } from './people.ts'
import { hashStructure, toSequence } from './sequence.ts'
import {
  clipPrompt,
  createState,
  fromSnapshot,
  sizeOf,
  toSnapshot,
  type MinerSnapshot,
  type MinerState,
  type Row,
} from './state.ts'
import { createMatcher, type Match, type Matcher } from './template-matcher.ts'
import {
  defaultLimits,
  type Limits,
  type LineageEvent,
  type MinedPattern,
  type MinedPrompt,
  type MinedTemplate,
  type Override,
} from './types.ts'
import { advance, type Work } from './work.ts'

export interface TemplateMiner {
  /**
   * The prompt's pattern as known so far, and what this prompt made the miner find out. No step does more than a
   * portion of a clustering.
   */
  learn(prompt: MinedPrompt): { match: Match | null; events: LineageEvent[]; clustered: boolean }
  /** Groups all evidence now; `learn` does it when due. About 0.2 ms a kept prompt. */
  cluster(): LineageEvent[]
  apply(override: Override): Applied
  patterns(): MinedPattern[]
  matcher(): Matcher
  /** What is kept as evidence, oldest first; `pattern` is what each prompt belongs to now. */
  evidence(): Iterable<Pick<Row, 'id' | 'prompt' | 'pattern'>>
  snapshot(): MinerSnapshot
  /** How much is kept, against the limits. */
  size(): { evidence: number; characters: number; patterns: number }
}

export function createTemplateMiner(limits: Limits = defaultLimits, from: MinerSnapshot | null = null): TemplateMiner {
  return new TemplatePatterns(from === null ? createState() : fromSnapshot(from), limits)
}

/** Tokens that one step of a clustering looks at. */
const portion = 40_000
class TemplatePatterns implements TemplateMiner {
  private readonly state: MinerState
  private readonly limits: Limits
  private readonly built = new Map<number, number>()
  private index: ReturnType<typeof buildIndex>
  private work: Work<Plan> | null = null
  /** Kept prompts of each settled group, and the conversations whose first prompt is kept. */
  private examples = new Map<number, Row[]>()
  private conversations = new Set<number>()

  constructor(state: MinerState, limits: Limits) {
    this.state = state
    this.limits = limits
    this.index = buildIndex(state)
    this.listKept()
    const { running } = state
    if (running === null) return
    this.work = this.plan(running.upTo)
    for (let step = 0; step < running.steps; step++) advance(this.work, portion)
  }

  learn(prompt: MinedPrompt): { match: Match | null; events: LineageEvent[]; clustered: boolean } {
    const match = this.index.matcher.match(prompt)
    const conversation = hashConversation(prompt)
    if (conversation === null || !this.conversations.has(conversation)) this.keep(prompt, match)
    if (conversation !== null) this.conversations.add(conversation)
    const events = this.goOn()
    return { match, events: events ?? [], clustered: events !== null }
  }

  cluster(): LineageEvent[] {
    this.begin()
    const plan = this.work && advance(this.work, Number.POSITIVE_INFINITY)
    return plan === null ? [] : this.end(plan.result)
  }

  apply(override: Override): Applied {
    const applied = applyOverride(this.state, override, this.limits)
    if ('refused' in applied) return applied
    for (const row of this.state.rows.values()) recount(this.state, row)
    moveCount(this.state, override, applied.pattern)
    this.index = buildIndex(this.state)
    return applied
  }

  patterns(): MinedPattern[] {
    return listPatterns(this.state)
  }

  matcher(): Matcher {
    return this.index.matcher
  }

  evidence(): Iterable<Row> {
    return this.state.rows.values()
  }

  snapshot(): MinerSnapshot {
    return toSnapshot(this.state)
  }

  size(): { evidence: number; characters: number; patterns: number } {
    const { rows, characters, groups } = this.state
    return { evidence: rows.size, characters, patterns: groups.size }
  }

  private keep(prompt: MinedPrompt, match: Match | null): void {
    const { state, limits } = this
    const kept = clipPrompt(prompt, limits)
    const id = ++state.sequence
    const row: Row = { id, prompt: kept, group: this.index.groupOf(match), pattern: null, sequence: toSequence(kept) }
    state.rows.set(id, row)
    state.characters += sizeOf(kept)
    const group = state.groups.get(row.group)
    if (group) {
      group.lastSeen = id
      group.fits++
    }
    recount(state, row)
    if (group && isSettled(group)) this.keepExample(row)
    else state.pending++
    if (this.work === null) forgetExcess(state, limits)
  }

  private keepExample(row: Row): void {
    const rows = this.examples.get(row.group) ?? []
    rows.push(row)
    this.examples.set(row.group, rows)
    // What a clustering looks at stays until it has ended.
    if (this.work !== null || rows.length <= 2 * this.limits.maxExamples) return
    forgetExamples(this.state, rows, this.limits.maxExamples)
    this.examples.set(
      row.group,
      rows.filter(({ id }) => this.state.rows.has(id)),
    )
  }

  /** `null` = no clustering has ended. */
  private goOn(): LineageEvent[] | null {
    const { state, limits } = this
    if (this.work === null) {
      if (state.pending < Math.max(limits.clusterEvery, state.rows.size >> 3)) return null
      this.begin()
    }
    if (this.work === null || state.running === null) return null
    state.running.steps++
    const plan = advance(this.work, portion)
    return plan === null ? null : this.end(plan.result)
  }

  private begin(): void {
    this.state.pending = 0
    if (this.work !== null) return
    this.state.running = { upTo: this.state.sequence, steps: 0 }
    this.work = this.plan(this.state.sequence)
  }

  private plan(upTo: number): Work<Plan> {
    return planClustering(this.state, upTo, this.limits, this.built)
  }

  private end(plan: Plan): LineageEvent[] {
    const { state, limits } = this
    this.work = null
    state.running = null
    const events = applyPlan(state, plan, limits, this.built)
    this.index = buildIndex(state)
    const { matcher, groupOf } = this.index
    for (const row of state.rows.values()) if (row.group === 0) row.group = groupOf(matcher.match(row.prompt))
    for (const row of state.rows.values()) recount(state, row)
    this.listKept()
    for (const [number, rows] of this.examples) {
      const group = state.groups.get(number)
      if (group && isSettled(group)) forgetExamples(state, rows, limits.maxExamples)
    }
    forgetExcess(state, limits)
    this.listKept()
    return events
  }

  private listKept(): void {
    this.examples = new Map()
    this.conversations = new Set()
    for (const row of this.state.rows.values()) {
      const conversation = hashConversation(row.prompt)
      if (conversation !== null) this.conversations.add(conversation)
      if (row.group === 0) continue
      const rows = this.examples.get(row.group)
      if (rows) rows.push(row)
      else this.examples.set(row.group, [row])
    }
  }
}

/** The same in all turns of a conversation, which repeat its first message. `null` = it is not known. */
function hashConversation({ conversation, user }: MinedPrompt): number | null {
  return conversation ? hashStructure(`${conversation}\n${user ?? ''}`) : null
}

/** The matcher over all forms of all groups, and the group of what it answers. */
function buildIndex(state: MinerState): { matcher: Matcher; groupOf: (match: Match | null) => number } {
  const groups = new Map<MinedTemplate, number>()
  const patterns: { id: string; templates: MinedTemplate[] }[] = []
  for (const group of state.groups.values()) {
    for (const { pattern, template } of formsOf(state, group.id, group.template)) {
      groups.set(template, group.id)
      patterns.push({ id: pattern, templates: [template] })
    }
  }
  return {
    matcher: createMatcher(patterns),
    groupOf: (match) => (match === null ? 0 : (groups.get(match.template) ?? 0)),
  }
}
