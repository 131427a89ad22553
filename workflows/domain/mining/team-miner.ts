/**
 * The miner as a team's traffic uses it: batches of prompts in, and out comes what changes for exchanges that are
 * stored already. Pure and deterministic: how prompts are cut into batches makes no difference to what is learned.
 *
 * Until a template is learned, prompts are told apart by their opening (see fingerprint.ts). A template whose prompts
 * are exactly those of one opening takes its place only with some evidence: of few prompts nobody can tell what is
 * fixed, and the opening fixes less. Everywhere else a template counts from the moment it is found.
 */
import { fingerprintTexts } from '../patterns/fingerprint.ts'
import { createLearner, type Learner } from './template-miner.ts'
import type { LearnerSnapshot } from './state.ts'
import {
  defaultLimits,
  type Limits,
  type LineageEvent,
  type MinedPattern,
  type MinedPrompt,
  type Override,
} from './types.ts'
import { minSupport } from './weights.ts'

/** So many prompts before a template takes the place of the one opening that tells its prompts apart just as well. */
const aloneMin = 12

/** Plain JSON; version 1. */
export interface TeamSnapshot {
  version: 1
  learner: LearnerSnapshot
  /** Patterns that count: all that were ever told. */
  told: string[]
}

/** What a batch, or a person's word, changes. */
export interface TeamChanges {
  /** New patterns, and ones whose templates changed. */
  changed: MinedPattern[]
  events: LineageEvent[]
  /**
   * Stored exchanges of these patterns, and of these openings (by hash, with the pattern that explains prompts of it),
   * may belong elsewhere now.
   */
  review: { patterns: string[]; openings: [hash: string, pattern: string][] }
  /** Openings, once explained by a pattern, that have prompts outside it: they stand for themselves again. */
  contradicted: string[]
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
  size(): ReturnType<Learner['size']>
}

/**
 * `firstPattern`: patterns get numbers from here on, where a team's earlier state is lost and its patterns are still
 * referred to.
 */
// oxlint-disable-next-line max-lines-per-function -- a factory: its functions share one state
export function createTeamMiner(
  limits: Limits = defaultLimits,
  from: TeamSnapshot | null = null,
  firstPattern = 1,
): TeamMiner {
  const learner = createLearner(limits, from?.learner ?? startAt(firstPattern))
  const told = new Set(from?.told)
  /** What each kept prompt counted for when it was last looked at. */
  const placed = new Map<number, string | null>()
  const openingOf = new Map<number, string | null>()
  const absorbed = new Set<string>()
  const contradicted = new Set<string>()
  const forms = new Map<string, string>()
  for (const row of learner.evidence()) place(row.id, row.pattern, readOpening(row.id, row.prompt))
  for (const pattern of listTold()) forms.set(pattern.id, toForm(pattern))

  function listTold(): MinedPattern[] {
    return learner.patterns().filter(({ id }) => told.has(id))
  }

  function readOpening(row: number, prompt: MinedPrompt): string | null {
    let opening = openingOf.get(row)
    if (opening === undefined)
      openingOf.set(row, (opening = fingerprintTexts(prompt.system, prompt.user)?.hash ?? null))
    return opening
  }

  function place(row: number, pattern: string | null, opening: string | null): void {
    const counted = pattern !== null && told.has(pattern) ? pattern : null
    placed.set(row, counted)
    if (counted !== null && opening !== null) absorbed.add(opening)
  }

  /** After a clustering: which patterns count now, and what follows for the stored. O(evidence). */
  // oxlint-disable-next-line complexity -- one branch for each form that is allowed; to be split by form
  function settle(events: LineageEvent[]): TeamChanges {
    const found = tellNew()
    const changes: TeamChanges = {
      changed: [],
      events: [...found, ...events.flatMap(keepTold)],
      review: { patterns: [], openings: [] },
      contradicted: [],
    }
    for (const event of events)
      if (event.kind === 'retired' || event.kind === 'merge')
        forget(event.kind === 'merge' ? event.from : event.pattern)
    const left = new Map<string, number>()
    const openings = new Map<string, [string, string]>()
    const alive = new Set<number>()
    const open = new Set<string>()
    for (const row of learner.evidence()) {
      alive.add(row.id)
      const opening = readOpening(row.id, row.prompt)
      const before = placed.get(row.id)
      const now = row.pattern !== null && told.has(row.pattern) ? row.pattern : null
      if (now === null && row.pattern === null && opening !== null) open.add(opening)
      place(row.id, row.pattern, opening)
      if (before === undefined || before === now) continue
      if (before !== null) left.set(before, (left.get(before) ?? 0) + 1)
      else if (opening !== null && now !== null) openings.set(`${opening} ${now}`, [opening, now])
    }
    for (const row of placed.keys()) {
      if (alive.has(row)) continue
      placed.delete(row)
      openingOf.delete(row)
    }
    for (const [opening] of openings.values()) contradicted.delete(opening)
    for (const opening of open) {
      if (!absorbed.has(opening) || contradicted.has(opening)) continue
      contradicted.add(opening)
      changes.contradicted.push(opening)
    }
    // A few prompts that change sides say nothing of the others: a pattern's stored exchanges are worth a look where
    // enough have left it to be a pattern.
    const patterns = [...left].flatMap(([pattern, count]) => (count >= minSupport ? [pattern] : []))
    changes.review = { patterns, openings: [...openings.values()] }
    changes.changed = takeChanged()
    return changes
  }

  /** Patterns that count from now on. */
  function tellNew(): LineageEvent[] {
    const candidates = learner.patterns().filter(({ id }) => !told.has(id))
    if (candidates.length === 0) return []
    const sizes = new Map<string, number>()
    const openings = new Map<string, Set<string | null>>()
    const members = new Map<string, number>()
    for (const row of learner.evidence()) {
      const opening = readOpening(row.id, row.prompt)
      if (opening !== null) sizes.set(opening, (sizes.get(opening) ?? 0) + 1)
      if (row.pattern === null) continue
      members.set(row.pattern, (members.get(row.pattern) ?? 0) + 1)
      openings.set(row.pattern, (openings.get(row.pattern) ?? new Set()).add(opening))
    }
    return candidates.flatMap(({ id, count }): LineageEvent[] => {
      const own = [...(openings.get(id) ?? [])]
      const alone = own.length === 1 && typeof own[0] === 'string' && sizes.get(own[0]) === members.get(id)
      if (own.length === 0 || (alone && count < aloneMin)) return []
      told.add(id)
      return [{ kind: 'found', pattern: id, reason: `${count} prompts share its fixed text` }]
    })
  }

  /** Events are of patterns that count; that one was found is said when it begins to. */
  function keepTold(event: LineageEvent): LineageEvent[] {
    if (event.kind === 'found' || !told.has(event.pattern)) return []
    if (event.kind === 'merge') return told.has(event.from) ? [event] : []
    if (event.kind === 'retired') return [event]
    const into = event.into.filter((part) => told.has(part))
    return into.length === 0 ? [] : [{ ...event, into }]
  }

  function forget(pattern: string): void {
    told.delete(pattern)
    forms.delete(pattern)
  }

  function takeChanged(): MinedPattern[] {
    return listTold().filter((pattern) => {
      const form = toForm(pattern)
      if (forms.get(pattern.id) === form) return false
      forms.set(pattern.id, form)
      return true
    })
  }

  function find(prompt: MinedPrompt): string | null {
    const match = learner.matcher().match(prompt)
    return match !== null && told.has(match.pattern) ? match.pattern : null
  }

  return {
    find,
    learn(prompts) {
      const all: TeamChanges = { changed: [], events: [], review: { patterns: [], openings: [] }, contradicted: [] }
      for (const prompt of prompts) {
        if (prompt === null) continue
        const { events, clustered } = learner.learn(prompt)
        if (clustered) join(all, settle(events))
      }
      return { ...all, patterns: prompts.map((prompt) => prompt && find(prompt)) }
    },
    cluster: () => settle(learner.cluster()),
    apply(override) {
      const applied = learner.apply(override)
      if ('refused' in applied) return applied
      told.add(applied.pattern)
      if (override.kind === 'merge') forget(override.from)
      const changes = settle([])
      // A person's split counts however few prompts follow it so far.
      const patterns =
        override.kind === 'split'
          ? [...new Set([...changes.review.patterns, override.pattern])]
          : changes.review.patterns
      return { ...changes, review: { ...changes.review, patterns }, events: applied.events, pattern: applied.pattern }
    },
    patterns: listTold,
    openings() {
      const openings = new Map<string, { unexplained: number; patterns: Set<string> }>()
      for (const row of learner.evidence()) {
        const opening = readOpening(row.id, row.prompt)
        if (opening === null) continue
        const entry = openings.get(opening) ?? { unexplained: 0, patterns: new Set<string>() }
        openings.set(opening, entry)
        if (row.pattern !== null && told.has(row.pattern)) entry.patterns.add(row.pattern)
        else entry.unexplained++
      }
      return openings
    },
    snapshot: () => ({ version: 1, learner: learner.snapshot(), told: [...told] }),
    size: () => learner.size(),
  }
}

function startAt(firstPattern: number): LearnerSnapshot | null {
  return firstPattern <= 1
    ? null
    : {
        version: 1,
        sequence: 0,
        pending: 0,
        nextId: firstPattern,
        rows: [],
        groups: [],
        records: [],
        merged: [],
        rules: [],
      }
}

function join(all: TeamChanges, more: TeamChanges): void {
  const changed = new Map([...all.changed, ...more.changed].map((pattern) => [pattern.id, pattern]))
  all.changed = [...changed.values()]
  all.events.push(...more.events)
  all.review = {
    patterns: [...new Set([...all.review.patterns, ...more.review.patterns])],
    openings: [...all.review.openings, ...more.review.openings],
  }
  all.contradicted = [...new Set([...all.contradicted, ...more.contradicted])]
}

/**
 * Changes exactly when the templates do: the version rises with them, people add and take away conditions and forms.
 */
function toForm({ version, templates }: MinedPattern): string {
  return `${version} ${templates.map(({ requires, excludes }) => `${requires.length}/${excludes.length}`).join(' ')}`
}
