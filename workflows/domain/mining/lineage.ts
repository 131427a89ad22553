/** Gives the groups of a new clustering the numbers of the old ones, and says in words what changed. Pure. */
import type { Group } from './grouping.ts'
import { patternIdOf } from './people.ts'
import type { MinerState, Row } from './state.ts'
import type { LineageEvent, MinedTemplate } from './types.ts'
import { minSupport } from './weights.ts'

/**
 * For every group the number it inherits, or 0. The largest overlap goes first, the older number on a tie. O(prompts +
 * pairs log pairs).
 */
export function inheritNumbers(groups: Group[], rows: Row[]): number[] {
  const overlaps = groups.flatMap((group, index) =>
    [...countBefore(group, rows)].map(([number, common]) => ({ index, number, common })),
  )
  overlaps.sort((a, b) => b.common - a.common || a.number - b.number || a.index - b.index)
  const inherited = groups.map(() => 0)
  const given = new Set<number>()
  for (const { index, number } of overlaps) {
    if (inherited[index] !== 0 || given.has(number)) continue
    inherited[index] = number
    given.add(number)
  }
  return inherited
}

function countBefore(group: Group, rows: Row[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const index of group.rows) {
    const { group: number } = rows[index] as Row
    if (number !== 0) counts.set(number, (counts.get(number) ?? 0) + 1)
  }
  return counts
}

/**
 * What became of the old groups. `before` holds each row's old number, the rows hold the new ones. A split needs enough
 * prompts on both sides to be a pattern; a few that change sides are no event.
 */
export function tellLineage(
  state: MinerState,
  before: Map<number, number>,
  old: Map<number, MinedTemplate>,
): LineageEvent[] {
  const events: LineageEvent[] = []
  const moved = new Map<number, Map<number, number>>()
  for (const row of state.rows.values()) {
    const from = before.get(row.id) ?? 0
    const targets = moved.get(from) ?? new Map<number, number>()
    targets.set(row.group, (targets.get(row.group) ?? 0) + 1)
    moved.set(from, targets)
  }
  const explained = new Set<number>()
  for (const [from, template] of old) {
    const targets = [...(moved.get(from) ?? [])]
      .filter(([group, count]) => group !== from && count >= minSupport)
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    const parts = targets.filter(([group]) => group !== 0 && !old.has(group)).map(([group]) => group)
    if (state.groups.has(from)) {
      if (parts.length === 0) continue
      for (const part of parts) explained.add(part)
      const reason = `its prompts turned out to be of several templates: ${[from, ...parts].map((part) => excerpt(state.groups.get(part)?.template)).join(' and ')}`
      events.push({ kind: 'split', pattern: patternIdOf(from), into: parts.map(patternIdOf), reason })
      continue
    }
    const heir = targets.find(([group]) => group !== 0)
    if (heir)
      events.push({
        kind: 'merge',
        pattern: patternIdOf(heir[0]),
        from: patternIdOf(from),
        reason: `${heir[1]} of its prompts follow ${excerpt(state.groups.get(heir[0])?.template)}; ${excerpt(template)} was a value of a slot`,
      })
    else
      events.push({ kind: 'retired', pattern: patternIdOf(from), reason: `too few prompts share ${excerpt(template)}` })
  }
  for (const group of state.groups.values()) {
    if (old.has(group.id) || explained.has(group.id)) continue
    events.push({
      kind: 'found',
      pattern: patternIdOf(group.id),
      reason: `enough prompts share ${excerpt(group.template)}`,
    })
  }
  return events
}

/** The longest fixed text of a template, shortened, in quotation marks. */
export function excerpt(template: MinedTemplate | undefined): string {
  const fixed = [...(template?.system ?? []), ...(template?.user ?? [])].flatMap((part) =>
    'fixed' in part ? [part.fixed.trim().replace(/\s+/g, ' ')] : [],
  )
  const longest = fixed.reduce((best, text) => (text.length > best.length ? text : best), '')
  return `“${longest.length > 60 ? `${longest.slice(0, 59)}…` : longest}”`
}
