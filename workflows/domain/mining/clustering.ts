/**
 * Groups the evidence anew: first a plan, made in portions while prompts go on coming, which changes nothing; then what
 * it says is put into effect at once. Pure.
 */
import { collectEvidence, hashRows } from './concepts.ts'
import { groupPrompts } from './grouping.ts'
import { inheritNumbers, tellLineage } from './lineage.ts'
import type { KnownGroup, MinerState, Row } from './state.ts'
import { fitTemplate } from './template-matcher.ts'
import { buildTemplate } from './template.ts'
import { splitByTools, toToolRule } from './tool-groups.ts'
import type { Limits, LineageEvent, MinedTemplate } from './types.ts'
import { minSupport } from './weights.ts'
import type { Work } from './work.ts'

export interface Plan {
  /** The evidence that it is about. */
  rows: Row[]
  groups: PlannedGroup[]
}

interface PlannedGroup {
  /** The number of the old group it goes on from; 0 = it is new. */
  number: number
  members: Row[]
  template: MinedTemplate
  /** Prompts that are grouped with the others but do not follow the old template; `null` = the old one does not stay. */
  strangers: Row[] | null
  print: number
}

/** A template stays while it fits so many of its prompts. */
const stayingShare = 0.95
/** More prompts than that say no more about what a template's prompts look like now. */
const maxWitnesses = 64

/** `built`: of which members each group's template was made. */
export function* planClustering(
  state: MinerState,
  upTo: number,
  limits: Limits,
  built: ReadonlyMap<number, number>,
): Work<Plan> {
  const rows = [...state.rows.values()].filter(({ id }) => id <= upTo)
  const evidence = yield* collectEvidence(
    rows.map((row) => row.sequence),
    limits.maxCandidates,
  )
  const found = (yield* groupPrompts(evidence)).flatMap((group) => splitByTools(group, rows))
  const numbers = inheritNumbers(found, rows)
  const sizes = countGroups(rows)
  const groups: PlannedGroup[] = []
  for (const [order, group] of found.entries()) {
    const number = numbers[order] as number
    const members = [...group.rows].map((member) => rows[member] as Row)
    const print = hashRows(members.map((row) => row.id))
    const old = state.groups.get(number)
    if (old && built.get(number) === print)
      groups.push({ number, members, template: old.template, strangers: null, print })
    else {
      const template = {
        ...buildTemplate(members, group.concept, rows[group.concept.base] as Row),
        ...toToolRule(members.map(({ prompt }) => prompt.structure)),
      }
      const strangers = old ? findStrangers(old, template, members, sizes.get(number) ?? 0) : null
      groups.push({ number, members, template, strangers, print })
    }
    yield group.rows.length * evidence.lengthOf(group.concept.base)
  }
  return { rows, groups }
}

function countGroups(rows: Row[]): Map<number, number> {
  const sizes = new Map<number, number>()
  for (const { group } of rows) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return sizes
}

/**
 * `null` = the new template takes the old one's place: it says more of a part of the old group, or what the old one
 * said was chance.
 */
function findStrangers(old: KnownGroup, template: MinedTemplate, members: Row[], oldSize: number): Row[] | null {
  const strangers = members.filter(({ prompt }) => fitTemplate(old.template, prompt) === null)
  if (template.weight < old.template.weight) return strangers
  const isWhole = members.filter(({ group }) => group === old.id).length === oldSize
  return isWhole && isSettled(old) ? strangers : null
}

/** A template that so many prompts have followed since it changed changes no more, as far as anybody can tell. */
const settledFits = 24

export function isSettled({ fits }: KnownGroup): boolean {
  return fits >= settledFits
}

/** Whether the old template stays, by how many prompts follow it and how many do not. */
function stays(old: KnownGroup, { members, strangers }: PlannedGroup): boolean {
  if (strangers === null) return false
  const witnesses = Math.max(members.length, Math.min(old.fits, maxWitnesses))
  return strangers.length <= witnesses * (1 - stayingShare)
}

/** Renews groups and templates. O(evidence + groups). */
export function applyPlan(
  state: MinerState,
  { rows: planned, groups }: Plan,
  limits: Limits,
  built: Map<number, number>,
): LineageEvent[] {
  const rows = planned.filter(({ id }) => state.rows.has(id))
  const before = new Map([...state.rows.values()].map((row) => [row.id, row.group]))
  const old = new Map([...state.groups.values()].map((group) => [group.id, group.template]))
  const numbers = new Set(groups.map(({ number }) => number))
  const examples = countGroups(rows)
  // A pattern of which little is remembered cannot be judged anew: it stays as it is, with its prompts.
  const isSpared = (number: number): boolean =>
    number !== 0 && !numbers.has(number) && (examples.get(number) ?? 0) < minSupport
  for (const row of rows) if (!isSpared(row.group)) row.group = 0
  for (const number of old.keys()) if (!numbers.has(number) && !isSpared(number)) state.groups.delete(number)
  for (const group of groups) putGroup(state, group, built)
  for (const row of state.rows.values()) if (!state.groups.has(row.group)) row.group = 0
  const events = tellLineage(state, before, old)
  for (const number of built.keys()) if (!state.groups.has(number)) built.delete(number)
  return [...events, ...retireExcess(state, limits)]
}

function putGroup(state: MinerState, group: PlannedGroup, built: Map<number, number>): void {
  const { members, template, strangers, print } = group
  const id = group.number || state.nextId++
  const old = state.groups.get(id)
  for (const row of members) row.group = id
  if (old && stays(old, group)) {
    for (const row of strangers ?? []) row.group = 0
    built.delete(id)
    return
  }
  built.set(id, print)
  const lastSeen = (members[members.length - 1] as Row).id
  if (!old) state.groups.set(id, { id, template, version: 1, lastSeen, fits: members.length })
  else if (JSON.stringify(old.template) !== JSON.stringify(template))
    state.groups.set(id, { ...old, template, version: old.version + 1, fits: 0 })
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
