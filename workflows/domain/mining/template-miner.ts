/**
 * Learns patterns from prompts as they come, one pass, in bounded memory. Pure and deterministic: the same prompts and
 * overrides in the same order give the same state, so a snapshot and the prompts since it restore the miner anywhere.
 *
 * A prompt is matched against what is known, then kept as evidence. Whenever the evidence has grown by an eighth, all
 * of it is grouped anew; groups keep their numbers by what they have in common with the old ones. So order hardly
 * matters: a late prompt can split or merge what early ones suggested. A team has one miner, and it is used by one
 * caller.
 */
import { Evidence, hashRows } from './concepts.ts'
import { groupPrompts } from './grouping.ts'
import { inheritNumbers, tellLineage } from './lineage.ts'
import { createMatcher, type Match, type Matcher } from './template-matcher.ts'
import { applyOverride, formsOf, listPatterns, patternOf, type Applied } from './people.ts'
import { hashStructure, toSequence } from './sequence.ts'
import {
  clipPrompt,
  createState,
  fromSnapshot,
  sizeOf,
  toSnapshot,
  type KnownGroup,
  type MinerSnapshot,
  type MinerState,
  type Row,
} from './state.ts'
import { buildTemplate } from './template.ts'
import { splitByTools, toToolRule } from './tool-groups.ts'
import {
  defaultLimits,
  type Limits,
  type LineageEvent,
  type MinedPattern,
  type MinedPrompt,
  type MinedTemplate,
  type Override,
} from './types.ts'
import { minSupport } from './weights.ts'

export interface TemplateMiner {
  /**
   * The prompt's pattern as known so far, and what this prompt made the miner find out. Amortised O(length × log of
   * the evidence).
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
  const state = from === null ? createState() : fromSnapshot(from)
  let known = index(state)
  const built = new Map<number, number>()

  function cluster(): LineageEvent[] {
    state.pending = 0
    const events = regroup(state, limits, built)
    known = index(state)
    for (const row of state.rows.values()) {
      if (row.group === 0) row.group = known.groupOf(known.matcher.match(row.prompt))
    }
    for (const row of state.rows.values()) recount(state, row)
    forgetExcess(state, limits)
    return events
  }

  return {
    learn(prompt) {
      const match = known.matcher.match(prompt)
      const kept = clipPrompt(prompt, limits)
      const row: Row = {
        id: ++state.sequence,
        prompt: kept,
        group: known.groupOf(match),
        pattern: null,
        sequence: toSequence(kept),
      }
      state.rows.set(row.id, row)
      state.characters += sizeOf(kept)
      const group = state.groups.get(row.group)
      if (group) group.lastSeen = row.id
      recount(state, row)
      state.pending++
      if (state.pending >= Math.max(limits.clusterEvery, state.rows.size >> 3))
        return { match, events: cluster(), clustered: true }
      forgetExcess(state, limits)
      return { match, events: [], clustered: false }
    },
    cluster,
    apply(override) {
      const applied = applyOverride(state, override, limits)
      if ('refused' in applied) return applied
      for (const row of state.rows.values()) recount(state, row)
      moveCount(state, override, applied.pattern)
      known = index(state)
      return applied
    },
    patterns: () => listPatterns(state),
    matcher: () => known.matcher,
    evidence: () => state.rows.values(),
    snapshot: () => toSnapshot(state),
    size: () => ({ evidence: state.rows.size, characters: state.characters, patterns: state.groups.size }),
  }
}

/** The matcher over all forms of all groups, and the group of what it answers. */
function index(state: MinerState): { matcher: Matcher; groupOf: (match: Match | null) => number } {
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

/** Clusters the evidence and renews groups and templates. O(tokens of the evidence × depth of what it shares). */
function regroup(state: MinerState, limits: Limits, built: Map<number, number>): LineageEvent[] {
  const rows = [...state.rows.values()]
  const before = new Map(rows.map((row) => [row.id, row.group]))
  const old = new Map([...state.groups.values()].map((group) => [group.id, group.template]))
  const evidence = new Evidence(
    rows.map((row) => row.sequence),
    limits.maxCandidates,
  )
  const groups = groupPrompts(evidence).flatMap((group) => splitByTools(group, rows))
  const numbers = inheritNumbers(groups, rows)
  const examples = new Map<number, number>()
  for (const row of rows) examples.set(row.group, (examples.get(row.group) ?? 0) + 1)
  // A pattern of which little is remembered cannot be judged anew: it stays as it is, with its prompts.
  const stays = (number: number): boolean =>
    number !== 0 && !numbers.includes(number) && (examples.get(number) ?? 0) < minSupport
  for (const row of rows) if (!stays(row.group)) row.group = 0
  for (const number of old.keys()) if (!numbers.includes(number) && !stays(number)) state.groups.delete(number)
  groups.forEach((group, order) => {
    const number = numbers[order] || state.nextId++
    const members = [...group.rows].map((member) => rows[member] as Row)
    for (const row of members) row.group = number
    const known = state.groups.get(number)
    const print = hashRows(members.map((row) => row.id))
    if (known && built.get(number) === print) return
    built.set(number, print)
    const template = {
      ...buildTemplate(members, group.concept, rows[group.concept.base] as Row),
      ...toToolRule(members.map(({ prompt }) => prompt.structure)),
    }
    state.groups.set(number, renew(known, number, template, (members[members.length - 1] as Row).id))
  })
  const events = tellLineage(state, before, old)
  for (const number of built.keys()) if (!state.groups.has(number)) built.delete(number)
  return [...events, ...retireExcess(state, limits)]
}

function renew(known: KnownGroup | undefined, id: number, template: MinedTemplate, lastSeen: number): KnownGroup {
  if (!known) return { id, template, version: 1, lastSeen }
  return JSON.stringify(known.template) === JSON.stringify(template)
    ? known
    : { ...known, template, version: known.version + 1 }
}

/** Beyond the limit the groups not seen for longest go. */
function retireExcess(state: MinerState, limits: Limits): LineageEvent[] {
  if (state.groups.size <= limits.maxPatterns) return []
  const oldest = [...state.groups.values()]
    .sort((a, b) => a.lastSeen - b.lastSeen || a.id - b.id)
    .slice(0, state.groups.size - limits.maxPatterns)
  for (const { id } of oldest) state.groups.delete(id)
  for (const row of state.rows.values()) if (!state.groups.has(row.group)) row.group = 0
  return oldest.map(({ id }) => ({
    kind: 'retired',
    pattern: `p${id}`,
    reason: `more than ${limits.maxPatterns} patterns; this one was not seen for longest`,
  }))
}

/** Moves a prompt's count to the pattern it belongs to now. */
function recount(state: MinerState, row: Row): void {
  const pattern = patternOf(state, row.group, row.prompt)
  if (pattern === row.pattern) return
  const left = row.pattern === null ? undefined : state.records.get(row.pattern)
  if (left) left.count--
  row.pattern = pattern
  if (pattern === null) return
  const record = state.records.get(pattern) ?? {
    title: null,
    muted: false,
    count: 0,
    firstSeen: row.id,
    lastSeen: row.id,
  }
  record.count++
  record.firstSeen = Math.min(record.firstSeen, row.id)
  record.lastSeen = Math.max(record.lastSeen, row.id)
  state.records.set(pattern, record)
}

/** What is counted but no longer kept as evidence follows a merge; after a split it stays with the older part. */
function moveCount(state: MinerState, override: Override, into: string): void {
  const target = state.records.get(into)
  if (override.kind === 'split' && !target)
    state.records.set(into, {
      title: null,
      muted: false,
      count: 0,
      firstSeen: state.sequence,
      lastSeen: state.sequence,
    })
  const source = override.kind === 'merge' ? state.records.get(override.from) : undefined
  if (!source || !target || source === target) return
  target.count += source.count
  target.firstSeen = Math.min(target.firstSeen, source.firstSeen)
  target.lastSeen = Math.max(target.lastSeen, source.lastSeen)
  state.records.delete((override as { from: string }).from)
}

/**
 * Keeps the evidence within its limits. When they are exceeded, of every pattern an even sample stays: the prompts with
 * the lowest hashes, whatever their order (bottom-k sampling, Cohen and Kaplan 2007). Then the oldest prompts without a
 * pattern go, then the oldest.
 */
function forgetExcess(state: MinerState, limits: Limits): void {
  const exceeds = (): boolean => state.rows.size > limits.maxEvidence || state.characters > limits.maxEvidenceCharacters
  if (!exceeds()) return
  const byGroup = new Map<number, Row[]>()
  for (const row of state.rows.values()) {
    const list = byGroup.get(row.group)
    if (list) list.push(row)
    else byGroup.set(row.group, [row])
  }
  const forget = (row: Row): void => {
    if (state.rows.delete(row.id)) state.characters -= sizeOf(row.prompt)
  }
  for (const [group, rows] of byGroup) {
    if (group === 0 || rows.length <= limits.maxExamples) continue
    const hashed = rows.map((row) => ({
      row,
      hash: hashStructure(`${row.prompt.system ?? ''}\n${row.prompt.user ?? ''}`) >>> 0,
    }))
    hashed.sort((a, b) => a.hash - b.hash || a.row.id - b.row.id)
    for (const { row } of hashed.slice(limits.maxExamples)) forget(row)
  }
  for (const row of byGroup.get(0) ?? []) if (exceeds()) forget(row)
  for (const row of state.rows.values()) if (exceeds()) forget(row)
}
