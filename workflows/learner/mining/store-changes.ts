/** Stores what a team's miner changed of its patterns: templates, lineage, merges, and what to look at again. */
import type { Database } from '../../../db/database.ts'
import {
  dropTemplates,
  mergePatterns,
  putLearned,
  requestOpeningReviews,
  requestReviews,
  retire,
  reviveOpenings,
  tellLineage,
  type LearnedPattern,
  type LineageEntry,
} from '../../../db/repositories/patterns/pattern-changes.ts'
import { lockPatterns } from '../../../db/repositories/patterns/lock-patterns.ts'
import type { LineageEvent, MinedPattern, MinedTemplate } from '../../domain/mining/types.ts'
import { toPromptTemplate } from '../../domain/mining/parts.ts'
import { toPatternTitle, toPatternType } from '../../domain/patterns/pattern.ts'
import { classifyPattern } from '../../domain/patterns/pattern-kind.ts'
import type { TeamChanges } from '../../domain/mining/team-changes.ts'

/**
 * `ids`: the stored patterns by the miner's names; answers them with the new ones. `person`: who caused it, where
 * somebody did.
 */
export async function storeChanges(
  transaction: Database,
  team: string,
  ids: Map<string, string>,
  changes: TeamChanges,
  person: string | null,
): Promise<Map<string, string>> {
  const involved = [
    ...changes.changed.map(({ id }) => id),
    ...changes.review.patterns,
    ...changes.events.flatMap(namesOf),
  ]
  await lockPatterns(
    transaction,
    involved.flatMap((name) => ids.get(name) ?? []),
  )
  const known = new Map([...ids, ...(await putLearned(transaction, team, changes.changed.map(toLearned)))])
  const retired: string[] = []
  for (const event of changes.events) {
    const patternId = known.get(event.pattern)
    if (patternId === undefined) continue
    if (event.kind === 'merge') {
      const from = known.get(event.from)
      if (from === undefined) continue
      await mergePatterns(transaction, { from, into: patternId, reason: event.reason, person })
      await dropTemplates(transaction, from)
      continue
    }
    if (event.kind === 'retired') retired.push(patternId)
    await tellLineage(transaction, toEntries(event, patternId, known, person))
  }
  await retire(transaction, retired)
  await reviveOpenings(transaction, team, changes.contradicted)
  await requestOpeningReviews(
    transaction,
    team,
    changes.review.openings.flatMap(([hash, name]) => {
      const target = known.get(name)
      return target === undefined ? [] : [{ hash, target }]
    }),
  )
  await requestReviews(
    transaction,
    changes.review.patterns.flatMap((name) => known.get(name) ?? []),
  )
  return known
}

function namesOf(event: LineageEvent): string[] {
  if (event.kind === 'merge') return [event.pattern, event.from]
  return event.kind === 'split' ? [event.pattern, ...event.into] : [event.pattern]
}

function toEntries(
  event: Exclude<LineageEvent, { kind: 'merge' }>,
  patternId: string,
  known: Map<string, string>,
  person: string | null,
): LineageEntry[] {
  const entry = { patternId, reason: event.reason, person }
  if (event.kind !== 'split') return [{ ...entry, kind: event.kind, otherId: null }]
  return event.into.flatMap((part) => {
    const otherId = known.get(part)
    return otherId === undefined ? [] : [{ ...entry, kind: 'split' as const, otherId }]
  })
}

function toLearned({ id, templates, version }: MinedPattern): LearnedPattern {
  // The form that fixes most says most of what the pattern is.
  const form = templates.reduce(
    (best, template) => (template.weight > best.weight ? template : best),
    templates[0] as MinedTemplate,
  )
  const template = toPromptTemplate(form)
  const { kind, reason } = classifyPattern(template, form.structure)
  return {
    name: id,
    type: toPatternType(template),
    title: toPatternTitle(template),
    template,
    templates,
    version,
    kind,
    kindReason: reason,
  }
}
